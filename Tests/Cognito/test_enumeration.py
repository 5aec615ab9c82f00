"""Known, unknown, disabled, and with mail that comes back: nobody can tell them apart."""

import contextlib
import json
import pathlib
import random
import re
import sqlite3
import statistics
import time
import uuid

import pytest

from harness.server import Server, temporary, until
from test_model import PREFIX

# All of one length, so that answers must be of one length, too.
KINDS = {"known": "ada", "unknown": "bob", "disabled": "eve", "bounced": "joe"}


def enrol(server, people):
    """Users of these kinds, (kind, login name), as they stand in the store."""
    states = {"known": (1, None), "disabled": (0, None), "bounced": (1, 1)}
    with contextlib.closing(sqlite3.connect(server.directory / "doorpost.db")) as database, database:
        database.executemany(
            "INSERT INTO users (id, email, login, group_names, created_at, enabled, bounced_at)"
            " VALUES (?, ?, ?, '[]', 1, ?, ?)",
            [(str(uuid.uuid4()), f"{name}@example.org", name, *states[kind])
             for kind, name in people if kind in states])


@pytest.fixture
def crowd():
    """`crowd(people, change, environment)`: a running server, and the id of a client."""
    with temporary() as directory, contextlib.ExitStack() as stack:
        def start(people, change, environment=None):
            server = Server(pathlib.Path(directory), change, users=())
            enrol(server, people)
            client = server.json("client", "add", "app")["client_id"]
            server.environment = environment or {}
            stack.callback(server.kill)
            return server.start(), client

        yield start


class Stranger:
    """Calls by hand, to see every byte."""

    def __init__(self, server, client, source):
        self.client, self.source = client, source
        self.http = server.client()
        self.connection = self.http.connection()

    def call(self, operation, body, source=None, invocation=None):
        return self.http.call(
            "POST", "/", raw=json.dumps({"ClientId": self.client, **body}).encode(),
            connection=self.connection, headers={
                "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": PREFIX + operation,
                "X-Forwarded-For": source or self.source,
                "amz-sdk-invocation-id": invocation or str(uuid.uuid4())})

    def initiate(self, who, flow="CUSTOM_AUTH", parameters=None, **more):
        return self.call("InitiateAuth", {
            "AuthFlow": flow, "AuthParameters": {"USERNAME": who, **(parameters or {})}}, **more)

    def respond(self, who, challenge, session, **responses):
        return self.call("RespondToAuthChallenge", {
            "ChallengeName": challenge, "Session": session,
            "ChallengeResponses": {"USERNAME": who, **responses}})


def stripped(reply, who):
    """An answer without what is random: a `Session`, an id, the time; and without the name."""
    raw = reply.raw.replace(who.encode(), b"NAME")
    raw = re.sub(rb'"Session":"([^"]*)"', lambda m: b'"Session":%d' % len(m[1]), raw)
    # Where the code goes: of whom only a letter is told, which a stranger has, too.
    raw = re.sub(rb"\b[a-z]\*\*\*@[a-z]\*\*\*", b"HINT", raw)
    headers = [(k, len(v) if k == "x-amzn-RequestId" else v) for k, v in reply.headers.items()
               if k != "Date"]
    return reply.status, raw, headers


def story(stranger, who, pause):
    """All that can be seen of somebody who is asked for through both flows."""
    seen = []

    def note(reply):
        seen.append(stripped(reply, who))
        return reply.json.get("Session")

    again = str(uuid.uuid4())
    note(stranger.initiate(who, invocation=again))
    note(stranger.initiate(who, invocation=again))
    session = note(stranger.initiate(who))  # taken up
    note(stranger.initiate(who, source="203.0.113.1"))  # within the gap, from elsewhere
    spent = session
    for _ in range(3):
        session = note(stranger.respond(who, "CUSTOM_CHALLENGE", session, ANSWER="0"))
    note(stranger.respond(who, "CUSTOM_CHALLENGE", spent, ANSWER="0"))
    note(stranger.initiate(who))  # within the gap, and its tries are used up
    pause(61)
    session = note(stranger.initiate(who, "USER_AUTH"))
    session = note(stranger.respond(who, "SELECT_CHALLENGE", session, ANSWER="EMAIL_OTP"))
    for _ in range(4):
        note(stranger.respond(who, "EMAIL_OTP", session, EMAIL_OTP_CODE="0"))
    pause(61)
    session = note(stranger.initiate(who, "USER_AUTH", {"PREFERRED_CHALLENGE": "EMAIL_OTP"}))
    pause(181)
    note(stranger.respond(who, "EMAIL_OTP", session, EMAIL_OTP_CODE="0"))
    return seen


@pytest.mark.parametrize("spelling", ["address", "login", "id"])
def test_all_get_the_same_bytes(crowd, clock, spelling):
    server, client = crowd(KINDS.items(), lambda c: c.update(
        code={"resend_after": "60s"}), clock.environment)
    ids = {user["login"]: user["id"] for user in server.json("user", "list")}
    ahead = 0

    def pause(seconds):
        nonlocal ahead
        ahead += seconds
        clock.ahead(ahead)

    stories = {}
    for n, (kind, name) in enumerate(KINDS.items()):
        who = {"address": f"{name}@example.org", "login": name,
               "id": ids.get(name, str(uuid.uuid4()))}[spelling]
        stories[kind] = story(Stranger(server, client, f"192.0.2.{n}"), who, pause)
    statuses = [step[0] for step in stories["known"]]
    assert statuses == [200, 200, 200, 400, 200, 200, 400, 400, 400,
                        200, 200, 400, 400, 400, 400, 200, 400]
    for kind in KINDS:
        assert stories[kind] == stories["known"], kind
    until(lambda: server.mails("ada@example.org"))
    assert {mail.to for mail in server.mails()} == {"ada@example.org"}


@pytest.mark.alone
def test_all_take_the_same_time(crowd):
    """A thousand people of each kind, in chance order, on one connection: each is asked for twice,
    and answers wrongly."""
    people = [(kind, f"{kind[0]}{n:03}") for kind in KINDS for n in range(1000)]
    server, client = crowd(people, lambda c: c.update(code={"resend_after": "60s"}))
    stranger, order = Stranger(server, client, "192.0.2.9"), random.Random(4)
    times = {(step, kind): [] for step in ("start", "again", "answer") for kind in KINDS}
    for n in range(1000):
        for kind in order.sample(list(KINDS), len(KINDS)):
            who = f"{kind[0]}{n:03}@example.org"

            def timed(step, call, *arguments, **responses):
                began = time.perf_counter()
                reply = call(*arguments, **responses)
                times[step, kind].append(time.perf_counter() - began)
                assert reply.status == 200
                return reply.json["Session"]

            timed("start", stranger.initiate, who)
            session = timed("again", stranger.initiate, who)
            timed("answer", stranger.respond, who, "CUSTOM_CHALLENGE", session, ANSWER="0")
    apart = {
        f"{step}, {kind}": 1000 * statistics.median(
            mine - known for mine, known in zip(some, times[step, "known"]))
        for (step, kind), some in times.items() if kind != "known"}
    print({key: f"{value:.3f} ms" for key, value in apart.items()})
    assert all(abs(value) < 1 for value in apart.values()), apart
