"""Groups: made, filled, listed, in tokens, and gone."""

import threading
import uuid

import jwt
import pytest

from aws import refusal

POOL = "local_Main"
NO_GROUP = ("ResourceNotFoundException", "Group not found.")


@pytest.fixture
def group(backend):
    name = "g" + uuid.uuid4().hex
    backend.create_group(UserPoolId=POOL, GroupName=name, Description="Those é", Precedence=0)
    return name


def join(backend, user, *groups):
    for name in groups:
        backend.admin_add_user_to_group(UserPoolId=POOL, Username=user, GroupName=name)


def groups_of(backend, user, **more):
    answer = backend.admin_list_groups_for_user(UserPoolId=POOL, Username=user, **more)
    return [g["GroupName"] for g in answer["Groups"]], answer.get("NextToken")


def members(backend, name, **more):
    answer = backend.list_users_in_group(UserPoolId=POOL, GroupName=name, **more)
    return [u["Username"] for u in answer["Users"]], answer.get("NextToken")


def test_made_and_gone(backend, server, group):
    found = backend.get_group(UserPoolId=POOL, GroupName=group)["Group"]
    assert found.pop("CreationDate") == found.pop("LastModifiedDate")
    assert found == {"GroupName": group, "UserPoolId": POOL, "Description": "Those é",
                     "Precedence": 0}
    assert refusal(lambda: backend.create_group(UserPoolId=POOL, GroupName=group)) == (
        "GroupExistsException", "A group with the name already exists.")
    backend.delete_group(UserPoolId=POOL, GroupName=group)
    for call in (backend.get_group, backend.delete_group, backend.list_users_in_group):
        assert refusal(lambda: call(UserPoolId=POOL, GroupName=group)) == NO_GROUP
    told = [(e["kind"], e["detail"]) for e in server.audit() if group in e["detail"]]
    assert told == [(kind, f"{group}, by key {backend.key}")
                    for kind in ("group_added", "group_removed")]


def test_in_tokens(backend, pool, server, user, group):
    def claims():
        tokens = pool.sign_in(user)
        return [jwt.decode(tokens[kind], options={"verify_signature": False})
                for kind in ("IdToken", "AccessToken")]

    assert all(group not in c.get("cognito:groups", []) for c in claims())
    for _ in range(2):  # the second one finds it done
        join(backend, user, group)
    told = claims()
    assert all(c["cognito:groups"] == [group] for c in told)
    assert groups_of(backend, user) == ([group], None)
    assert members(backend, group) == ([told[0]["sub"]], None)
    assert server.json("user", "show", user)["groups"] == [group]
    for _ in range(2):
        backend.admin_remove_user_from_group(UserPoolId=POOL, Username=user, GroupName=group)
    assert groups_of(backend, user)[0] == members(backend, group)[0] == []
    assert all(group not in c.get("cognito:groups", []) for c in claims())
    changes = [e["detail"] for e in server.audit() if e["kind"] == "user_changed"
               and group in e["detail"]]
    assert changes == [f"put into group {group}, by key {backend.key}",
                       f"taken out of group {group}, by key {backend.key}"]


def test_who_was_in_a_group_that_goes(backend, server, user, group):
    other = group + "-2"
    backend.create_group(UserPoolId=POOL, GroupName=other)
    join(backend, user, group, other)
    backend.delete_group(UserPoolId=POOL, GroupName=group)
    assert groups_of(backend, user)[0] == server.json("user", "show", user)["groups"] == [other]
    backend.create_group(UserPoolId=POOL, GroupName=group)
    assert members(backend, group)[0] == []


def test_the_command_knows_the_same_groups(backend, server, user):
    name = "cli-" + uuid.uuid4().hex
    server.run("user", "set", user, "--group", name)
    sub = server.json("user", "show", user)["id"]
    assert backend.get_group(UserPoolId=POOL, GroupName=name)["Group"]["GroupName"] == name
    assert members(backend, name)[0] == [sub]
    server.run("user", "set", user, "--no-groups")
    assert members(backend, name)[0] == []
    server.run("user", "set", user, "--group", name)
    server.run("user", "delete", user)
    assert members(backend, name)[0] == []


def test_without_a_group_or_a_user(backend, user, group):
    for call in (backend.admin_add_user_to_group, backend.admin_remove_user_from_group):
        for name in ("nothing", "a,b", "a" * 128):
            assert refusal(
                lambda: call(UserPoolId=POOL, Username=user, GroupName=name)) == NO_GROUP
        assert refusal(lambda: call(UserPoolId=POOL, Username="nobody", GroupName=group))[0] == (
            "UserNotFoundException")


def test_what_a_group_cannot_be(backend):
    def create(**more):
        return refusal(lambda: backend.create_group(
            UserPoolId=more.pop("pool", POOL), **{"GroupName": "x" + uuid.uuid4().hex, **more}))

    for name in ("a,b", "a/b", "é", "a" * 65, '"'):
        assert create(GroupName=name)[0] == "InvalidParameterException"
    assert create(RoleArn="arn:aws:iam::123456789012:role/x") == (
        "InvalidParameterException", "There are no IAM roles here.")
    assert create(pool="local_Other")[0] == "ResourceNotFoundException"


def test_lists_in_pages(backend, server):
    prefix = "p" + uuid.uuid4().hex
    names = [f"{prefix}-{n}" for n in range(5)]
    people = []
    for n, name in enumerate(names):
        backend.create_group(UserPoolId=POOL, GroupName=name)
        user = backend.admin_create_user(UserPoolId=POOL, Username=f"{name}@example.org")["User"]
        people.append(user["Username"])
        join(backend, user["Username"], names[0])
    join(backend, people[0], *names)

    def walk(page):
        found, token = page(Limit=2)
        while token:
            more, token = page(Limit=2, NextToken=token)
            assert more
            found += more
        return found

    def listed(**more):
        answer = backend.list_groups(UserPoolId=POOL, **more)
        return [g["GroupName"] for g in answer["Groups"]], answer.get("NextToken")

    every = walk(listed)
    assert every == sorted(every) and [n for n in every if n.startswith(prefix)] == names
    assert walk(lambda **more: groups_of(backend, people[0], **more)) == names
    assert walk(lambda **more: members(backend, names[0], **more)) == sorted(people)


def test_joins_at_once_are_all_kept(backend, user):
    names = ["j" + uuid.uuid4().hex for _ in range(8)]
    for name in names:
        backend.create_group(UserPoolId=POOL, GroupName=name)
    threads = [threading.Thread(target=join, args=(backend, user, name)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert groups_of(backend, user)[0] == sorted(names)
