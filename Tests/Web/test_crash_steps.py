"""Row 11 of docs/threat-model.md: a server that is killed at each write of a verify, one after the other."""

import contextlib
import http.client
import shutil
import sqlite3
import subprocess
import tempfile

from harness.server import until

ALICE = "alice@example.org"
AT_MOST = 200  # writes of one verify


def state(server):
    """(tries left, whether it is consumed, sessions) of the newest challenge of a dead server."""
    with tempfile.TemporaryDirectory(prefix="doorpost-steps-") as place:
        for name in ("doorpost.db", "doorpost.db-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(server.directory / name, place)
        with contextlib.closing(sqlite3.connect(f"{place}/doorpost.db")) as store:
            left, consumed = store.execute(
                "SELECT attempts_left, consumed_at IS NOT NULL FROM challenges"
                " ORDER BY number DESC LIMIT 1").fetchone()
            [sessions] = store.execute("SELECT count(*) FROM sessions").fetchone()
    return left, bool(consumed), sessions


def killed_at(server, step):
    """Has strace kill the server at the so-and-so-many-th write from now on."""
    killer = subprocess.Popen(
        ["strace", "-f", "-p", str(server.process.pid), "-e", "trace=pwrite64",
         "-e", f"inject=pwrite64:signal=SIGKILL:when={step}", "-o", "/dev/null"],
        stderr=subprocess.PIPE, text=True)
    for line in killer.stderr:
        if "attached" in line:
            return killer
    raise AssertionError("strace does not attach")


def test_a_try_is_counted_before_the_code_is_looked_at(fresh):
    """However far it came: a code was only consumed, and a session made, after the try counted."""
    server = fresh(users=(ALICE,))
    seen = []
    for step in range(1, AT_MOST):
        before = len(server.mails(ALICE))
        client = server.client()
        session = client.initiate(ALICE).json["session"]
        code = server.code(ALICE, before)
        until(lambda: server.json("mail", "queue") == [])  # nobody else writes now
        sessions = len(server.json("session", "list"))
        killer = killed_at(server, step)
        try:
            reply = client.verify(session, code)
        except (OSError, http.client.HTTPException):
            reply = None
        if reply is not None:
            killer.terminate()
            killer.communicate()
            break
        server.process.wait(20)
        killer.communicate()
        left, is_consumed, after = state(server)
        seen.append((left, is_consumed, after - sessions))
        server.start()
        if not is_consumed:
            # What was counted stays counted, and the code is still good for the rest.
            assert server.client().verify(session, code).status == 200
        assert server.client().verify(session, code).status == 401
    assert reply.status == 200
    # Before the count; after it; after the code was consumed and the session made, all at once.
    assert set(seen) <= {(3, False, 0), (2, False, 0), (2, True, 1)}
    # The last write of all is the mark in the lock file, after the commit. As the store grows, so
    # does the number of writes before it: the step that finds the code consumed need not be the last.
    assert [s[0] for s in seen] == sorted((s[0] for s in seen), reverse=True)
    assert (3, False, 0) in seen and (2, False, 0) in seen
