"""PreTokenGeneration: what a trigger may change in tokens, and what not."""

import jwt
import pytest

from aws import Pool, refusal
from triggered import ALICE, Triggered
from triggers import THREE

RESERVED = [
    "acr", "amr", "at_hash", "aud", "auth_time", "azp", "cognito:username", "exp", "iat",
    "identities", "iss", "jti", "nbf", "nonce", "origin_jti", "sub", "token_use", "client_id",
    "username", "event_id", "version", "scope", "email", "email_verified", "sid",
    "cognito:groups"]
OWN = "aws.cognito.signin.user.admin"


@pytest.fixture
def triggered(fresh, tmp_path):
    def start(body, version=1, change=None, more=None):
        it = Triggered(fresh, tmp_path, {"pre_token_generation": body, **(more or {})}, change,
                       version)
        it.server.run("user", "set", ALICE, "--group", "staff", "--name", "Ada")
        return it
    return start


def claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def v1(**details):
    return f"response['claimsOverrideDetails'] = {details!r}"


def v2(**details):
    return f"response['claimsAndScopeOverrideDetails'] = {details!r}"


def both(result):
    return claims(result["IdToken"]), claims(result["AccessToken"])


def lasting(told):
    """What is the same in the tokens of two sign-ins."""
    return {k: v for k, v in told.items() if k not in (
        "jti", "origin_jti", "event_id", "iat", "exp", "auth_time")}


def test_the_first_version_changes_the_id_token(triggered):
    it = triggered("pass")
    id_before, access_before = both(it.sign_in())
    it.triggers.set("pre_token_generation", v1(
        claimsToAddOrOverride={"team": "red", "name": "Countess"}, claimsToSuppress=["other"]))
    id_after, access_after = both(it.sign_in())
    assert lasting(id_after) == {**lasting(id_before), "team": "red", "name": "Countess"}
    assert lasting(access_after) == lasting(access_before)
    it.triggers.set("pre_token_generation", v1(
        claimsToAddOrOverride={"team": "red"}, claimsToSuppress=["name", "team"]))
    id_after, _ = both(it.sign_in())
    expected = lasting(id_before)
    del expected["name"]
    assert lasting(id_after) == expected


def test_the_first_versions_event(triggered):
    it = triggered("pass")
    it.sign_in(metadata={"a": "b"})
    [event] = it.triggers.events()
    [alice] = it.server.json("user", "list")
    assert event["triggerSource"] == "TokenGeneration_Authentication" and event["version"] == "1"
    assert event["request"] == {
        "userAttributes": {"sub": alice["id"], "email": ALICE, "email_verified": "true",
                           "cognito:user_status": "CONFIRMED", "name": "Ada"},
        "groupConfiguration": {"groupsToOverride": ["staff"], "iamRolesToOverride": [],
                               "preferredRole": None},
        "clientMetadata": {"a": "b"}}
    assert event["response"] == {"claimsOverrideDetails": None}


def test_the_second_version_changes_both(triggered):
    it = triggered(v2(
        idTokenGeneration={"claimsToAddOrOverride": {"a": [1, {"b": None}], "yes": True},
                           "claimsToSuppress": ["name"]},
        accessTokenGeneration={"claimsToAddOrOverride": {"https://x.example/y": 1.5},
                               "scopesToAdd": ["api/read", "api/write"],
                               "scopesToSuppress": ["none"]}), version=2)
    identity, access = both(it.sign_in())
    assert identity["a"] == [1, {"b": None}] and identity["yes"] is True
    assert "name" not in identity and identity["email"] == ALICE
    assert "https://x.example/y" not in identity and "scope" not in identity
    assert access["https://x.example/y"] == 1.5 and "a" not in access
    assert access["scope"].split() == [OWN, "api/read", "api/write"]
    [event] = it.triggers.events()
    assert event["version"] == "2" and event["request"]["scopes"] == [OWN]
    assert event["request"]["groupConfiguration"]["groupsToOverride"] == ["staff"]
    assert event["response"] == {"claimsAndScopeOverrideDetails": None}


def test_each_version_ignores_the_others_answer(triggered):
    added = {"claimsToAddOrOverride": {"team": "red"}}
    it = triggered(v2(idTokenGeneration=added, accessTokenGeneration=added))
    for told in both(it.sign_in()):
        assert "team" not in told


@pytest.mark.parametrize("version", [1, 2])
def test_reserved_claims_stay_as_they_are(triggered, version):
    change = {"claimsToAddOrOverride": {name: "root" for name in RESERVED}}
    remove = {"claimsToSuppress": RESERVED}
    it = triggered("pass", version)
    expected = [lasting(told) for told in both(it.sign_in())]
    for details in (change, remove):
        it.triggers.set("pre_token_generation", v1(**details) if version == 1 else v2(
            idTokenGeneration=details, accessTokenGeneration=details))
        result = it.sign_in()
        assert [lasting(told) for told in both(result)] == expected
        # And they are good: ours are what is looked at.
        assert it.pool.sdk.get_user(AccessToken=result["AccessToken"])["UserAttributes"]


@pytest.mark.parametrize("version", [1, 2])
def test_groups_are_those_of_the_trigger(triggered, version):
    make = v1 if version == 1 else v2
    it = triggered("pass", version)
    for told in both(it.sign_in()):
        assert told["cognito:groups"] == ["staff"]
    for groups in (["b", "a"], []):
        it.triggers.set("pre_token_generation", make(
            groupOverrideDetails={"groupsToOverride": groups}))
        for told in both(it.sign_in()):
            assert told.get("cognito:groups") == (groups or None)
    assert it.server.json("user", "show", ALICE)["groups"] == ["staff"]


def test_a_refresh_asks_anew(triggered):
    it = triggered("pass")
    refresh = it.sign_in()["RefreshToken"]
    it.triggers.set("pre_token_generation", v1(claimsToAddOrOverride={"team": "red"}))
    again = it.pool.refresh(refresh)["AuthenticationResult"]
    assert claims(again["IdToken"])["team"] == "red"
    assert it.triggers.events()[-1]["triggerSource"] == "TokenGeneration_RefreshTokens"
    rotating = Pool(it.server, it.server.json("client", "add", "rotating", "--rotate-grace", "0s"))
    first = rotating.sign_in(ALICE)
    assert claims(first["IdToken"])["team"] == "red"
    told = rotating.sdk.get_tokens_from_refresh_token(
        RefreshToken=first["RefreshToken"], ClientId=rotating.id,
        ClientMetadata={"why": "late"})["AuthenticationResult"]
    assert claims(told["IdToken"])["team"] == "red"
    event = it.triggers.events()[-1]
    assert event["triggerSource"] == "TokenGeneration_RefreshTokens"
    assert event["request"]["clientMetadata"] == {"why": "late"}


def test_a_refresh_that_a_trigger_refuses(triggered):
    it = triggered("pass")
    pool = Pool(it.server, it.server.json("client", "add", "rotating", "--rotate-grace", "60s"))
    first = pool.sign_in(ALICE)

    def refresh():
        return pool.sdk.get_tokens_from_refresh_token(
            RefreshToken=first["RefreshToken"], ClientId=pool.id)

    it.triggers.set("pre_token_generation", "say({'errorMessage': 'not now'}); sys.exit()")
    assert refusal(refresh) == (
        "UserLambdaValidationException", "PreTokenGeneration failed with error not now.")
    assert refusal(lambda: it.sign_in()) == (
        "UserLambdaValidationException", "PreTokenGeneration failed with error not now.")
    # Within the grace the same token has its answer yet.
    it.triggers.set("pre_token_generation", "pass")
    assert refresh()["AuthenticationResult"]["RefreshToken"] != first["RefreshToken"]


def test_a_token_without_the_scope_of_the_own_account_reaches_nothing_here(triggered):
    it = triggered(v2(accessTokenGeneration={
        "scopesToAdd": ["api/read"], "scopesToSuppress": [OWN]}), version=2)
    token = it.sign_in()["AccessToken"]
    assert claims(token)["scope"] == "api/read"
    sdk = it.pool.sdk
    for call in (sdk.get_user, sdk.global_sign_out, sdk.delete_user):
        assert refusal(lambda: call(AccessToken=token))[0] == "NotAuthorizedException"
    it.triggers.set("pre_token_generation", v2(accessTokenGeneration={
        "scopesToAdd": ["api/read"]}))
    token = it.sign_in()["AccessToken"]
    assert sdk.get_user(AccessToken=token)["UserAttributes"]
    # To an administrator it is a token like any other.
    it.server.run("token", "verify", token)


def test_nobody_is_given_the_scope_of_an_account_by_a_trigger(triggered):
    """Taken and added at once, it is taken."""
    it = triggered(v2(accessTokenGeneration={
        "scopesToAdd": [OWN], "scopesToSuppress": [OWN]}), version=2)
    assert "scope" not in claims(it.sign_in()["AccessToken"])


def test_verifiers_of_others_take_the_tokens(triggered):
    it = triggered(v2(
        idTokenGeneration={"claimsToAddOrOverride": {"a": {"b": [1]}}},
        accessTokenGeneration={"claimsToAddOrOverride": {"a": "ü/\""}}), version=2)
    result = it.sign_in()
    keys = jwt.PyJWKClient(f"{it.server.url}/local_Main/.well-known/jwks.json")
    for name, more, value in (("IdToken", {"audience": it.pool.id}, {"b": [1]}),
                              ("AccessToken", {}, "ü/\"")):
        key = keys.get_signing_key_from_jwt(result[name]).key
        told = jwt.decode(result[name], key, algorithms=["ES256"],
                          issuer="http://127.0.0.1:8425/local_Main", **more)
        assert told["a"] == value


def test_the_trigger_is_not_asked_about_nobodys_tokens(triggered):
    it = triggered("pass", more=THREE, change=lambda c: c.update(signup="open"))
    session = it.initiate()["Session"]
    for _ in range(2):
        session = it.answer(session, "wrong")["Session"]
    refusal(lambda: it.answer(session, "wrong"))
    it.sign_up("eve@example.org")
    it.confirm("eve@example.org", it.server.code("eve@example.org"))
    assert not it.triggers.events("pre_token_generation")
