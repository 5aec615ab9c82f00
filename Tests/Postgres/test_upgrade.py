"""A newer Doorpost migrates the store while servers of the old version run: they work on or refuse,
and nothing is ever half done.

There is no newer one yet, so its step is made here, as `doorpost store migrate` makes one: in one
transaction, with the version.
"""

import subprocess
import threading

import pytest
from conftest import Fleet
from crowd import CROWD, together
from harness.server import BIN, temporary
from postgres import postgres

OLDER = "this Doorpost is older than the store"


@pytest.fixture
def old():
    """A fleet of today's version, and the store that is to be newer."""
    with postgres() as database, temporary() as base:
        fleet = Fleet(base, database)
        try:
            yield fleet.start()
        finally:
            fleet.kill()


def migrate(database, step, pause=0):
    database.query(f"BEGIN; {step}; SELECT pg_sleep({pause}); "
                   "UPDATE doorpost_schema SET version = version + 1; COMMIT")


def half_done(database):
    """What a sign-in that stopped in the middle would leave."""
    return database.query("""
        SELECT challenges.id FROM challenges WHERE (consumed_at IS NULL) <> NOT EXISTS (
            SELECT 1 FROM sessions WHERE sessions.user_id = challenges.user_id)""")


def test_a_step_that_adds_is_worked_through(old):
    """A column more. The step takes two seconds, and who comes meanwhile waits."""
    users = [old.user() for _ in range(CROWD)]
    clients = old.clients(CROWD)
    sessions = [client.initiate(user).json["session"] for client, user in zip(clients, users)]
    codes = [old.code(user) for user in users]
    step = threading.Thread(target=migrate, args=[
        old.database, "ALTER TABLE users ADD COLUMN next BIGINT; ALTER TABLE challenges ADD COLUMN "
        "next BIGINT", 2])
    step.start()
    replies = together([lambda n=n: clients[n].verify(sessions[n], codes[n]) for n in range(CROWD)])
    step.join()
    # On the connections that it has, each goes on; where it needs one more, it refuses.
    told = [reply.status for reply in replies]
    assert set(told) <= {200, 503} and told.count(200) > 0, told
    assert half_done(old.database) == []
    assert old.database.query("SELECT count(*) FROM sessions") == [str(told.count(200))]
    # What was refused can be asked again, where there is a connection.
    for n, status in enumerate(told):
        if status == 503:
            assert clients[n].verify(sessions[n], codes[n]).status == 200
    assert half_done(old.database) == []


def test_a_step_that_takes_away_is_refused_and_nothing_is_half(old):
    """The sign-in writes its session last: of what came before, nothing stays."""
    user, (one, two) = old.user(), old.clients(2)
    session = one.initiate(user).json["session"]
    code = old.code(user)
    migrate(old.database, "ALTER TABLE sessions RENAME COLUMN tty TO terminal")
    for client, server in ((one, old.servers[0]), (two, old.servers[1])):
        reply = client.verify(session, code)
        assert (reply.status, reply.error) == (503, "store_unavailable"), reply
        assert OLDER in server.said()
    assert old.database.query("SELECT count(*) FROM sessions") == ["0"]
    assert old.database.query("SELECT count(consumed_at) FROM challenges") == ["0"]
    assert half_done(old.database) == []


def test_an_older_one_does_not_start_and_does_not_read(old):
    migrate(old.database, "ALTER TABLE users ADD COLUMN next BIGINT")
    for words in (["serve", "--listen", "127.0.0.1:0"], ["user", "list"], ["store", "migrate"],
                  ["user", "add", "new@example.org"]):
        done = subprocess.run([BIN / "doorpost", *words, "--config", old.first.config],
                              capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode != 0 and OLDER in done.stderr, done
    assert old.database.query("SELECT count(*) FROM users WHERE email LIKE 'new@%'") == ["0"]
