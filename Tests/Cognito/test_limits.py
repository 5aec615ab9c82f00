"""Limits and repeated requests: the same rules as over REST, in the words of the model."""

import socket
import uuid

import pytest

from aws import Pool, refusal, sdk
from harness.server import until, wrong
from harness.sink import Sink

TOO_MANY = ("TooManyRequestsException", "Attempt limit exceeded, please try after some time.")


def named(pool, name):
    """The pool, with every request under this invocation id."""
    other = Pool(pool.server, {"client_id": pool.id, "client_secret": pool.secret})
    other.sdk.meta.events.register(
        "before-send.*.*", lambda request, **_: request.headers.__setitem__(
            "amz-sdk-invocation-id", name))
    return other


def test_a_repeated_request_sends_no_second_mail(server, pool, user):
    retried = named(pool, str(uuid.uuid4()))
    sessions = [retried.initiate(user)["Session"] for _ in range(3)]
    code = server.code(user)
    # Where there is no gap, another request has a mail and a code of its own.
    pool.initiate(user)
    assert server.code(user, after=1) != code
    assert len(server.mails(user)) == 2
    assert retried.answer(user, sessions[0], code)["AuthenticationResult"]
    # The three were one challenge.
    assert refusal(lambda: retried.answer(user, sessions[1], code)) == (
        "NotAuthorizedException", "Invalid session for the user.")


def test_a_repeated_wrong_answer_costs_one_try(server, pool, user):
    session = pool.initiate(user)["Session"]
    code = server.code(user)
    retried = named(pool, str(uuid.uuid4()))
    second = retried.answer(user, session, "1")["Session"]
    assert refusal(lambda: retried.answer(user, session, "1"))[0] == "NotAuthorizedException"
    third = pool.answer(user, second, "1")["Session"]
    assert pool.answer(user, third, code)["AuthenticationResult"]


def sent_from(pool, source):
    """The pool, with every request from this address."""
    other = Pool(pool.server, {"client_id": pool.id, "client_secret": pool.secret})
    other.sdk.meta.events.register(
        "before-send.*.*", lambda request, **_: request.headers.__setitem__(
            "X-Forwarded-For", source))
    return other


@pytest.fixture
def gap(fresh, clock):
    """A pool whose server mails nobody twice within a minute."""
    server = fresh(lambda c: c.update(code={"resend_after": "60s"}),
                   environment=clock.environment)
    return Pool(server, server.json("client", "add", "app"))


def test_another_request_within_the_gap_takes_up_the_challenge(gap):
    """A page that is loaded again, a script that is started again."""
    server, alice = gap.server, "alice@example.org"
    first = gap.initiate(alice)["Session"]
    code = server.code()
    second = gap.initiate(alice)["Session"]
    assert second != first
    # The tries are those of the challenge, whoever asks anew.
    gap.answer(alice, second, wrong(code))
    for _ in range(2):
        third = gap.initiate(alice)
        assert third["ChallengeName"] == "CUSTOM_CHALLENGE"
    gap.answer(alice, third["Session"], wrong(code))
    assert gap.answer(alice, gap.initiate(alice)["Session"], code)["AuthenticationResult"]
    assert len(server.mails()) == 1
    assert [e["kind"] for e in server.audit() if e["kind"].startswith("code_re")] == [
        "code_requested", *["code_resumed"] * 4]
    # The code is used: the next sign-in has one of its own at once.
    gap.initiate(alice)
    assert server.code(after=1) != code


def test_the_e_mail_factor_takes_it_up_too(gap):
    alice = "alice@example.org"
    first = gap.initiate(alice, "USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    code = gap.server.code()
    choice = gap.initiate(alice, "USER_AUTH")["Session"]
    second = gap.respond(alice, "SELECT_CHALLENGE", choice, ANSWER="EMAIL_OTP")["Session"]
    answers = [lambda text, session=session: gap.respond(
        alice, "EMAIL_OTP", session, EMAIL_OTP_CODE=text) for session in (first, second)]
    for answer in answers:
        assert refusal(lambda: answer(wrong(code)))[0] == "CodeMismatchException"
    assert answers[1](code)["AuthenticationResult"]
    assert len(gap.server.mails()) == 1


def test_three_wrong_answers_are_all_until_the_gap_is_over(gap, clock):
    alice = "alice@example.org"
    for _ in range(2):
        session = gap.initiate(alice)["Session"]
        code = gap.server.code()
        gap.answer(alice, session, wrong(code))
    assert refusal(lambda: gap.answer(alice, gap.initiate(alice)["Session"], wrong(code)))[0] == \
        "NotAuthorizedException"
    assert refusal(lambda: gap.initiate(alice)) == TOO_MANY
    clock.ahead(61)
    session = gap.initiate(alice)["Session"]
    assert gap.answer(alice, session, gap.server.code(after=1))["AuthenticationResult"]


def test_another_request_after_the_gap_has_a_code_of_its_own(gap, clock):
    alice, name = "alice@example.org", str(uuid.uuid4())
    first = named(gap, name).initiate(alice)["Session"]
    code = gap.server.code()
    clock.ahead(61)
    second = gap.initiate(alice)["Session"]
    other = gap.server.code(after=1)
    assert other != code
    # The first request, repeated whenever, is the first sign-in.
    named(gap, name).initiate(alice)
    gap.initiate(alice)
    assert len(gap.server.mails()) == 2
    assert gap.answer(alice, first, code)["AuthenticationResult"]
    assert gap.answer(alice, second, other)["AuthenticationResult"]


def test_a_refused_mail_costs_no_attempt_and_no_more_mail(gap):
    """From elsewhere, and to another client, it is another sign-in: the gap holds."""
    server, alice = gap.server, "alice@example.org"
    pool, session = gap, gap.initiate(alice)["Session"]
    code = server.code()
    other = Pool(server, server.json("client", "add", "other"))
    for elsewhere in (sent_from(gap, "203.0.113.9"), other):
        for _ in range(3):
            assert refusal(lambda: elsewhere.initiate(alice)) == TOO_MANY
    assert len(server.mails()) == 1
    second = pool.answer(alice, session, "1")["Session"]
    third = pool.answer(alice, second, "1")["Session"]
    assert pool.answer(alice, third, code)["AuthenticationResult"]


def test_failures_are_counted_over_both_apis(fresh):
    server = fresh(lambda c: c["limits"].update(failures_per_account="3/d"))
    pool = Pool(server, server.json("client", "add", "app"))
    alice = "alice@example.org"
    session = pool.initiate(alice)["Session"]
    code = server.code()
    rest = server.client().initiate(alice).json["session"]
    for _ in range(2):
        assert server.client().verify(rest, "00000000").error == "code_mismatch"
    session = pool.answer(alice, session, "1")["Session"]
    assert refusal(lambda: pool.answer(alice, session, code)) == TOO_MANY
    assert refusal(lambda: pool.initiate(alice)) == TOO_MANY


def test_an_sdk_that_retries_a_refusal_is_refused_again(fresh):
    server = fresh(lambda c: c["limits"].update(starts_per_source="1/h"))
    pool = Pool(server, server.json("client", "add", "app"))
    pool.initiate("alice@example.org")
    requests = []
    pool.sdk = sdk(server.url, retries=2)
    pool.sdk.meta.events.register("before-send.*.*", lambda **_: requests.append(1))
    # Each of them was a 400, never a 429: aws.py looks.
    assert refusal(lambda: pool.initiate("bob@example.org")) == TOO_MANY
    assert len(requests) == 3


def test_a_relay_that_is_down_is_said_before_anything_is_counted(fresh):
    server = fresh(lambda c: c["mail"].update(transport="smtp://127.0.0.1:9", tls="none"),
                   ready=False)
    pool = Pool(server, server.json("client", "add", "app"))
    until(lambda: server.client().initiate("alice@example.org").error == "mail_unavailable")
    error, message = refusal(lambda: pool.initiate("alice@example.org"))
    assert error == "InternalErrorException" and "relay" not in message


def test_the_sdks_retry_finds_the_relay_up_again(fresh):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = fresh(lambda c: c["mail"].update(transport=f"smtp://127.0.0.1:{port}", tls="none"),
                   ready=False)
    pool, alice = Pool(server, server.json("client", "add", "app"), retries=2), "alice@example.org"
    relay, requests, told = [], [], []

    def is_up():
        return "doorpost_relay_up 1" in server.client().get("/metrics").raw.decode().splitlines()

    def send(request, **_):
        requests.append(request.headers["amz-sdk-invocation-id"])
        if len(requests) == 2:
            relay.append(Sink(pause=0, port=port))
            until(is_up)

    until(lambda: not is_up())
    pool.sdk.meta.events.register("before-send.*.*", send)
    pool.sdk.meta.events.register(
        "needs-retry.*.*", lambda response, **_: told.append(response[0].status_code))
    try:
        session = pool.initiate(alice)["Session"]
        assert told == [500, 200] and len(requests) == 2 and len(set(requests)) == 1
        [code] = until(lambda: relay[0].codes(alice))
        assert pool.answer(alice, session, code)["AuthenticationResult"]
    finally:
        for one in relay:
            one.stop()
    # The refused request had cost nothing.
    assert [e["kind"] for e in server.audit()].count("code_requested") == 1
