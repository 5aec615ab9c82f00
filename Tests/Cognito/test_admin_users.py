"""Users as an administrator's program makes, finds, changes and ends them."""

import datetime
import threading
import uuid

import pytest

from aws import Pool, refusal

POOL = "local_Main"
NOBODY = ("UserNotFoundException", "User does not exist.")
TAKEN = "An account with the given email already exists."


@pytest.fixture
def address():
    return f"{uuid.uuid4().hex}@example.org"


@pytest.fixture
def made(backend, address):
    """A user that the test has to itself."""
    return backend.admin_create_user(
        UserPoolId=POOL, Username=address, MessageAction="SUPPRESS", UserAttributes=[
            {"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"},
            {"Name": "name", "Value": "Ada"}])["User"]


def attributes(user):
    return {a["Name"]: a["Value"] for a in user.get("Attributes", user.get("UserAttributes"))}


def records(server, user):
    return [e for e in server.audit() if e["user_id"] == user]


def test_a_user_is_made_and_signs_in(server, backend, pool, made, address):
    assert made["Username"] == attributes(made)["sub"] == str(uuid.UUID(made["Username"]))
    assert (made["UserStatus"], made["Enabled"]) == ("CONFIRMED", True)
    assert attributes(made) == {"sub": made["Username"], "email": address, "name": "Ada",
                                "email_verified": "true"}
    age = datetime.datetime.now(datetime.timezone.utc) - made["UserCreateDate"]
    assert datetime.timedelta(0) <= age < datetime.timedelta(minutes=1)
    assert made["UserLastModifiedDate"] == made["UserCreateDate"]
    assert not server.mails(address)
    assert pool.sign_in(address)["AccessToken"]
    [event] = [e for e in records(server, made["Username"]) if e["kind"] == "user_added"]
    assert (event["door"], event["service"]) == ("admin", "cognito")
    assert event["detail"] == f"{address}, by key {backend.key}"


def test_by_every_name_it_is_the_same_user(backend, server, made, address):
    for name in (address, address.upper(), made["Username"]):
        found = backend.admin_get_user(UserPoolId=POOL, Username=name)
        assert found["Username"] == made["Username"]
        assert attributes(found) == attributes(made)
    login = "l" + address[:8]
    server.run("user", "set", address, "--login", login)
    found = backend.admin_get_user(UserPoolId=POOL, Username=login)
    assert attributes(found)["preferred_username"] == login
    assert found["UserLastModifiedDate"] > found["UserCreateDate"]


@pytest.mark.parametrize("operation,more", [
    ("admin_get_user", {}), ("admin_disable_user", {}), ("admin_enable_user", {}),
    ("admin_delete_user", {}), ("admin_confirm_sign_up", {}),
    ("admin_user_global_sign_out", {}), ("admin_list_user_auth_events", {}),
    ("admin_list_groups_for_user", {}), ("admin_add_user_to_group", {"GroupName": "g"}),
    ("admin_remove_user_from_group", {"GroupName": "g"}),
    ("admin_update_user_attributes", {"UserAttributes": []}),
    ("admin_create_user", {"MessageAction": "RESEND"})])
def test_nobody_and_another_pool(backend, operation, more):
    call = getattr(backend, operation)
    for name in ("nobody@example.org", "nobody", "no body@", str(uuid.uuid4()), "@"):
        if " " not in name:
            assert refusal(lambda: call(UserPoolId=POOL, Username=name, **more)) == NOBODY
    assert refusal(lambda: call(UserPoolId="local_Other", Username="nobody", **more)) == (
        "ResourceNotFoundException", "User pool local_Other does not exist.")


def test_what_cannot_be_made(backend, made, address):
    def create(name, **more):
        return refusal(lambda: backend.admin_create_user(UserPoolId=POOL, Username=name, **more))

    for name in (address, address.upper()):
        assert create(name) == ("UsernameExistsException", TAKEN)
    for name in ("ada", "+441234567890", made["Username"], "a@b@c", '"a"@example.org'):
        assert create(name) == ("InvalidParameterException", "Username should be an email.")
    new = "x" + address
    for attribute in ({"Name": "email", "Value": address}, {"Name": "custom:login", "Value": "root"},
                      {"Name": "preferred_username", "Value": "root"},
                      {"Name": "email_verified", "Value": "false"}, {"Name": "sub", "Value": "x"},
                      {"Name": "name", "Value": "a\x07"}, {"Name": "phone_number", "Value": "+1"}):
        assert create(new, UserAttributes=[attribute])[0] in (
            "InvalidParameterException", "NotAuthorizedException"), attribute
    assert refusal(lambda: backend.admin_get_user(UserPoolId=POOL, Username=new)) == NOBODY
    assert create(address, MessageAction="RESEND") == (
        "UnsupportedUserStateException",
        f"Resend not possible. {made['Username']} status is not FORCE_CHANGE_PASSWORD")


def test_a_temporary_password_is_no_way_in(backend, server, address):
    made = backend.admin_create_user(
        UserPoolId=POOL, Username=address, TemporaryPassword="Tr0ub4dor&3",
        ForceAliasCreation=True, DesiredDeliveryMediums=["EMAIL"])["User"]
    assert made["UserStatus"] == "CONFIRMED"
    assert not server.mails(address)
    assert "Tr0ub4dor" not in str(records(server, made["Username"]))


def test_two_at_once_make_one(backend, address):
    answers = []

    def create():
        try:
            answers.append(backend.admin_create_user(UserPoolId=POOL, Username=address)["User"])
        except backend.exceptions.UsernameExistsException:
            answers.append(None)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8 and len([a for a in answers if a]) == 1


def update(backend, user, *pairs):
    return backend.admin_update_user_attributes(
        UserPoolId=POOL, Username=user,
        UserAttributes=[{"Name": name, "Value": value} for name, value in pairs])


def test_attributes_change(backend, server, made, address):
    def found():
        return attributes(backend.admin_get_user(UserPoolId=POOL, Username=made["Username"]))

    update(backend, address, ("name", "Ada Lovelace"))
    assert found()["name"] == "Ada Lovelace"
    update(backend, address, ("name", ""))
    assert "name" not in found()
    update(backend, address, ("email", "n" + address), ("email_verified", "true"))
    assert found()["email"] == "n" + address
    details = [e["detail"] for e in records(server, made["Username"])
               if e["kind"] == "user_changed"]
    assert details == [f"{what}, by key {backend.key}"
                       for what in ("set name", "set name", "set email")]
    other = backend.admin_create_user(UserPoolId=POOL, Username=address)["User"]
    assert refusal(lambda: update(backend, other["Username"], ("email", "N" + address))) == (
        "AliasExistsException", TAKEN)
    for pair in (("email", "x"), ("email", ""), ("sub", "x"), ("email_verified", "false"),
                 ("preferred_username", "root"), ("custom:login", "root")):
        assert refusal(lambda: update(backend, address, pair))[0] in (
            "InvalidParameterException", "NotAuthorizedException"), pair


def test_a_new_address_ends_sessions_and_codes(backend, server, pool, made, address):
    token = pool.sign_in(address)["RefreshToken"]
    session = pool.initiate(address)["Session"]
    code = server.code(address, 1)
    update(backend, address, ("email", "n" + address))
    assert refusal(lambda: pool.refresh(token))[0] == "NotAuthorizedException"
    assert refusal(lambda: pool.answer(address, session, code))[0] == "NotAuthorizedException"


def test_the_address_of_a_linux_login_is_not_a_keys_to_change(backend, server, made, address):
    server.run("user", "set", address, "--login", "m" + address[:8])
    assert refusal(lambda: update(backend, address, ("email", "n" + address), ("name", "x"))) == (
        "NotAuthorizedException",
        "The user has a Linux login, so the address is changed on the machine alone.")
    update(backend, address, ("email", address.upper()), ("name", "Ada II"))
    found = attributes(backend.admin_get_user(UserPoolId=POOL, Username=made["Username"]))
    assert (found["email"], found["name"]) == (address, "Ada II")


def test_disabling_ends_sessions(backend, server, pool, made, address):
    token = pool.sign_in(address)["RefreshToken"]
    for _ in range(2):  # the second one finds it done
        backend.admin_disable_user(UserPoolId=POOL, Username=address)
    assert backend.admin_get_user(UserPoolId=POOL, Username=address)["Enabled"] is False
    assert refusal(lambda: pool.refresh(token))[0] == "NotAuthorizedException"
    before = len(server.mails(address))
    pool.initiate(address)  # as a stranger
    backend.admin_enable_user(UserPoolId=POOL, Username=address)
    assert len(server.mails(address)) == before
    assert refusal(lambda: pool.refresh(token))[0] == "NotAuthorizedException"
    assert pool.sign_in(address)
    details = [e["detail"] for e in records(server, made["Username"])
               if e["kind"] == "user_changed"]
    assert details == [f"disabled, by key {backend.key}", f"enabled, by key {backend.key}"]


def test_deleting(backend, server, pool, made, address):
    token = pool.sign_in(address)["RefreshToken"]
    backend.admin_delete_user(UserPoolId=POOL, Username=made["Username"])
    assert refusal(lambda: pool.refresh(token))[0] == "NotAuthorizedException"
    assert refusal(lambda: backend.admin_delete_user(
        UserPoolId=POOL, Username=made["Username"])) == NOBODY
    [event] = [e for e in records(server, made["Username"]) if e["kind"] == "user_deleted"]
    assert event["detail"] == f"{address}, by key {backend.key}"


def test_signing_out_everywhere(backend, pool, made, address):
    tokens = [pool.sign_in(address)["RefreshToken"] for _ in range(2)]
    backend.admin_user_global_sign_out(UserPoolId=POOL, Username=address)
    for token in tokens:
        assert refusal(lambda: pool.refresh(token))[0] == "NotAuthorizedException"
    assert pool.sign_in(address)


def test_whoever_is_a_user_is_confirmed(backend, made, address):
    assert refusal(lambda: backend.admin_confirm_sign_up(UserPoolId=POOL, Username=address)) == (
        "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")


def test_what_was_tried(backend, server, pool, made, address):
    session = pool.initiate(address)["Session"]
    session = pool.answer(address, session, "000000" if server.code(address) != "000000"
                          else "111111")["Session"]
    pool.answer(address, session, server.code(address))
    backend.admin_disable_user(UserPoolId=POOL, Username=address)

    def events(**more):
        return backend.admin_list_user_auth_events(UserPoolId=POOL, Username=address, **more)

    told = events()
    assert "NextToken" not in told
    assert [(e["EventType"], e["EventResponse"]) for e in told["AuthEvents"]] == [
        ("SignIn", "Pass"), ("SignIn", "Fail"), ("SignIn", "InProgress")]
    assert all(e["EventContextData"]["IpAddress"] == "127.0.0.1" for e in told["AuthEvents"])
    found, token = [], {}
    while token is not None:
        page = events(MaxResults=1, **token)
        assert len(page["AuthEvents"]) == 1
        found += page["AuthEvents"]
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else None
    assert found == told["AuthEvents"]
