"""Known, unknown, disabled and those who may not sign up: nobody can tell them apart."""

import bisect
import statistics
import time

import pytest

from harness.server import until, wrong
from harness.sink import Sink

KINDS = ["known@example.org", "unknown@example.org", "disabled@example.org", "other@example.com"]


@pytest.fixture
def crowd(fresh):
    server = fresh(lambda c: c.update(signup=["example.net"]),
                   users=("known@example.org", "disabled@example.org"))
    server.run("user", "disable", "disabled@example.org")
    return server


def story(server, who, source):
    """All that a stranger can see of a sign-in, but for random text and seconds that pass."""
    client = server.client(source)
    seen = []
    started = client.initiate(who)
    session = started.json["session"]
    for reply in [started, client.initiate(who), client.post("/auth/resend", {"session": session}),
                  *(client.verify(session, "00000000") for _ in range(4)),
                  client.post("/auth/resend", {"session": session}),
                  client.verify(session, "00000000", email=who)]:
        body = dict(reply.json)
        if "session" in body:
            body["session"] = len(body["session"])
        if "expires_in" in body:
            body["expires_in"] = body["expires_in"] >= 298
        headers = {k: v for k, v in reply.headers.items()
                   if k not in ("Date", "Content-Length", "X-Request-Id")}
        seen.append((reply.status, body, headers))
    return seen


def test_all_get_the_same_answers(crowd):
    stories = [story(crowd, who, f"192.0.2.{n}") for n, who in enumerate(KINDS)]
    assert stories[0][0][0] == 200
    for other in stories[1:]:
        assert other == stories[0]
    crowd.mail("known@example.org")
    assert {m.to for m in crowd.mails()} == {"known@example.org"}


def test_limits_hit_all_alike(fresh):
    def narrow(settings):
        settings["limits"]["mails_per_address"] = ["2/h"]
        settings["limits"]["starts_per_source"] = "50/h"
    server = fresh(narrow, users=("known@example.org",))
    seen = []
    for n, who in enumerate(("known@example.org", "unknown@example.org")):
        # Each time from another place, so that no challenge is resumed.
        seen.append([server.client(f"198.51.{n}.{k}").initiate(who).status for k in range(5)])
    assert seen[0] == seen[1] and seen[0][0] == 200 and 429 in seen[0]


def test_two_names_of_one_user_look_like_two_strangers(fresh):
    """Who guesses a login name and an address must not be told that they belong together."""
    server = fresh(lambda c: c["code"].update(resend_after="60s"), users=())
    server.run("user", "add", "ann@example.org", "--login", "ann")

    def story(name):
        steps = []
        login, email = {"username": name}, {"email": f"{name}@example.org"}
        for source, who in [("1", login), ("1", email), ("2", email), ("2", login), ("1", email)]:
            client = server.client(f"192.0.2.{source}")
            started = client.post("/auth/initiate", who)
            steps.append((started.status, started.json.get("error")))
            if started.status != 200:
                continue
            body = started.json
            guess = client.verify(body["session"], "00000000")
            steps.append((body["resend_in"] > 50, body["expires_in"] > 290, guess.status,
                          guess.json["attempts_left"]))
        return steps

    seen = story("ann")
    assert seen == story("zed")
    # The second name was a sign-in of its own; the last was the second's once more.
    assert [step[-1] for step in seen if len(step) == 4] == [2, 2, 1], seen
    until(lambda: len(server.mails()) == 2)


def distance(some, others):
    """How far the two distributions are apart at most (Kolmogorov, Smirnov): 0 to 1."""
    some, others = sorted(some), sorted(others)
    return max(abs(bisect.bisect(some, x) / len(some) - bisect.bisect(others, x) / len(others))
               for x in some + others)


@pytest.mark.alone
def test_all_take_the_same_time(fresh):
    """2,000 pairs, in turn, on one connection."""
    pairs = 2000
    server = fresh(lambda c: c["limits"].update(mails_per_address=["100000/h"]),
                   users=("known@example.org",))
    client = server.client()
    connection = client.connection()
    times = {"known@example.org": [], "unknown@example.org": []}
    for n in range(pairs):
        for who in times if n % 2 else reversed(times):
            source = {"X-Forwarded-For": "192.0.2.9"}
            began = time.perf_counter()
            reply = client.initiate(who, headers=source, connection=connection)
            times[who].append(time.perf_counter() - began)
            assert reply.status == 200
    known, unknown = (statistics.median(t) * 1000 for t in times.values())
    assert abs(known - unknown) < 1, f"{known:.3f} ms and {unknown:.3f} ms"
    # Who sees one answer's time and bets on it wins at most (1 + distance) / 2 of the bets. It is
    # 0.1 on a quiet machine, where a hundredth of a millisecond shows.
    assert distance(*times.values()) < 0.3


@pytest.mark.alone
def test_a_near_guess_takes_as_long_as_a_far_one(fresh):
    """18: seven right digits of eight, and none; 200 of each, in turn, on one connection."""
    sink, person = Sink(pause=0), "known@example.org"
    times = {"near": [], "far": []}
    try:
        server = fresh(lambda c: (c["limits"].update(failures_per_account="100000/d",
                                                     mails_per_address=["100000/h"]),
                                  c["mail"].update(sink.settings)), users=(person,))
        client = server.client()
        connection = client.connection()
        for n in range(400):
            session = client.initiate(person, connection=connection).json["session"]
            code = until(lambda: sink.codes(person)[n:])[-1]

            def verify(answer):
                return client.post("/auth/verify", {"session": session, "otp": answer},
                                   connection=connection)

            # The first meets the courier, who writes down how the mail went.
            assert verify(wrong(code)).error == "code_mismatch"
            kind, guess = (("near", code[:-1] + wrong(code[-1])), ("far", wrong(code)))[n % 2]
            began = time.perf_counter()
            reply = verify(guess)
            times[kind].append(time.perf_counter() - began)
            assert reply.error == "code_mismatch"
            assert verify(code).status == 200
    finally:
        sink.stop()
    # Of one distribution they would be so far apart once in thirty million runs, on any machine.
    assert distance(*times.values()) < 0.3
