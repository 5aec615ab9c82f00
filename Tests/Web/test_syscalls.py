"""What the server asks of the kernel while people sign in, held against its systemd unit."""

import json
import os
import signal

import pytest

from harness.relays import Peer
from harness.server import ROOT, until, wrong

CHECKER = ROOT / "scripts/check-syscalls"
# SQLite gives its files to the database's owner when it runs as root; the unit never does.
ROOTS_OWN = "fchown"


def sign_ins(server, relay):
    """All calls, good and bad, with mail over SMTP."""
    client = server.client()
    for n in range(3):
        person = f"p{n}@example.org"
        session = client.initiate(person).json["session"]
        until(lambda: len(relay.offered()) == n + 1)
        [code] = [code for _, code in relay.offered()][n:]
        assert client.verify(session, wrong(code)).status == 401
        signed = client.verify(session, code).json
        bearer = {"Authorization": f"Bearer {signed['access_token']}"}
        assert client.get("/auth/me", headers=bearer).status == 200
        renewed = client.post("/auth/refresh", {"refresh_token": signed["refresh_token"]})
        assert client.post("/auth/logout", {
            "refresh_token": renewed.json["refresh_token"]}).status == 204
    for path in ("/", "/metrics", "/readyz", "/.well-known/jwks.json", "/openapi.json", "/nothing"):
        client.get(path)


@pytest.mark.parametrize("enforced", [False, True], ids=["watched", "enforced"])
def test_the_unit_allows_all_that_a_server_does(fresh, tmp_path, enforced):
    """Enforced: what the unit refuses fails here as there, and the server lives with it."""
    relay, report = Peer(), tmp_path / "report"
    try:
        server = fresh(lambda c: c["mail"].update(relay.settings.copy(), transport=
                       relay.settings["transport"].replace("127.0.0.1", "localhost")),
                       users=[f"p{n}@example.org" for n in range(3)], start=False)
        server.environment = {"LIBDISPATCH_LOG": "NO"}  # as in the unit
        server.before = [CHECKER, "--report", report, "--tolerate", ROOTS_OWN,
                         *(["--enforce"] if enforced else []), "--"]
        try:
            server.start()
            sign_ins(server, relay)
            os.kill(server.process.pid, signal.SIGHUP)
            until(lambda: "configuration" in server.said().lower()
                  or "reload" in server.said().lower())
        finally:
            code = server.stop()
    finally:
        relay.stop()
    assert code == 0, server.said()[-3000:]
    found = json.loads(report.read_text())
    assert found["refused"] == {} or enforced
    # It has really been watched: network, store and mail.
    assert {"accept4", "epoll_wait", "flock", "fdatasync", "connect"} <= set(found["calls"])
