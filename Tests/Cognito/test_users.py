"""What somebody may do with an access token of their own, and RevokeToken."""

import re

import jwt
import pytest

from aws import Pool, refusal

REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
INVALID = ("NotAuthorizedException", "Invalid Access Token")
OPERATIONS = ("get_user", "get_user_auth_factors", "global_sign_out", "delete_user",
              "update_user_attributes")


def call(pool, operation, token, **more):
    if operation == "update_user_attributes":
        more.setdefault("UserAttributes", [])
    return getattr(pool.sdk, operation)(AccessToken=token, **more)


def attributes(pool, token):
    answer = pool.sdk.get_user(AccessToken=token)
    return {a["Name"]: a["Value"] for a in answer["UserAttributes"]}


def sub(tokens):
    return jwt.decode(tokens["IdToken"], options={"verify_signature": False})["sub"]


def test_who_somebody_is(server, pool, user):
    tokens = pool.sign_in(user)
    answer = pool.sdk.get_user(AccessToken=tokens["AccessToken"])
    assert answer["Username"] == sub(tokens)
    assert answer["UserAttributes"] == [
        {"Name": "sub", "Value": sub(tokens)}, {"Name": "email", "Value": user},
        {"Name": "email_verified", "Value": "true"}]
    server.run("user", "set", user, "--name", "Zoë Example", "--login", "zoe")
    assert attributes(pool, tokens["AccessToken"]) == {
        "sub": sub(tokens), "email": user, "email_verified": "true", "name": "Zoë Example",
        "preferred_username": "zoe"}
    factors = pool.sdk.get_user_auth_factors(AccessToken=tokens["AccessToken"])
    assert factors["Username"] == sub(tokens)
    assert factors["ConfiguredUserAuthFactors"] == ["EMAIL_OTP"]


def test_a_name_may_be_changed(server, pool, user):
    token = pool.sign_in(user)["AccessToken"]

    def update(*pairs):
        return pool.sdk.update_user_attributes(
            AccessToken=token, UserAttributes=[{"Name": n, "Value": v} for n, v in pairs])

    assert update(("name", "Ada Lovelace"))["CodeDeliveryDetailsList"] == []
    assert attributes(pool, token)["name"] == "Ada Lovelace"
    # To say what is so already is no change.
    update(("email", user.upper()))
    assert attributes(pool, token)["name"] == "Ada Lovelace"
    update(("name", "x"), ("name", ""))
    assert "name" not in attributes(pool, token)
    [event] = [e for e in server.json("audit", "--user", user)
               if e["kind"] == "user_changed"][-1:]
    assert (event["door"], event["detail"]) == ("web", "set name")


def test_what_may_not_be_changed(server, pool, user):
    token = pool.sign_in(user)["AccessToken"]
    before = attributes(pool, token)

    def update(*pairs):
        return refusal(lambda: pool.sdk.update_user_attributes(
            AccessToken=token, UserAttributes=[{"Name": n, "Value": v} for n, v in pairs]))

    for name, value in (("email", "new@example.org"), ("email", ""), ("email_verified", "true"),
                        ("preferred_username", "root")):
        assert update(("name", "New"), (name, value)) == (
            "NotAuthorizedException", "A client attempted to write unauthorized attribute: "
            f"{name} is for administrators to change."), name
    assert update(("name", "New"), ("sub", "1"))[0] == "InvalidParameterException"
    assert update(("name", "New"), ("custom:role", "admin")) == (
        "InvalidParameterException", "Attributes did not conform to the schema: "
        "user.custom:role: Attribute does not exist in the schema.")
    for value in ("a" * 101, "a\x1b[2J", "a\u202eb", "a\u2028b"):
        assert update(("name", value))[0] == "InvalidParameterException"
    assert attributes(pool, token) == before


def test_signing_out_everywhere(server, pool, user):
    other = Pool(server, server.json("client", "add", f"other-{user}"))
    first, second = pool.sign_in(user), other.sign_in(user)
    rest = server.sign_in(user).json
    pool.sdk.global_sign_out(AccessToken=first["AccessToken"])
    for tokens, one in ((first, pool), (second, other)):
        for operation in OPERATIONS:
            assert refusal(lambda: call(one, operation, tokens["AccessToken"])) == REVOKED
        assert refusal(lambda: one.refresh(tokens["RefreshToken"])) == (
            "NotAuthorizedException", "Invalid Refresh Token")
    assert server.client().post(
        "/auth/refresh", {"refresh_token": rest["refresh_token"]}).status == 401
    assert not server.json("session", "list", user)
    assert pool.sign_in(user)["AccessToken"]


def test_to_be_forgotten(server, pool, user):
    tokens = pool.sign_in(user)
    pool.sdk.delete_user(AccessToken=tokens["AccessToken"])
    assert user not in [u["email"] for u in server.json("user", "list")]
    for operation in OPERATIONS:
        assert refusal(lambda: call(pool, operation, tokens["AccessToken"])) == REVOKED
    [event] = [e for e in server.json("audit") if e["kind"] == "user_deleted"
               and e["detail"] == user]
    assert event["door"] == "web" and event["service"] == pool.id


def test_a_token_of_the_web_deletes_no_linux_login(server, pool, user):
    token = pool.sign_in(user)["AccessToken"]
    server.run("user", "set", user, "--login", "u" + user.split("@")[0])
    assert refusal(lambda: pool.sdk.delete_user(AccessToken=token)) == (
        "NotAuthorizedException", "The user has a Linux login, so an administrator must do this.")
    assert attributes(pool, token)["email"] == user


def test_who_is_disabled_or_revoked(server, pool, user):
    token = pool.sign_in(user)["AccessToken"]
    server.run("user", "disable", user)
    for operation in OPERATIONS:
        assert refusal(lambda: call(pool, operation, token)) == REVOKED


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_no_access_token(server, pool, operation):
    name = "user39@example.org"
    tokens = pool.sign_in(name)
    rest = server.sign_in(name).json
    header, payload, signature = tokens["AccessToken"].split(".")
    for token in ("x", "a.b.c", tokens["IdToken"], tokens["RefreshToken"], rest["access_token"],
                  rest["id_token"], f"{header}.{payload}.{'A' * len(signature)}",
                  f"{header}.{payload}."):
        assert refusal(lambda: call(pool, operation, token)) == INVALID, token
    error, message = refusal(lambda: call(pool, operation, "a b"))
    assert error == "InvalidParameterException" and "a b" not in message


def test_an_access_token_that_died(fresh, clock):
    server = fresh(environment=clock.environment)
    pool = Pool(server, server.json("client", "add", "brief", "--access-lifetime", "5m"))
    token = pool.sign_in("alice@example.org")["AccessToken"]
    clock.ahead(299)
    assert pool.sdk.get_user(AccessToken=token)
    clock.ahead(301)
    for operation in OPERATIONS:
        assert refusal(lambda: call(pool, operation, token)) == (
            "NotAuthorizedException", "Access Token has expired")


def test_revoking_a_refresh_token_ends_its_family_alone(server, pool, user):
    first, second = pool.sign_in(user), pool.sign_in(user)
    for _ in range(2):  # one that has ended is no error
        answer = pool.sdk.revoke_token(Token=first["RefreshToken"], ClientId=pool.id)
        assert set(answer) == {"ResponseMetadata"}
    assert refusal(lambda: pool.refresh(first["RefreshToken"]))[0] == "NotAuthorizedException"
    assert refusal(lambda: pool.sdk.get_user(AccessToken=first["AccessToken"])) == REVOKED
    assert pool.refresh(second["RefreshToken"])["AuthenticationResult"]


def test_a_spent_refresh_token_ends_its_family_too(server, user):
    pool = Pool(server, server.json("client", "add", f"turn-{user}", "--rotate-grace", "0s"))
    first = pool.sign_in(user)["RefreshToken"]
    newest = pool.sdk.get_tokens_from_refresh_token(
        RefreshToken=first, ClientId=pool.id)["AuthenticationResult"]
    pool.sdk.revoke_token(Token=first, ClientId=pool.id)
    assert refusal(lambda: pool.sdk.get_user(AccessToken=newest["AccessToken"])) == REVOKED


def test_what_cannot_be_revoked(server, pool, user):
    tokens = pool.sign_in(user)
    secret = server.json("client", "add", f"secret-{user}", "--secret")
    revoke = pool.sdk.revoke_token
    for token in (tokens["AccessToken"], tokens["IdToken"], "x",
                  re.sub(r"\.0\.", ".1.", tokens["RefreshToken"])):
        assert refusal(lambda: revoke(Token=token, ClientId=pool.id))[0] == \
            "UnsupportedTokenTypeException"
    client = ("UnauthorizedException", "Invalid client.")
    token = tokens["RefreshToken"]
    for more in ({"ClientId": "nobody"}, {"ClientId": pool.id, "ClientSecret": "a" * 24},
                 {"ClientId": secret["client_id"]},
                 {"ClientId": secret["client_id"], "ClientSecret": "a" * 24}):
        assert refusal(lambda: revoke(Token=token, **more)) == client
    assert refusal(lambda: revoke(
        Token=token, ClientId=secret["client_id"], ClientSecret=secret["client_secret"])) == (
        "UnauthorizedException", "The token was not issued to this client.")
    rest = server.sign_in(user).json["refresh_token"]
    assert refusal(lambda: revoke(Token=rest, ClientId=pool.id))[0] == "UnauthorizedException"
    assert pool.refresh(token)["AuthenticationResult"]
