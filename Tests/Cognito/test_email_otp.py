"""USER_AUTH: the client chooses the factor, and there is one."""

from aws import Pool, refusal
from harness.server import wrong

INVALID = ("NotAuthorizedException", "Invalid session for the user.")
MISMATCH = ("CodeMismatchException", "Invalid code or auth state for the user.")


def test_the_preferred_factor_is_asked_for_at_once(server, pool, user):
    asked = pool.initiate(user, "USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")
    assert asked["ChallengeName"] == "EMAIL_OTP"
    assert asked["ChallengeParameters"] == {
        "USERNAME": user, "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "u***@e***"}
    answer = pool.respond(user, "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=server.code(user))
    assert answer["AuthenticationResult"]["IdToken"]


def test_the_factor_may_be_chosen_first(server, pool, user):
    asked = pool.initiate(user, "USER_AUTH")
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["AvailableChallenges"] == ["EMAIL_OTP"]
    assert not server.mails(user)
    chosen = pool.respond(user, "SELECT_CHALLENGE", asked["Session"], ANSWER="EMAIL_OTP")
    assert chosen["ChallengeName"] == "EMAIL_OTP" and chosen["Session"] != asked["Session"]
    answer = pool.respond(user, "EMAIL_OTP", chosen["Session"], EMAIL_OTP_CODE=server.code(user))
    assert answer["AuthenticationResult"]["AccessToken"]


def test_a_factor_that_is_not_there(pool, user):
    asked = pool.initiate(user, "USER_AUTH", PREFERRED_CHALLENGE="WEB_AUTHN")
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    error, _ = refusal(lambda: pool.respond(
        user, "SELECT_CHALLENGE", asked["Session"], ANSWER="WEB_AUTHN"))
    assert error == "InvalidParameterException"


def test_a_wrong_code_may_be_corrected_in_the_same_session(server, pool, user):
    session = pool.initiate(user, "USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    code = server.code(user)

    def answer(text):
        return pool.respond(user, "EMAIL_OTP", session, EMAIL_OTP_CODE=text)

    for _ in range(2):
        assert refusal(lambda: answer(wrong(code))) == MISMATCH
    assert answer(code)["AuthenticationResult"]
    assert refusal(lambda: answer(code)) == INVALID


def test_the_third_wrong_code_ends_it(server, pool, user):
    session = pool.initiate(user, "USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    code = server.code(user)

    def answer(text):
        return pool.respond(user, "EMAIL_OTP", session, EMAIL_OTP_CODE=text)

    for _ in range(2):
        assert refusal(lambda: answer(wrong(code))) == MISMATCH
    ended = ("NotAuthorizedException", "Incorrect username or password.")
    assert refusal(lambda: answer(wrong(code))) == ended
    assert refusal(lambda: answer(code)) == ended


def test_a_code_that_died(fresh, clock):
    server = fresh(environment=clock.environment)
    pool = Pool(server, server.json("client", "add", "long", "--session-lifetime", "15m"))
    alice = "alice@example.org"
    session = pool.initiate(alice, "USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    code = server.code()
    clock.ahead(301)
    assert refusal(lambda: pool.respond(alice, "EMAIL_OTP", session, EMAIL_OTP_CODE=code)) == (
        "ExpiredCodeException", "Invalid code provided, please request a code again.")


def test_strangers(server, pool):
    stranger = "stranger@example.org"
    asked = pool.initiate(stranger, "USER_AUTH")
    chosen = pool.respond(stranger, "SELECT_CHALLENGE", asked["Session"], ANSWER="EMAIL_OTP")
    assert chosen["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "s***@e***"
    for _ in range(2):
        assert refusal(lambda: pool.respond(
            stranger, "EMAIL_OTP", chosen["Session"], EMAIL_OTP_CODE="00000000")) == MISMATCH
    assert not server.mails(stranger)
    # A name without an address hides as well, always behind the same letters.
    hints = {pool.initiate("nobody", "USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")[
        "ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] for _ in range(3)}
    [hint] = hints
    assert len(hint) == len("a***@e***") and hint[1:6] == "***@" + hint[5]
