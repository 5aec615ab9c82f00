"""`doorpost user …`"""

import pytest


def test_add_list_show(alice):
    [user] = alice("user", "list", "--json").json
    assert set(user) == {"id", "email", "login", "name", "groups", "enabled", "created_at",
                         "bounced_at", "bounce_reason"}
    assert (user["email"], user["login"], user["name"]) == ("alice@example.org", "alice", "Älice")
    assert user["groups"] == [] and user["enabled"] is True
    assert user["created_at"].endswith("Z")
    for who in ("alice", "alice@example.org", "ALICE@EXAMPLE.ORG", user["id"]):
        assert alice("user", "show", who, "--json").json == user
    assert "Älice" in alice("user", "list").out
    assert "alice@example.org" in alice("user", "show", "alice").out


def test_an_empty_pool_says_so_beside_the_output(instance):
    result = instance("user", "list")
    assert (result.code, result.out) == (0, "") and "the pool is empty" in result.err
    assert instance("user", "list", "--json").json == []


@pytest.mark.parametrize("again", [
    ("alice@example.org",), ("ALICE@example.org",), ("b@example.org", "--login", "alice"),
])
def test_taken_is_refused_with_what_to_do(alice, again):
    result = alice("user", "add", *again)
    assert result.code == 1 and "doorpost user" in result.err
    assert len(alice("user", "list", "--json").json) == 1


def test_an_unknown_account_is_a_note(instance):
    result = instance("user", "add", "x@example.org", "--login", "no-such-account")
    assert result.code == 0 and "no account 'no-such-account'" in result.err
    result = instance("user", "add", "r@example.org", "--login", "root")
    assert result.code == 0 and result.err == ""


def test_set(alice):
    assert alice("user", "set", "alice", "--email", "b@example.org", "--no-login", "--no-name",
                 "--group", "z", "--group", "a", "--group", "z").code == 0
    [user] = alice("user", "list", "--json").json
    assert (user["email"], user["login"], user["name"], user["groups"]) == (
        "b@example.org", None, None, ["a", "z"])
    assert alice("user", "set", "b@example.org", "--no-groups").code == 0
    assert alice("user", "list", "--json").json[0]["groups"] == []
    assert alice("user", "set", "b@example.org").code == 2
    assert alice("user", "set", "b@example.org", "--login", "x", "--no-login").code == 2


def test_disable_enable_delete(alice):
    for verb, enabled in (("disable", False), ("disable", False), ("enable", True)):
        assert alice("user", verb, "alice").code == 0
        assert alice("user", "show", "alice", "--json").json["enabled"] is enabled
    assert alice("user", "delete", "alice").code == 0
    assert alice("user", "delete", "alice").code == 1
    assert alice("user", "list", "--json").json == []


@pytest.mark.parametrize("verb", ["show", "disable", "enable", "delete"])
@pytest.mark.parametrize("who", ["nobody-here", "x@example.org", "x' OR '1'='1", "%", "\x1b[31m"])
def test_nobody_of_that_name(alice, verb, who):
    result = alice("user", verb, who)
    assert result.code == 1 and "nobody in the pool" in result.err
    assert "\x1b" not in result.err
    assert len(alice("user", "list", "--json").json) == 1


HOSTILE = [
    "a@x,b@y", "a@x b@y", "a@x;b@y", "a@x\nBcc: b@y", "a@x\r\n", "a@x\0b"[:3], "\"a b\"@x", "a(c)@x",
    "=?utf-8?q?a?=@x y", "<a@b>c@d", "a@[127.0.0.1]", "a@1.2.3.4", "maıl@example.org",
    "ſ@example.org", "a@gmaıl.example", "a@exa\u202emple.org", "a@b\u2028", "a@b\x7f", "a" * 65 + "@b.c",
    "a@" + "b." * 130 + "c", ".a@b.c", "a..b@c.d", "a@b..c", "a@-b.c", "a@b", "@", "a@", "@b", "",
    "a" * 10_000, "'; DROP TABLE users; --@x", "\x1b]0;x\x07@y",
]


@pytest.mark.parametrize("address", [a for a in HOSTILE if a not in ("a@b", "a@x")])
def test_hostile_addresses(alice, address):
    for words in (("user", "add", address), ("user", "set", "alice", "--email", address),
                  ("mail", "test", address)):
        result = alice(*words)
        assert result.code == 2, result
        assert "\x1b" not in result.err and len(result.err) < 1500
    assert [u["email"] for u in alice("user", "list", "--json").json] == ["alice@example.org"]
    assert list((alice.path / "outbox").iterdir()) == []


@pytest.mark.parametrize("words", [
    ("--login", "a b"), ("--login=-x",), ("--login", "../x"), ("--login", "x" * 33), ("--login", ""),
    ("--name", "a\nb"), ("--name", "a\x1bb"), ("--name", "\u202ea"), ("--name", "x" * 101),
    ("--name", ""), ("--group", "a,b"), ("--group", ""), ("--group", "x" * 65),
])
def test_hostile_values(instance, words):
    result = instance("user", "add", "x@example.org", *words)
    assert result.code == 2, result
    assert instance("user", "list", "--json").json == []


def test_bytes_that_are_no_text(instance):
    result = instance("user", "add", b"\xff\xfe@example.org")
    assert result.code == 2
    assert instance("user", "list", "--json").json == []
