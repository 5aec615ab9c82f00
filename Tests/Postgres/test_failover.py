"""The primary dies in the middle, and the standby takes its place."""

import signal
import threading

import pytest
from conftest import Fleet
from harness.server import temporary, until
from postgres import postgres

LOGINS = 120
CLIENTS = 8


@pytest.fixture
def pair():
    """A primary that acknowledges what the standby has, too."""
    with postgres() as primary, postgres(copy_of=primary) as standby:
        until(lambda: primary.query("SELECT state FROM pg_stat_replication") == ["streaming"])
        primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.query("SELECT pg_reload_conf()")
        until(lambda: primary.query("SELECT sync_state FROM pg_stat_replication") == ["sync"])
        primary.both = (f"postgres://doorpost@/postgres?host={primary.directory},"
                        f"{standby.directory}")
        yield primary, standby


def test_no_code_is_accepted_twice_and_no_attempt_is_forgotten(pair):
    primary, standby = pair
    with temporary() as base:
        fleet = Fleet(base, primary, lambda c: c.update(store=primary.both))
        try:
            fleet.start()
            sign_in_through_a_failover(fleet, primary, standby)
        finally:
            fleet.kill()


def sign_in_through_a_failover(fleet, primary, standby):
    done, refused, lock = [], [], threading.Lock()
    enough = threading.Event()

    def work(number):
        user = f"user{number}@example.org"
        mails = 0
        for turn in range(LOGINS // CLIENTS):
            begin, end = fleet.clients(turn % 3 + 2)[-2:]
            started = begin.initiate(user)
            if started.status != 200:
                with lock:
                    refused.append(started)
                continue
            session = started.json["session"]
            code = fleet.code(user, mails)
            mails = len(fleet.sink.codes(user))
            replies = [end.verify(session, code), begin.verify(session, code)]
            with lock:
                done.append([r.status for r in replies])
                refused.extend(r for r in replies if r.status not in (200, 401))
            if len(done) > LOGINS // 4:
                enough.set()

    threads = [threading.Thread(target=work, args=[n]) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    primary.stop(signal.SIGQUIT)
    standby.promote()
    # Nobody stands behind it now.
    standby.query("ALTER SYSTEM SET synchronous_standby_names = ''")
    standby.query("SELECT pg_reload_conf()")
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    assert all(statuses.count(200) <= 1 for statuses in done), done
    assert {reply.status for reply in refused} <= {503}, refused
    # Each that was told so is signed in, once; and each code that was looked at lost an attempt.
    told = sum(statuses.count(200) for statuses in done)
    sessions = int(standby.query("SELECT count(*) FROM sessions")[0])
    consumed = int(standby.query("SELECT count(*) FROM challenges WHERE consumed_at IS NOT NULL")[0])
    assert told <= sessions == consumed <= len(done)
    assert sessions - told <= len(refused)
    untouched = standby.query(
        "SELECT count(*) FROM challenges WHERE consumed_at IS NOT NULL AND attempts_left = 3")
    assert untouched == ["0"]
    assert told >= LOGINS - 2 * CLIENTS, (told, refused)
