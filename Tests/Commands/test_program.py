"""Exit codes, help, and what holds for every command."""

import os
import pathlib
import subprocess

import pytest
from conftest import BINARY, doorpost

HERE = pathlib.Path(__file__).parent
COMMANDS = [
    ("user", "list"), ("user", "show", "x"), ("session", "list"), ("session", "revoke", "x"),
    ("key", "list"), ("key", "rotate"), ("key", "init"), ("mail", "queue"),
    ("mail", "test", "a@example.org"), ("audit",), ("config", "check"), ("config", "show"),
    ("store", "migrate"), ("store", "copy", "sqlite:/nowhere/x", "sqlite:/nowhere/y"),
    ("user", "add", "a@example.org"), ("user", "delete", "x"),
    ("token", "verify", "a.b.c"), ("trigger", "list"), ("trigger", "test", "pre_sign_up"),
    ("backup", "/nowhere/x"), ("restore", "/nowhere/x"),
    ("host", "add", "x"), ("host", "list"), ("host", "revoke", "x"),
]


def test_help_of_the_root():
    result = doorpost("--help", env={"COLUMNS": "80"})
    assert result.code == 0 and result.err == ""
    assert result.out == (HERE / "help.txt").read_text()


@pytest.mark.parametrize("words", COMMANDS + [("init",), ("doctor",), ("mail", "bounce")])
def test_every_command_teaches(words):
    arguments = ("x", "a@example.org", "a.b.c", "pre_sign_up")
    verbs = [w for w in words if w not in arguments and "/nowhere/" not in w]
    result = doorpost(*verbs, "--help")
    assert result.code == 0 and "Example" in result.out
    if words != ("init",):
        assert "--config" in result.out


def test_version():
    assert doorpost("--version").out.strip() == "0.1.0"


@pytest.mark.parametrize("words", [
    (), ("nope",), ("user",), ("user", "add"), ("user", "list", "--nope"), ("user", "show", "a", "b"),
    ("session", "revoke"), ("session", "revoke", "x", "--user", "y"), ("audit", "--limit", "x"),
    ("audit", "--since", "yesterday"), ("token", "verify"), ("\x1b[31m",),
])
def test_wrong_usage_is_2(instance, words):
    result = instance(*words) if words[:1] in (("audit",), ("token",)) else doorpost(*words)
    if words in ((), ("user",)):
        assert result.code in (0, 2)
        return
    assert result.code == 2, result
    assert result.out == "" and result.err and "\x1b" not in result.err


@pytest.mark.parametrize("words", COMMANDS)
def test_no_configuration_is_78(words):
    result = doorpost(*words, "--config", "/nonexistent/doorpost.yaml")
    assert result.code == 78, result
    assert result.out == "" and "/nonexistent/doorpost.yaml" in result.err


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("mode", [0o666, 0o620])
def test_a_configuration_that_others_can_change_is_78(instance, words, mode):
    instance.config.chmod(mode)
    result = instance(*words)
    assert result.code == 78 and "chmod go-w" in result.err, result


def test_all_mistakes_at_once(instance):
    instance.edit("signup: closed", "signup: closed\nlenght: 8\ncode: { lenght: 8, attempts: 9 }")
    result = instance("config", "check")
    assert result.code == 78
    assert "unknown key 'lenght'" in result.err
    assert "did you mean 'length'?" in result.err
    assert "code.attempts: '9' must be 1 to 5" in result.err


def test_a_full_disk_is_74(alice):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([BINARY, "user", "list", "--config", str(alice.config)], stdout=full)
    assert done.returncode == 74


def test_a_store_that_is_none_is_74(alice):
    (alice.path / "doorpost.db").write_bytes(b"not a database at all" * 100)
    for suffix in ("-wal", "-shm"):
        pathlib.Path(f"{alice.path}/doorpost.db{suffix}").unlink(missing_ok=True)
    result = alice("user", "list")
    assert result.code == 74, result


def test_a_relay_that_is_down_is_69(instance):
    instance.edit("transport: outbox:outbox", "transport: smtp://127.0.0.1:1")
    result = instance("mail", "test", "a@example.org")
    assert result.code == 69 and "unreachable" in result.err


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_password_that_others_can_read_is_78(instance, mode):
    password = instance.path / "password"
    password.write_text("hunter2\n")
    password.chmod(mode)
    instance.edit(
        "transport: outbox:outbox",
        "transport: smtps://127.0.0.1:1\n  username: u\n  password_file: password")
    result = instance("mail", "test", "a@example.org")
    assert result.code == 78 and "chmod go-rwx" in result.err
    password.chmod(0o600)
    assert instance("mail", "test", "a@example.org").code == 69


def test_secrets_are_never_printed(alice):
    (alice.path / "password").write_text("hunter2\n")
    (alice.path / "password").chmod(0o600)
    alice.edit(
        "transport: outbox:outbox",
        "transport: smtps://127.0.0.1:1\n  username: u\n  password_file: password")
    secret = (alice.path / "keys/secret.key").read_text().strip()
    for words in COMMANDS + [("config", "show", "--json"), ("doctor",), ("doctor", "--json")]:
        result = alice(*words)
        for text in (secret, "hunter2", "PRIVATE KEY"):
            assert text not in result.out + result.err
