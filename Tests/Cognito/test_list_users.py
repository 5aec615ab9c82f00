"""ListUsers: filters, pages, and what is no filter and no page's token."""

import pytest

from aws import refusal

POOL = "local_Main"
WRONG = "InvalidParameterException"
NAMES = ["anna", "anne", "bert", "an_x", "an%x"]


@pytest.fixture(scope="module")
def people(server, backend):
    """Besides those of the server: sub by local part."""
    found = {}
    for name in NAMES:
        more = [{"Name": "name", "Value": "Same" if name.startswith("an") else 'B "é" \\'}]
        found[name] = backend.admin_create_user(
            UserPoolId=POOL, Username=f"{name}@example.net",
            UserAttributes=more)["User"]["Username"]
    server.run("user", "set", "anna@example.net", "--login", "anna.l")
    backend.admin_disable_user(UserPoolId=POOL, Username="bert@example.net")
    return found


@pytest.fixture
def listed(backend, people):
    def call(text=None, **more):
        more = {"Filter": text, **more} if text is not None else more
        answer = backend.list_users(UserPoolId=POOL, **more)
        emails = [a["Value"] for u in answer["Users"] for a in u["Attributes"]
                  if a["Name"] == "email"]
        return [e.split("@")[0] for e in emails], answer.get("PaginationToken")
    return call


def test_everybody_in_pages(listed):
    everybody, end = listed()
    assert end is None and len(everybody) == 45
    assert everybody == sorted(everybody, key=lambda name: name + "@")
    for size in (1, 7, 44, 45, 60):
        found, token = listed(Limit=size)
        assert len(found) == min(size, 45)
        while token:
            page, token = listed(Limit=size, PaginationToken=token)
            assert page
            found += page
        assert found == everybody
    assert listed(Limit=0)[0] == everybody


@pytest.mark.parametrize("text,found", [
    ('email = "anna@example.net"', ["anna"]), ('email="ANNA@example.net"', ["anna"]),
    ('"email" = "anna@example.net"', ["anna"]), (' email  =  "anna@example.net" ', ["anna"]),
    ('email = "ann"', []), ('email ^= "ann"', ["anna", "anne"]), ('email ^= "AN_"', ["an_x"]),
    ('email ^= "an%"', ["an%x"]), ('email ^= "\'; --"', []),
    ('name = "Same"', NAMES[:2] + NAMES[3:]), ('name = "same"', []), ('name ^= "Sa"', NAMES[:2] + NAMES[3:]),
    ('name = "B \\"é\\" \\\\"', ["bert"]),
    ('preferred_username = "anna.l"', ["anna"]), ('preferred_username ^= "anna"', ["anna"]),
    ('status = "Disabled"', ["bert"]), ('status ^= "Dis"', ["bert"]), ('status = "x"', []),
    ('cognito:user_status = "UNCONFIRMED"', []), ('family_name = "x"', []),
    ('phone_number ^= "+"', []),
])
def test_filters(listed, text, found):
    assert sorted(listed(text)[0]) == sorted(found)


def test_filters_by_id_and_state(listed, people):
    assert listed(f'sub = "{people["anne"]}"')[0] == ["anne"]
    assert listed(f'username ^= "{people["anne"][:20]}"')[0] == ["anne"]
    assert len(listed('cognito:user_status = "CONFIRMED"')[0]) == 45
    assert len(listed('status = "Enabled"')[0]) == 44
    assert len(listed('status ^= ""')[0]) == 45


def test_users_of_one_name_are_paged(listed):
    found, token = listed('name ^= "S"', Limit=1)
    while token:
        page, token = listed('name ^= "S"', Limit=1, PaginationToken=token)
        found += page
    assert len(found) == 4 and sorted(found) == sorted(NAMES[:2] + NAMES[3:])


@pytest.mark.parametrize("text", [
    "x", "email", "email =", "email = x", 'email = "x', 'email = "x" y', 'email ~= "x"', '= "x"',
    'email = "x\\"', 'email == "x"', '"email = "x"', 'email = "a" AND name = "b"', '""', " "])
def test_what_is_no_filter(listed, text):
    assert refusal(lambda: listed(text)) == (WRONG, "Error while parsing the filter.")


def test_what_cannot_be_searched(listed):
    for name in ("custom:x", "address", "Email", "password"):
        assert refusal(lambda: listed(f'{name} = "x"')) == (
            WRONG, f"Invalid search attribute: {name}")


def test_attributes_to_get(backend, people):
    def names(*wanted):
        answer = backend.list_users(UserPoolId=POOL, Filter='email = "anna@example.net"',
                                    AttributesToGet=list(wanted))
        return [a["Name"] for a in answer["Users"][0]["Attributes"]]

    assert names("email", "sub") == ["sub", "email"]
    assert names("nickname") == []
    for name in ("custom:x", "Email"):
        assert refusal(lambda: names(name)) == (
            WRONG, "One or more requested attributes do not exist.")


def test_tokens_are_checked(backend, listed, people):
    _, token = listed(Limit=1)
    changed = ("A" if token[5] != "A" else "B").join((token[:5], token[6:]))
    for wrong in ("x", token + "x", token[:-1], changed, "é", token.lower()):
        assert refusal(lambda: listed(Limit=1, PaginationToken=wrong)) == (
            WRONG, "Invalid pagination token."), wrong
    # Of another list.
    assert refusal(lambda: listed('email ^= "a"', PaginationToken=token))[0] == WRONG
    assert refusal(lambda: backend.list_groups(UserPoolId=POOL, NextToken=token))[0] == WRONG
    assert "example" not in token


def test_the_paginator_of_boto3(backend, people):
    pages = list(backend.get_paginator("list_users").paginate(UserPoolId=POOL, Limit=20))
    assert [len(page["Users"]) for page in pages] == [20, 20, 5]
