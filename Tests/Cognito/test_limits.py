"""Limits and repeated requests: the same rules as over REST, in the words of the model."""

import uuid

from aws import Pool, refusal, sdk
from harness.server import until

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
    # Another request has a mail and a code of its own.
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


def test_a_refused_mail_costs_no_attempt_and_no_more_mail(fresh):
    server = fresh(lambda c: c.update(code={"resend_after": "60s"}))
    pool = Pool(server, server.json("client", "add", "app"))
    alice = "alice@example.org"
    session = pool.initiate(alice)["Session"]
    code = server.code()
    for _ in range(5):
        assert refusal(lambda: pool.initiate(alice)) == TOO_MANY
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
