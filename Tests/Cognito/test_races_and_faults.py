"""Many at once, and a store that is in trouble: one answer each, and never a sign-in too many."""

from concurrent.futures import ThreadPoolExecutor

import botocore.exceptions

from aws import Pool, refusal
from harness.server import wrong


def at_once(count, call):
    """What came of each: an answer, or the error's name."""
    def one(_):
        try:
            return call()
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"]

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def test_of_many_right_answers_one_signs_in(server, pool, user):
    session = pool.initiate(user)["Session"]
    code = server.code(user)
    told = at_once(12, lambda: pool.answer(user, session, code))
    assert sum("AuthenticationResult" in one for one in told) == 1
    assert told.count("NotAuthorizedException") == 11


def test_of_many_wrong_answers_of_a_round_one_is_counted(server, pool, user):
    session = pool.initiate(user)["Session"]
    code = server.code(user)
    told = at_once(12, lambda: pool.answer(user, session, wrong(code)))
    [again] = [one for one in told if isinstance(one, dict)]
    assert told.count("NotAuthorizedException") == 11
    # Two tries are left.
    last = pool.answer(user, again["Session"], wrong(code))["Session"]
    assert pool.answer(user, last, code)["AuthenticationResult"]


def test_email_codes_have_three_tries_however_many_come(server, pool, user):
    session = pool.initiate(user, "USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    code = server.code(user)
    told = at_once(12, lambda: pool.respond(
        user, "EMAIL_OTP", session, EMAIL_OTP_CODE=wrong(code)))
    assert told.count("CodeMismatchException") == 2
    assert told.count("NotAuthorizedException") == 10
    assert refusal(lambda: pool.respond(user, "EMAIL_OTP", session, EMAIL_OTP_CODE=code))[0] == \
        "NotAuthorizedException"


def test_a_store_that_is_gone_is_a_fault_of_ours(fresh):
    server = fresh()
    pool = Pool(server, server.json("client", "add", "app"))
    alice = "alice@example.org"
    session = pool.initiate(alice)["Session"]
    code = server.code()
    database, aside = server.directory / "doorpost.db", server.directory / "aside.db"
    database.rename(aside)
    for call in (lambda: pool.initiate(alice), lambda: pool.answer(alice, session, code)):
        error, message = refusal(call)
        assert error == "InternalErrorException" and "doorpost.db" not in message
    aside.rename(database)
    assert pool.answer(alice, session, code)["AuthenticationResult"]
