"""CUSTOM_AUTH as the tutorials do it."""

import jwt

from aws import Pool, refusal
from harness.server import until, wrong

INVALID = ("NotAuthorizedException", "Invalid session for the user.")
EXPIRED = (
    "NotAuthorizedException", "Invalid session for the user, session is expired.")
REFUSED = ("NotAuthorizedException", "Incorrect username or password.")


def test_a_code_signs_in(server, pool, user):
    asked = pool.initiate(user)
    assert asked["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert asked["ChallengeParameters"] == {"USERNAME": user, "email": f"{user[0]}***@e***"}
    assert 20 <= len(asked["Session"]) <= 4096
    answer = pool.answer(user, asked["Session"], server.code(user))
    assert "ChallengeName" not in answer and answer["ChallengeParameters"] == {}
    result = answer["AuthenticationResult"]
    assert set(result) == {"AccessToken", "IdToken", "RefreshToken", "TokenType", "ExpiresIn"}
    assert result["TokenType"] == "Bearer" and result["ExpiresIn"] == 3600
    [signed_in] = [e for e in server.audit() if e["kind"] == "signed_in" and e["email"] == user]
    assert signed_in["service"] == pool.id and signed_in["door"] == "web"


def test_a_wrong_answer_asks_again_until_the_third(server, pool, user):
    sessions = [pool.initiate(user)["Session"]]
    code = server.code(user)
    for _ in range(2):
        again = pool.answer(user, sessions[-1], wrong(code))
        assert again["ChallengeName"] == "CUSTOM_CHALLENGE"
        assert "AuthenticationResult" not in again
        assert again["Session"] not in sessions
        sessions.append(again["Session"])
    assert refusal(lambda: pool.answer(user, sessions[-1], wrong(code))) == REFUSED
    for session in sessions:
        assert refusal(lambda: pool.answer(user, session, code)) == INVALID


def test_the_second_answer_may_be_right(server, pool, user):
    session = pool.initiate(user)["Session"]
    code = server.code(user)
    session = pool.answer(user, session, wrong(code))["Session"]
    assert pool.answer(user, session, code)["AuthenticationResult"]
    assert refusal(lambda: pool.answer(user, session, code)) == INVALID


def test_the_session_of_a_round_is_good_for_that_round(server, pool, user):
    first = pool.initiate(user)["Session"]
    code = server.code(user)
    second = pool.answer(user, first, wrong(code))["Session"]
    assert refusal(lambda: pool.answer(user, first, wrong(code))) == INVALID
    assert refusal(lambda: pool.answer(user, first, code)) == INVALID
    # Refusals cost nothing: two tries are left, and the round goes on.
    third = pool.answer(user, second, wrong(code))["Session"]
    assert pool.answer(user, third, code)["AuthenticationResult"]


def test_a_session_is_for_its_user_and_its_client(server, pool, user):
    session = pool.initiate(user)["Session"]
    code = server.code(user)
    other = Pool(server, server.json("client", "add", f"other-{user}"))
    assert refusal(lambda: other.answer(user, session, code)) == INVALID
    assert refusal(lambda: pool.answer("mallory@example.org", session, code)) == INVALID
    assert refusal(lambda: pool.respond(user, "EMAIL_OTP", session, EMAIL_OTP_CODE=code)) == INVALID
    for made_up in (session[:-1], session + "A", "A" * 200, server.client().initiate(
            user).json["session"]):
        assert refusal(lambda: pool.answer(user, made_up, code)) == INVALID
    assert pool.answer(user, session, code)["AuthenticationResult"]


def test_strangers_are_asked_alike_and_never_let_in(server, pool):
    stranger = "nobody@example.org"
    asked = pool.initiate(stranger)
    known = pool.initiate("user39@example.org")
    assert set(asked) == set(known) and len(asked["Session"]) == len(known["Session"])
    assert asked["ChallengeParameters"] == {"USERNAME": stranger, "email": "n***@e***"}
    session = asked["Session"]
    for _ in range(2):
        session = pool.answer(stranger, session, "00000000")["Session"]
    assert refusal(lambda: pool.answer(stranger, session, "00000000")) == REFUSED
    until(lambda: server.mails("user39@example.org"))
    assert not server.mails(stranger)


def test_the_user_may_be_named_by_id_and_by_login(server, pool):
    added = server.json("user", "add", "login@example.org", "--login", "loginname")
    for name in ("loginname", added["id"]):
        before = len(server.mails("login@example.org"))
        asked = pool.initiate(name)
        assert asked["ChallengeParameters"]["email"] == "l***@e***"
        code = server.code("login@example.org", before)
        result = pool.answer(name, asked["Session"], code)["AuthenticationResult"]
        assert jwt.decode(result["IdToken"], options={"verify_signature": False})[
            "cognito:username"] == added["id"]


def test_the_session_dies_apart_from_its_code(fresh, clock):
    server = fresh(lambda c: c["code"].update(lifetime="5m"), environment=clock.environment)
    brief = Pool(server, server.json("client", "add", "brief"))
    long = Pool(server, server.json("client", "add", "long", "--session-lifetime", "10m"))
    alice = "alice@example.org"
    sessions = []
    for pool in (brief, long):
        sessions.append(pool.initiate(alice)["Session"])
        server.code(after=len(sessions) - 1)
    clock.ahead(179)
    sessions[0] = brief.answer(alice, sessions[0], "00000000")["Session"]  # a new one, 3 min anew
    clock.ahead(179 + 179)
    # Now the codes have died, and the sessions have not.
    for pool, session in zip((brief, long), sessions):
        assert refusal(lambda: pool.answer(alice, session, "00000000")) == EXPIRED
    clock.ahead(0)
    session = brief.initiate(alice)["Session"]
    clock.ahead(181)
    assert refusal(lambda: brief.answer(alice, session, server.code())) == EXPIRED
