"""The courier with relays that answer late, wrongly, twice or not at all."""

import contextlib
import email
import re
import signal
import socket
import time

import pytest

from harness.clock import Clock
from harness.relays import Peer, Postfix, parsed
from harness.server import until

ALICE, BOB = "alice@example.org", "bob@example.org"


@pytest.fixture
def peer():
    """`peer(arguments)` starts a mail server of the test's own."""
    with contextlib.ExitStack() as running:
        def start(*arguments):
            made = Peer(*arguments)
            running.callback(made.stop)
            return made
        yield start


@pytest.fixture
def posting(fresh, tmp_path):
    """A server, with a clock that we set, that hands its mails to a peer."""
    def start(relay, ready=True):
        clock = Clock(tmp_path)
        server = fresh(lambda c: c["mail"].update(getattr(relay, "settings", relay)),
                       users=(ALICE, BOB), start=False)
        server.environment = clock.environment
        return server.start(ready=ready), clock
    return start


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def queue(server, *more):
    return server.json("mail", "queue", *more)


def metric(server, series):
    text = server.client().get("/metrics").raw.decode()
    [value] = re.findall(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(value)


def mails_counted(server, outcome):
    return metric(server, f'doorpost_mails_total{{outcome="{outcome}"}}')


def test_a_real_relay_with_starttls_and_a_password(fresh, tmp_path):
    relay = Postfix(tmp_path)
    try:
        server = fresh(lambda c: c["mail"].update(relay.settings))
        session = server.client().initiate(ALICE).json["session"]
        [raw] = until(relay.mails)
        message_id, code = parsed(raw)
        assert server.client().verify(session, code).status == 200
        assert email.message_from_bytes(raw)["Message-ID"] == message_id
        [entry] = until(lambda: [e for e in queue(server, "--all") if e["state"] == "sent"])
        assert entry["email"] == ALICE and queue(server) == []
        assert mails_counted(server, "sent") == 1
    finally:
        relay.stop()


def with_starttls(relay):
    return {**relay.settings, "transport": f"smtp://localhost:{relay.told['port']}",
            "tls": "required", "ca_file": relay.told["ca_file"]}


def test_answers_from_before_starttls_are_not_believed_after_it(fresh, peer):
    """Somebody on the way puts them behind the relay's last answer in clear (CVE-2021-22947)."""
    server = fresh(users=(ALICE,), start=False)
    injected = "250-peer.test\\n250 SIZE 1000000\\n250 2.1.0 ok\\n250 2.1.5 ok\\n354 go ahead"
    for reply, code in (("220 2.0.0 go ahead", 0), (f"220 2.0.0 go ahead\\n{injected}", 69)):
        relay = peer("--tls", "starttls", "--reply", f"starttls={reply}")
        server.configure(lambda c, relay=relay: c["mail"].update(with_starttls(relay)))
        server.run("mail", "test", ALICE, code=code)
        assert len(relay.taken()) == (code == 0)
        assert (b"MAIL FROM" in relay.heard()) == (code == 0)


@pytest.mark.parametrize("fault", ["rcpt=451 4.7.1 greylisted", "dot=451 4.3.0 try again",
                                   "dot=drop", "data=drop"])
def test_what_is_not_taken_for_now_is_offered_again_as_it_was(posting, peer, fault):
    relay = peer("--once", fault)
    server, clock = posting(relay)
    session = server.client().initiate(ALICE).json["session"]
    until(lambda: mails_counted(server, "deferred") == 1)
    [entry] = queue(server)
    assert (entry["state"], entry["tries"]) == ("queued", 1)
    assert relay.taken() == []
    clock.ahead(25)
    until(lambda: server.client().get("/readyz").status == 200)
    assert relay.taken() == [], "too soon"
    clock.ahead(31)
    [message_id] = until(relay.taken)
    offered = relay.offered()
    assert len(set(offered)) == 1 and offered[0][0] == message_id
    assert len(offered) == (2 if fault.startswith("dot") else 1)
    assert server.client().verify(session, offered[0][1]).status == 200
    until(lambda: queue(server) == [])
    assert mails_counted(server, "sent") == 1


def test_what_is_refused_for_good_is_given_up_and_shown(posting, peer):
    relay = peer("--reply", "rcpt=550 5.1.1 no such mailbox here")
    server, clock = posting(relay)
    known = server.client().initiate(ALICE)
    [entry] = until(lambda: [e for e in queue(server) if e["state"] == "failed"])
    assert entry["email"] == ALICE and "no such mailbox here" in entry["last_answer"]
    assert mails_counted(server, "failed") == 1
    clock.ahead(120)
    for _ in range(3):  # whoever is told of it, it is not those who ask
        unknown = server.client().initiate("nobody@example.org")
        assert (unknown.status, len(unknown.raw)) == (known.status, len(known.raw))
    assert server.client().get("/readyz").status == 200
    assert server.stop() == 0
    assert relay.heard().count(b"RCPT TO") == 1


def test_a_relay_that_comes_up_later_is_found(posting, peer):
    port = free_port()
    server, _ = posting({"transport": f"smtp://127.0.0.1:{port}", "tls": "none"}, ready=False)
    client = server.client()

    def refused():
        reply = client.initiate(ALICE)
        return reply if reply.status == 503 else None

    reply = until(refused)
    assert reply.error == "mail_unavailable" and 1 <= int(reply.headers["Retry-After"]) <= 6
    ready = client.get("/readyz")
    assert (ready.status, ready.json["mail"]) == (200, "failed")
    assert metric(server, "doorpost_relay_up") == 0
    relay = peer("--port", port)
    began = time.monotonic()
    reply = until(lambda: next((r for r in [client.initiate(BOB)] if r.status == 200), None))
    assert time.monotonic() - began < 15  # it is looked for every five seconds
    until(lambda: client.get("/readyz").json["mail"] == "ok")
    until(relay.taken)
    assert BOB.encode() in relay.heard()
    assert metric(server, "doorpost_relay_up") == 1


def test_a_silent_relay_holds_nobody_up(posting, peer):
    relay = peer("--silent", "dot")
    server, _ = posting(relay)
    for person in (ALICE, BOB, "nobody@example.org"):
        began = time.monotonic()
        assert server.client().initiate(person).status == 200
        assert time.monotonic() - began < 5  # it would be half a minute
    until(lambda: len(relay.offered()) == 2)
    server.kill()


def test_a_mail_of_a_killed_server_is_sent_once_by_the_next(posting, peer):
    silent = peer("--silent", "greeting")
    server, clock = posting(silent, ready=False)
    reply = server.client().initiate(ALICE)
    assert reply.status == 200
    until(lambda: list(silent.record.glob("*.plain")))
    server.kill()
    relay = peer()
    server.configure(lambda c: c["mail"].update(relay.settings))
    server.start()
    assert [e["state"] for e in queue(server)] == ["queued"]
    clock.ahead(31)  # for so long the mail was the dead server's
    until(relay.taken)
    until(lambda: queue(server) == [])
    [(_, code)] = relay.offered()
    assert server.client().verify(reply.json["session"], code).status == 200
    clock.ahead(120)
    server.client().initiate("nobody@example.org")
    assert server.stop() == 0
    assert len(relay.taken()) == 1


def test_a_server_that_ends_finishes_the_mail_in_hand(posting, peer):
    relay = peer("--slow", "200")
    server, _ = posting(relay)
    assert server.client().initiate(ALICE).status == 200
    until(lambda: b"MAIL FROM" in relay.heard())
    assert relay.taken() == []
    assert server.stop(signal.SIGTERM) == 0
    assert len(relay.taken()) == 1
    assert queue(server) == []
    assert [e["state"] for e in queue(server, "--all")] == ["sent"]


BOUNCE = """\
From: MAILER-DAEMON@example.org
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

It could not be delivered.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.org

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--B
Content-Type: text/rfc822-headers

{headers}
--B--
"""


def test_an_address_that_bounced_gets_no_mail_and_the_same_answers(fresh):
    server = fresh(users=(ALICE, BOB))
    server.sign_in()
    [mail] = server.mails(ALICE)
    headers = "\n".join(f"{name}: {value}" for name, value in mail.message.items())
    envelope = mail.message["Return-Path"] or mail.message["From"]
    server.run("mail", "bounce", stdin=BOUNCE.format(
        to=str(envelope).strip("<>"), address=ALICE, headers=headers))
    assert server.json("user", "show", ALICE)["bounced_at"] is not None
    answers = {person: server.client().initiate(person)
               for person in (ALICE, BOB, "nobody@example.org")}
    shapes = {(a.status, len(a.raw), tuple(sorted(a.json)), tuple(a.headers.keys()))
              for a in answers.values()}
    assert len(shapes) == 1
    server.mail(BOB)
    assert server.stop() == 0  # what was in hand is out
    assert len(server.mails(ALICE)) == 1
