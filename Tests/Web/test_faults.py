"""The store, the disk and the clock in trouble while the server runs: said, and healed alone."""

import concurrent.futures
import contextlib
import ctypes
import fcntl
import os
import sqlite3
import subprocess
import time

import pytest

from harness.clock import HOUR, YEAR, Clock
from harness.server import BIN, until, wrong

ALICE = "alice@example.org"


def unavailable(reply):
    assert (reply.status, reply.error) == (503, "store_unavailable"), reply
    assert 1 <= int(reply.headers["Retry-After"]) <= 60, reply
    return True


def readiness(server):
    reply = server.client().get("/readyz")
    return reply.status, reply.json["store"]


def healed(server, person=ALICE):
    until(lambda: readiness(server) == (200, "ok"))
    return server.sign_in(person)


@contextlib.contextmanager
def locked_database(server):
    locker = sqlite3.connect(server.directory / "doorpost.db", isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        locker.execute("ROLLBACK")
        locker.close()


@contextlib.contextmanager
def locked_file(server):
    with open(server.directory / "doorpost.db.lock", "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize("lock", [locked_database, locked_file])
def test_a_locked_store_is_given_up_soon_and_costs_nobody_a_try(fresh, lock):
    server = fresh()
    client = server.client()
    session = client.initiate(ALICE).json["session"]
    code = server.code()
    with lock(server), concurrent.futures.ThreadPoolExecutor() as threads:
        began = time.monotonic()
        calls = [threads.submit(client.verify, session, wrong(code)),
                 threads.submit(client.initiate, "nobody@example.org")]
        ready = threads.submit(until, lambda: readiness(server) == (503, "failed"))
        assert client.get("/healthz").status == 200
        assert time.monotonic() - began < 2.5  # they wait three seconds and more
        assert all(unavailable(call.result()) for call in calls)
        # Three seconds each, and once more for who had to read behind another first.
        assert time.monotonic() - began < 12
        assert ready.result()
        assert client.get("/metrics").status == 200
    until(lambda: readiness(server) == (200, "ok"))
    assert client.verify(session, wrong(code)).json["attempts_left"] == 2
    assert client.verify(session, code).status == 200


def test_a_store_locked_for_a_moment_is_waited_for(fresh):
    server = fresh()
    session = server.client().initiate(ALICE).json["session"]
    code = server.code()
    connection = server.client().connection()
    with locked_file(server):
        connection.request("POST", "/auth/verify",
                           f'{{"session": "{session}", "otp": "{code}"}}',
                           {"Content-Type": "application/json"})
        connection.sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.sock.recv(1)
        connection.sock.settimeout(20)
    assert connection.getresponse().status == 200
    connection.close()


@pytest.fixture(scope="module")
def own_mounts():
    """Mounts that only we and our children see, and that are gone with us."""
    if os.geteuid() != 0:
        pytest.skip("takes root")
    new_mount_namespace = 0x20000
    assert ctypes.CDLL(None, use_errno=True).unshare(new_mount_namespace) == 0
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


@pytest.fixture
def small(own_mounts, tmp_path):
    """A disk of 2 MB."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "small", place], check=True)
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def on(place):
    return lambda settings: settings.update(store=f"sqlite:{place}/doorpost.db")


def fill(path):
    with open(path, "wb", buffering=0) as ballast, contextlib.suppress(OSError):
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    ballast.write(bytes(size))


def test_a_full_disk_is_said_and_heals(fresh, small):
    server = fresh(on(small), users=(ALICE, "bob@example.org"))
    client = server.client()
    session = client.initiate(ALICE).json["session"]
    code = server.code()
    assert server.stop() == 0
    # In SQLite's log there would be room.
    with contextlib.closing(sqlite3.connect(small / "doorpost.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    server.start()
    client = server.client()
    assert client.verify(session, wrong(code)).json["attempts_left"] == 2
    fill(small / "ballast")
    for n in range(10000):
        refused = client.initiate(f"nobody{n}@example.org")
        if refused.status != 200:
            break
    assert unavailable(refused)
    until(lambda: readiness(server) == (503, "failed"))
    tried = client.verify(session, wrong(code))
    assert tried.status in (401, 503)
    (small / "ballast").unlink()
    until(lambda: readiness(server) == (200, "ok"))
    left = client.verify(session, wrong(code)).json["attempts_left"]
    assert left == (1 if tried.status == 503 else 0), "an acknowledged try was given back"
    healed(server, "bob@example.org")


def test_a_full_disk_is_told_before_anybody_finds_out(fresh, small):
    """SQLite's log has room, since it is written over; the database has none."""
    server = fresh(on(small))
    server.sign_in()
    with contextlib.closing(sqlite3.connect(small / "doorpost.db")) as database:
        database.execute("PRAGMA wal_checkpoint(FULL)")
    assert (small / "doorpost.db-wal").stat().st_size > 40000
    fill(small / "ballast")
    until(lambda: readiness(server) == (503, "failed"))
    assert "Make room" in server.said()
    (small / "ballast").unlink()
    healed(server)


def test_a_store_on_a_read_only_disk_lets_nobody_in_and_heals(fresh, small):
    server = fresh(on(small))
    server.sign_in()
    assert server.stop() == 0
    # It starts if SQLite's files are there to be read, and else says why not.
    reader = sqlite3.connect(small / "doorpost.db")
    reader.execute("SELECT count(*) FROM users").fetchone()
    assert (small / "doorpost.db-shm").exists()
    copy = {p.name: p.read_bytes() for p in small.glob("doorpost.db*")}
    reader.close()
    for name, data in copy.items():
        (small / name).write_bytes(data)
    subprocess.run(["mount", "-o", "remount,ro", small], check=True)
    try:
        server.start(ready=False)
        assert unavailable(server.client().initiate(ALICE))
        assert readiness(server) == (503, "failed")
        assert "read-only" in server.said()
    finally:
        subprocess.run(["mount", "-o", "remount,rw", small], check=True)
    assert server.stop() == 0
    server.start()
    healed(server)


def test_a_server_that_cannot_open_its_store_says_why(fresh, small):
    server = fresh(on(small))
    assert server.stop() == 0
    with contextlib.closing(sqlite3.connect(small / "doorpost.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    subprocess.run(["mount", "-o", "remount,ro", small], check=True)
    try:
        done = subprocess.run([BIN / "doorpost", "serve", "--config", server.config, "--listen",
                               "127.0.0.1:0"], capture_output=True, text=True, timeout=20)
    finally:
        subprocess.run(["mount", "-o", "remount,rw", small], check=True)
    assert done.returncode in (69, 74), done
    assert f"{small}/doorpost.db" in done.stderr and "writable" in done.stderr, done


def test_a_store_that_is_gone_is_said_and_found_again(fresh):
    server = fresh()
    server.sign_in()
    away = server.directory / "away"
    away.mkdir()
    files = list(server.directory.glob("doorpost.db*"))
    for file in files:
        file.rename(away / file.name)
    until(lambda: readiness(server) == (503, "failed"))
    assert unavailable(server.client().initiate(ALICE))
    assert not (server.directory / "doorpost.db").exists(), "an empty pool was made"
    for file in files:
        (away / file.name).rename(file)
    healed(server)


def test_a_store_that_was_replaced_is_not_written_beside(fresh):
    """A backup that somebody put in place while the server runs."""
    server = fresh()
    server.sign_in()
    place = server.directory / "doorpost.db"
    with contextlib.closing(sqlite3.connect(place)) as database:
        database.execute("VACUUM INTO ?", (str(place) + ".copy",))
    (server.directory / "doorpost.db.copy").replace(place)
    until(lambda: readiness(server) == (503, "failed"))
    assert unavailable(server.client().initiate(ALICE))
    assert "restart" in server.said()
    for leftover in server.directory.glob("doorpost.db-*"):
        leftover.unlink()
    assert server.stop() == 0
    server.start()
    healed(server)


@pytest.fixture
def timed(fresh, tmp_path):
    """A server whose clock we set, with the limits that everybody has."""
    clock = Clock(tmp_path)
    server = fresh(lambda c: c.pop("limits"), start=False)
    server.environment = clock.environment
    server.start()
    yield server, clock
    assert "Fatal" not in server.said()


def bearer(reply):
    return {"Authorization": f"Bearer {reply.json['access_token']}"}


def test_a_clock_that_steps_on_ends_codes_and_tokens(timed):
    server, clock = timed
    client = server.client()
    signed = server.sign_in()
    session = client.initiate(ALICE).json["session"]
    code = server.code(after=1)
    clock.ahead(HOUR)
    reply = client.verify(session, code)
    assert (reply.status, reply.error) == (401, "code_expired")
    assert client.get("/auth/me", headers=bearer(signed)).status == 401
    renewed = client.post("/auth/refresh", {"refresh_token": signed.json["refresh_token"]})
    assert renewed.status == 200
    clock.ahead(YEAR)
    assert client.get("/auth/me", headers=bearer(renewed)).status == 401
    newest = {"refresh_token": renewed.json["refresh_token"]}
    assert client.post("/auth/refresh", newest).status == 401
    until(lambda: readiness(server) == (200, "ok"))
    server.sign_in()


def test_a_clock_that_steps_back_makes_no_code_live_longer(timed):
    server, clock = timed
    client = server.client()
    clock.ahead(2 * HOUR)
    session = client.initiate(ALICE).json["session"]
    code = server.code()
    clock.ahead(HOUR)
    reply = client.verify(session, code)
    assert (reply.status, reply.error) == (401, "code_expired")
    server.sign_in()


def test_a_clock_from_before_our_keys_is_said(timed):
    server, clock = timed
    clock.ahead(-YEAR)
    until(lambda: server.client().get("/readyz").json["keys"] == "failed")
    session = server.client().initiate(ALICE).json["session"]
    reply = server.client().verify(session, server.code())
    assert reply.status in (500, 503)
    assert "check the clock" in server.said()
    clock.ahead(0)
    healed(server)


@pytest.mark.slow
def test_a_clock_that_was_wrong_for_a_while_leaves_nothing_behind(timed):
    """A year ahead and back: nothing is purged, nobody is kept out, sessions live on."""
    server, clock = timed
    client = server.client()
    signed = server.sign_in()
    users, trail = server.json("user", "list"), server.audit()
    clock.ahead(YEAR)
    for _ in range(2):
        future = server.sign_in()
    until(lambda: "the clock jumped" in server.said(), 40)  # a purge comes every 30 s
    assert [e for e in trail if e not in server.audit()] == []
    clock.ahead(0)
    until(lambda: readiness(server) == (200, "ok"))
    assert server.json("user", "list") == users
    assert [e for e in trail if e not in server.audit()] == []
    for _ in range(2):
        server.sign_in()
    assert client.get("/auth/me", headers=bearer(signed)).status == 200
    assert client.post(
        "/auth/refresh", {"refresh_token": signed.json["refresh_token"]}).status == 200
    assert client.get("/auth/me", headers=bearer(future)).status == 401
