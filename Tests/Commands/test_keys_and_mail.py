"""Keys, tokens, mail, audit, doctor, store."""

import os
import pathlib
import select
import signal
import subprocess

import pytest
from conftest import BINARY


def test_rotate(instance):
    first = instance("key", "list", "--json").json[0]
    assert set(first) == {"id", "algorithm", "state", "created_at", "signs_from", "retires_at"}
    assert instance("key", "rotate").code == 0
    assert [key["state"] for key in instance("key", "list", "--json").json] == ["signing", "next"]
    result = instance("key", "rotate")
    assert result.code == 0 and "nothing was changed" in result.out
    now = instance("key", "rotate", "--now", "--json").json
    assert now["state"] == "signing"
    states = {key["id"]: key["state"] for key in instance("key", "list", "--json").json}
    # What was signed with the others is refused, so they are of no more use to anybody but thieves.
    assert states == {now["id"]: "signing"} and first["id"] != now["id"]


def test_key_init_makes_what_is_missing_only(instance):
    keys = instance.path / "keys"
    result = instance("key", "init")
    assert result.code == 1 and "left as they are" in result.err
    (keys / "secret.key").unlink()
    result = instance("key", "init")
    assert result.code == 0 and "the secret" in result.out and "signing key" not in result.out
    for path in keys.iterdir():
        path.unlink()
    keys.rmdir()
    assert instance("key", "list").code == 78
    assert instance("key", "init").code == 0
    assert oct(keys.stat().st_mode & 0o7777) == "0o700"
    assert oct((keys / "secret.key").stat().st_mode & 0o7777) == "0o600"


def test_no_key_is_made_by_looking(instance):
    for path in (instance.path / "keys").iterdir():
        path.unlink()
    for words in (("key", "list"), ("doctor",), ("user", "list"), ("token", "verify", "a.b.c")):
        instance(*words)
    assert list((instance.path / "keys").iterdir()) == []


def test_mail_test_shows_the_answer(instance):
    result = instance("mail", "test", "you@example.org")
    assert result.code == 0 and "took the mail" in result.out
    [mail] = (instance.path / "outbox").iterdir()
    assert b"you@example.org" in mail.read_bytes()


@pytest.mark.parametrize("words,empty", [
    (("mail", "queue"), "nothing is waiting"), (("session", "list"), "nobody is signed in"),
])
def test_empty_lists(instance, words, empty):
    result = instance(*words)
    assert (result.code, result.out) == (0, "") and empty in result.err
    assert instance(*words, "--json").json == []


def test_sessions_that_are_not_there(alice):
    assert alice("session", "revoke", "0" * 32).code == 1
    result = alice("session", "revoke", "--user", "alice")
    assert result.code == 0 and "revoked 0 sessions" in result.out
    assert alice("session", "list", "nobody-here").code == 1


@pytest.mark.parametrize("token", ["a.b.c", "eyJhbGciOiJub25lIn0.e30.", "-", "/etc/passwd"])
def test_no_token(instance, token):
    result = instance("token", "verify", token, stdin=b"x" * 100_000)
    assert result.code == 1 and "not valid" in result.err and result.out == ""


def test_token_from_nowhere(instance):
    assert instance("token", "verify", "/nonexistent/x.jwt").code == 1
    assert instance("token", "verify").code == 2
    result = instance("token", "verify", env={"DOORPOST_SESSION_FILE": "/nonexistent/y"})
    assert result.code == 1 and "/nonexistent/y" in result.err


def test_audit(alice):
    assert alice("user", "disable", "alice").code == 0
    added, changed = alice("audit", "--json").json
    assert set(added) == {"sequence", "at", "kind", "user_id", "email", "door", "service", "host",
                          "source", "detail"}
    assert (added["kind"], changed["kind"]) == ("user_added", "user_changed")
    assert added["door"] == "admin" and "by " in added["detail"]
    assert len(alice("audit", "--user", "alice", "--since", "1h", "--json").json) == 2
    assert alice("audit", "--since", "2999-01-01", "--json").json == []
    assert len(alice("audit", "--limit", "1", "--json").json) == 1
    assert "user_changed" in alice("audit").out


def test_audit_follow_shows_what_comes(alice):
    follower = subprocess.Popen(
        [BINARY, "audit", "--follow", "--json", "--config", str(alice.config)],
        stdout=subprocess.PIPE)
    try:
        assert b"user_added" in line_of(follower)
        alice("user", "disable", "alice")
        assert b"disabled" in line_of(follower)
    finally:
        follower.send_signal(signal.SIGTERM)
        follower.communicate(timeout=10)


def line_of(process):
    ready, _, _ = select.select([process.stdout], [], [], 20)
    assert ready
    return process.stdout.readline()


def test_doctor(alice):
    findings = alice("doctor", "--json").json
    assert all(set(f) == {"name", "state", "what", "remedy"} for f in findings)
    ours = [f for f in findings if f["name"] in ("configuration", "files", "store", "keys", "clock")]
    assert {f["state"] for f in ours} == {"ok"}, ours


@pytest.mark.parametrize("path,mode,said", [
    ("keys/secret.key", 0o644, "can be read by others"), ("keys", 0o777, "can be changed by others"),
    ("doorpost.db", 0o644, "can be read by others"), ("sessions", 0o777, "can be changed by others"),
])
def test_doctor_sees_loose_permissions(alice, path, mode, said):
    (alice.path / path).chmod(mode)
    result = alice("doctor", "--json")
    assert result.code == 1
    assert any(f["state"] == "problem" and said in f["what"] for f in result.json), result


def test_doctor_sees_what_is_down(alice):
    alice.edit("transport: outbox:outbox", "transport: smtp://127.0.0.1:1")
    alice.edit("signup: closed", "signup: closed\ncode: { length: 6 }")
    findings = alice("doctor", "--json").json
    assert any(f["name"] == "mail" and f["state"] == "problem" for f in findings)
    assert any(f["name"] == "code" and f["state"] == "warning" for f in findings)


def test_migrate(alice):
    result = alice("store", "migrate")
    assert result.code == 0 and "up to date" in result.out
