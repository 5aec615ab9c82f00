"""Refresh tokens: REFRESH_TOKEN_AUTH, and GetTokensFromRefreshToken with and without rotation."""

import jwt

from aws import Pool, refusal

INVALID = ("NotAuthorizedException", "Invalid Refresh Token")


def claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def test_a_refresh_token_stays_good_where_it_is_not_rotated(server, pool, user):
    first = pool.sign_in(user)
    for flow in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"):
        again = pool.sdk.initiate_auth(
            AuthFlow=flow, ClientId=pool.id,
            AuthParameters={"REFRESH_TOKEN": first["RefreshToken"]})["AuthenticationResult"]
        assert set(again) == {"AccessToken", "IdToken", "TokenType", "ExpiresIn"}
        old, new = claims(first["IdToken"]), claims(again["IdToken"])
        for name in ("sub", "origin_jti", "auth_time", "aud", "iss"):
            assert old[name] == new[name]
        assert old["jti"] != new["jti"] and old["event_id"] != new["event_id"]
    by_name = pool.sdk.get_tokens_from_refresh_token(
        RefreshToken=first["RefreshToken"], ClientId=pool.id)["AuthenticationResult"]
    assert "RefreshToken" not in by_name and by_name["AccessToken"]


def test_with_rotation_the_old_one_ends_the_family(server, user):
    pool = Pool(server, server.json("client", "add", f"rotating-{user}", "--rotate-grace", "0s"))
    tokens = [pool.sign_in(user)["RefreshToken"]]

    def trade(token):
        return pool.sdk.get_tokens_from_refresh_token(RefreshToken=token, ClientId=pool.id)

    for _ in range(3):
        tokens.append(trade(tokens[-1])["AuthenticationResult"]["RefreshToken"])
    assert len(set(tokens)) == 4
    assert refusal(lambda: pool.refresh(tokens[-1]))[0] == "UnsupportedOperationException"
    assert refusal(lambda: trade(tokens[1])) == (
        "RefreshTokenReuseException", "Refresh Token has been revoked")
    assert refusal(lambda: trade(tokens[-1])) == INVALID


def test_the_grace_repeats_the_successor(server, user):
    pool = Pool(server, server.json("client", "add", f"graceful-{user}", "--rotate-grace", "60s"))
    first = pool.sign_in(user)["RefreshToken"]
    successors = {pool.sdk.get_tokens_from_refresh_token(
        RefreshToken=first, ClientId=pool.id)["AuthenticationResult"]["RefreshToken"]
        for _ in range(3)}
    assert len(successors) == 1 and first not in successors


def test_a_token_is_for_its_client_alone(server, pool, user):
    token = pool.sign_in(user)["RefreshToken"]
    other = Pool(server, server.json("client", "add", f"thief-{user}"))
    assert refusal(lambda: other.refresh(token)) == INVALID
    assert refusal(lambda: other.sdk.get_tokens_from_refresh_token(
        RefreshToken=token, ClientId=other.id)) == INVALID
    # Nor for the other API, which asks for no client secret; and theirs not here.
    reply = server.client().post("/auth/refresh", {"refresh_token": token})
    assert (reply.status, reply.error) == (401, "token_invalid")
    theirs = server.sign_in(user).json["refresh_token"]
    assert refusal(lambda: pool.refresh(theirs)) == INVALID
    assert pool.refresh(token)["AuthenticationResult"]


def test_what_is_no_token(pool):
    for token in ("x", "a.0.b", "." * 20, "0" * 32 + ".0." + "A" * 43, ""):
        assert refusal(lambda: pool.refresh(token)) == INVALID
    assert refusal(lambda: pool.sdk.initiate_auth(
        AuthFlow="REFRESH_TOKEN_AUTH", ClientId=pool.id, AuthParameters={})) == (
        "InvalidParameterException", "Missing required parameter REFRESH_TOKEN")


def test_who_is_signed_out_or_disabled_is_refused(server, pool, user):
    first = pool.sign_in(user)["RefreshToken"]
    server.run("session", "revoke", "--user", user)
    assert refusal(lambda: pool.refresh(first)) == INVALID
    second = pool.sign_in(user)["RefreshToken"]
    server.run("user", "disable", user)
    assert refusal(lambda: pool.refresh(second)) == INVALID


def test_a_client_that_is_removed_takes_its_sessions_along(server, user):
    pool = Pool(server, server.json("client", "add", f"removed-{user}"))
    token = pool.sign_in(user)["RefreshToken"]
    server.run("client", "remove", pool.id)
    assert refusal(lambda: pool.refresh(token)) == (
        "ResourceNotFoundException", f"User pool client {pool.id} does not exist.")
    assert not [s for s in server.json("session", "list") if s.get("service") == pool.id]


def test_lifetimes_are_the_clients(server, user):
    pool = Pool(server, server.json(
        "client", "add", f"brief-{user}", "--id-lifetime", "5m", "--access-lifetime", "10m"))
    result = pool.sign_in(user)
    assert result["ExpiresIn"] == 600
    for name, seconds in (("IdToken", 300), ("AccessToken", 600)):
        told = claims(result[name])
        assert told["exp"] - told["iat"] == seconds
