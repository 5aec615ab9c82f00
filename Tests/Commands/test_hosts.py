"""`doorpost host`: machines that ask this Doorpost."""

import json
import re
import sqlite3
import time

import pytest

KEY = re.compile(r"dph_[0-9a-z]{12}_[0-9a-z]{50}")


def test_a_host_is_added_listed_and_revoked(instance):
    added = instance("host", "add", "db1", "--json")
    assert added.code == 0 and added.err == "" and set(added.json) == {"host", "key"}, added
    assert added.json["host"] == "db1" and KEY.fullmatch(added.json["key"])
    [host] = instance("host", "list", "--json").json
    assert set(host) == {"host", "id", "created_at", "revoked_at"}
    assert host["host"] == "db1" and host["revoked_at"] is None
    assert added.json["key"].startswith(f"dph_{host['id']}_")
    listed = instance("host", "list").out.splitlines()
    assert [line.split()[0] for line in listed] == ["HOST", "db1"] and listed[1].endswith("-")
    revoked = instance("host", "revoke", "db1")
    assert revoked.code == 0 and revoked.out == "revoked db1: its credential, and the sessions on it\n"
    [host] = instance("host", "list", "--json").json
    assert host["revoked_at"] >= host["created_at"]


def test_the_text_says_what_to_do_with_the_key(instance):
    added = instance("host", "add", "db1.example.org")
    name, key = added.out.splitlines()
    assert name == "host: db1.example.org"
    assert key.startswith("key: ") and KEY.fullmatch(key[5:])
    for part in ("shown this once", "root:doorpost", "0640", "server: http://127.0.0.1:8425",
                 "host_key: /etc/doorpost/host.key"):
        assert part in added.err
    assert not KEY.search(added.err)


def test_the_key_is_kept_nowhere(instance):
    secret = instance("host", "add", "db1", "--json").json["key"].rpartition("_")[2]
    for words in (("host", "list"), ("host", "list", "--json"), ("audit",), ("audit", "--json")):
        assert secret not in instance(*words).out
    for file in instance.path.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file


def test_one_live_credential_a_name(instance):
    first = instance("host", "add", "db1", "--json").json["key"]
    again = instance("host", "add", "db1")
    assert again.code == 1 and again.out == "" and "'doorpost host revoke db1' first" in again.err
    assert instance("host", "revoke", "db1").code == 0
    second = instance("host", "add", "db1", "--json").json["key"]
    assert second != first
    hosts = instance("host", "list", "--json").json
    assert [host["host"] for host in hosts] == ["db1", "db1"]
    assert sorted(host["revoked_at"] is None for host in hosts) == [False, True]


def test_what_is_not_there_is_1(instance):
    result = instance("host", "revoke", "db1")
    assert result.code == 1 and "there is no host 'db1'" in result.err
    instance("host", "add", "db1")
    assert instance("host", "revoke", "db1").code == 0
    result = instance("host", "revoke", "db1")
    assert result.code == 1 and "is revoked already" in result.err


@pytest.mark.parametrize("verb", ["add", "revoke"])
@pytest.mark.parametrize("name", ["", ".db1", "-x", "db 1", "db/1", "d\u00e4", "a|b", "x" * 65, "\x1b[31m"])
def test_names_that_no_host_has_are_2(instance, verb, name):
    result = instance("host", verb, name)
    assert result.code == 2 and result.out == "" and "\x1b" not in result.err, result
    assert instance("host", "list", "--json").json == []


def test_the_longest_name_and_the_oddest(instance):
    for name in ("x" * 64, "0", "a-b.c_d", "DB1"):
        assert instance("host", "add", name).code == 0
    assert instance("host", "add", "db1").code == 0  # is not DB1


def test_no_hosts(instance):
    result = instance("host", "list")
    assert result.code == 0 and result.out == "" and "doorpost host add" in result.err
    assert instance("host", "list", "--json").json == []


def test_the_audit_trail_says_who_and_which(instance):
    host = instance("host", "add", "db1", "--json").json["key"].split("_")[1]
    instance("host", "revoke", "db1")
    added, revoked = instance("audit", "--json").json[-2:]
    assert added["kind"] == "host_added" and added["detail"].startswith(f"db1 ({host}), by ")
    assert revoked["kind"] == "host_revoked" and revoked["detail"].startswith("db1, by ")
    assert added["door"] == revoked["door"] == "admin"
    assert "host_added" in instance("audit").out


def test_the_sessions_on_that_host_end(alice):
    user = alice("user", "show", "alice", "--json").json["id"]
    now = int(time.time() * 1000)
    database = sqlite3.connect(alice.path / "doorpost.db")
    for number, (door, host) in enumerate([("pam", "db1"), ("pam", "db2"), ("web", "db1")]):
        database.execute(
            "INSERT INTO sessions (id, user_id, door, service, host, source, tty, created_at, expires_at)"
            " VALUES (?, ?, ?, 'sshd', ?, '192.0.2.1', 'ssh', ?, ?)",
            (str(number) * 32, user, door, host, now, now + 3_600_000))
    database.commit()
    database.close()
    alice("host", "add", "db1")
    assert alice("host", "revoke", "db1").code == 0
    live = json.loads(alice("session", "list", "--json").out)
    assert sorted(session["id"][0] for session in live) == ["1", "2"]
