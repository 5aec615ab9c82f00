"""A pool that moves between SQLite and PostgreSQL."""

import contextlib
import os
import pathlib
import re
import sqlite3
import subprocess
import sys

import pytest
from conftest import BINARY, Instance, doorpost

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
from postgres import postgres  # noqa: E402

COLLECTIONS = {
    "users", "user_groups", "group_members", "clients", "api_keys", "used_signatures",
    "challenges", "outbox", "limit_events", "sessions", "audit",
}


@pytest.fixture(scope="module")
def server():
    with postgres() as running:
        yield running


@pytest.fixture
def database(server):
    """The URL of an empty database."""
    name = "d" + os.urandom(8).hex()
    server.query(f"CREATE DATABASE {name}")
    yield f"postgres://doorpost@/{name}?host={server.directory}"
    server.query(f"DROP DATABASE {name} WITH (FORCE)")


def use(instance, store):
    """Writes `store:` into the configuration."""
    text = instance.config.read_text()
    instance.config.write_text(re.sub("^store:.*$", f"store: '{store}'", text, flags=re.M))


def users(instance):
    return [each["email"] for each in instance("user", "list", "--json").json]


def test_there_and_back(alice, database, place):
    assert alice("user", "add", "bob@example.org").code == 0
    before = alice("audit", "--json").json
    first = f"sqlite:{alice.path}/doorpost.db"
    result = alice("store", "copy", first, database, "--json")
    assert result.code == 0, result
    assert (result.json["from"], result.json["to"]) == (first, database)
    copied = {each["collection"]: each["records"] for each in result.json["copied"]}
    assert set(copied) >= COLLECTIONS
    assert (copied["users"], copied["audit"]) == (2, len(before))

    use(alice, database)
    assert users(alice) == ["alice@example.org", "bob@example.org"]
    trail = alice("audit", "--json").json
    assert trail[:-1] == before and trail[-1]["kind"] == "store_copied"
    assert first in trail[-1]["detail"] and trail[-1]["sequence"] > before[-1]["sequence"]
    assert alice("user", "add", "eve@example.org").code == 0

    last = f"sqlite:{place}/moved.db"
    result = alice("store", "copy", database, last)
    assert result.code == 0, result
    assert re.search(r"^users +3 +[0-9a-f]{64}$", result.out, re.M), result
    assert f"store: {last}" in result.err
    assert (place / "moved.db").stat().st_mode & 0o777 == 0o600
    use(alice, last)
    assert len(users(alice)) == 3
    assert alice("doctor", "--json").json


def test_a_store_that_is_not_empty_stays(alice, place):
    other = doorpost("init", str(place / "other"))
    assert other.code == 0
    other = Instance(place / "other")
    assert other("user", "add", "bob@example.org").code == 0
    result = alice(
        "store", "copy", f"sqlite:{alice.path}/doorpost.db", f"sqlite:{other.path}/doorpost.db")
    assert result.code == 1 and "not empty" in result.err, result
    assert users(other) == ["bob@example.org"]


def test_half_a_copy_is_used_by_nobody(alice, place):
    """As a copy that was killed leaves it."""
    half = place / "half.db"
    source = f"sqlite:{alice.path}/doorpost.db"
    assert alice("backup", str(half)).code == 0
    with sqlite3.connect(half) as db:
        db.execute("CREATE TABLE unfinished_copy (source TEXT NOT NULL) STRICT")
        db.execute("INSERT INTO unfinished_copy VALUES (?)", [source])
        db.execute(f"PRAGMA application_id = {0x44636f70}")
    db.close()
    use(alice, f"sqlite:{half}")
    for words in (("user", "list"), ("serve",), ("store", "migrate"), ("audit",),
                  ("backup", f"{place}/more.db")):
        result = alice(*words)
        assert result.code == 74, result
        assert f"doorpost store copy '{source}' 'sqlite:{half}'" in result.err, result
    doctor = alice("doctor")
    assert doctor.code == 1 and "not finished" in doctor.out + doctor.err
    # The same command again, as the message says.
    result = alice("store", "copy", source, f"sqlite:{half}")
    assert result.code == 0, result
    assert users(alice) == ["alice@example.org"]


def test_a_store_in_use_is_not_copied(alice, place):
    path = alice.path / "doorpost.db"
    with sqlite3.connect(path) as db:
        db.execute("SELECT count(*) FROM users").fetchall()
        result = alice("store", "copy", f"sqlite:{path}", f"sqlite:{place}/copy.db")
    db.close()
    assert result.code == 69 and "Stop `doorpost serve`" in result.err, result
    assert not (place / "copy.db").exists()


@pytest.mark.parametrize("words, says", [
    (("sqlite:x", "sqlite:x"), "the same store"),
    (("sqlite:x", "mysql://x"), "postgres://USER@HOST/DATABASE"),
    (("x", "sqlite:y"), "sqlite:PATH"),
    (("sqlite:x", "postgres://me:hunter2@h/d"), "must hold no password"),
])
def test_what_is_no_store_is_wrong_usage(alice, words, says):
    result = alice("store", "copy", *words)
    assert result.code == 2 and says in result.err, result
    assert "hunter2" not in result.err


def test_a_person_sees_how_far_it_is(alice, place):
    path = alice.path / "doorpost.db"
    with sqlite3.connect(path) as db:
        db.execute("""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
            INSERT INTO users (id, email, group_names, enabled, created_at)
            SELECT 'id' || i, 'user' || i || '@example.org', '[]', 1, 0 FROM n""")
    db.close()
    person, terminal = os.openpty()
    with subprocess.Popen(
            [BINARY, "store", "copy", f"sqlite:{path}", f"sqlite:{place}/copy.db", "--config",
             str(alice.config)], stdout=subprocess.PIPE, stderr=terminal) as copy:
        os.close(terminal)
        seen = b""
        with contextlib.suppress(OSError):  # EIO: nobody writes any more
            while part := os.read(person, 4096):
                seen += part
        out = copy.stdout.read()
    os.close(person)
    assert copy.returncode == 0, seen
    assert re.search(rb"\rusers: \d+ of 50001\x1b\[K", seen), seen
    # Gone before the result, and no part of it.
    assert seen.index(b"\r\x1b[K") > seen.rindex(b"users: ")
    assert out.startswith(b"WHAT") and b"\r" not in out
