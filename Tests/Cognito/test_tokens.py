"""Tokens as Cognito makes them, and verifiers of others that take them."""

import urllib.request
import json

import jwt
import pytest

ISSUER = "http://127.0.0.1:8425/local_Main"


@pytest.fixture(scope="module")
def keys(server):
    """A generic verifier's keys, from where discovery says."""
    with urllib.request.urlopen(f"{server.url}/local_Main/.well-known/openid-configuration") as r:
        document = json.load(r)
    assert document["issuer"] == ISSUER
    assert document["jwks_uri"] == f"{ISSUER}/.well-known/jwks.json"
    uri = document["jwks_uri"].replace("http://127.0.0.1:8425", server.url)
    return document, jwt.PyJWKClient(uri)


def decode(keys, token, **more):
    document, client = keys
    return jwt.decode(
        token, client.get_signing_key_from_jwt(token).key, issuer=ISSUER,
        algorithms=document["id_token_signing_alg_values_supported"], **more)


def test_both_tokens_say_what_cognitos_say(server, pool, keys, user):
    server.run("user", "set", user, "--group", "staff", "--group", "admins", "--name", "Ada L")
    [person] = [u for u in server.json("user", "list") if u["email"] == user]
    result = pool.sign_in(user)
    identity = decode(keys, result["IdToken"], audience=pool.id)
    access = decode(keys, result["AccessToken"])
    assert set(identity) == {
        "sub", "aud", "email", "email_verified", "iss", "cognito:username", "cognito:groups",
        "origin_jti", "event_id", "token_use", "auth_time", "exp", "iat", "jti", "name"}
    assert set(access) == {
        "sub", "client_id", "iss", "origin_jti", "event_id", "token_use", "scope", "auth_time",
        "exp", "iat", "jti", "username", "cognito:groups"}
    assert identity["sub"] == identity["cognito:username"] == person["id"] == access["username"]
    assert identity["token_use"] == "id" and access["token_use"] == "access"
    assert identity["email"] == user and identity["email_verified"] is True
    assert identity["cognito:groups"] == access["cognito:groups"] == ["admins", "staff"]
    assert access["client_id"] == pool.id and access["scope"] == "aws.cognito.signin.user.admin"
    assert identity["jti"] != access["jti"]
    for name in ("origin_jti", "event_id", "auth_time", "iat"):
        assert identity[name] == access[name]
    assert identity["exp"] - identity["iat"] == 3600


def test_the_other_api_takes_none_of_them(server, pool, user):
    result = pool.sign_in(user)
    for name in ("AccessToken", "IdToken"):
        bearer = {"Authorization": f"Bearer {result[name]}"}
        assert server.client().get("/auth/me", headers=bearer).status == 401


def test_the_key_set_is_the_same_under_both_names(server):
    client = server.client()
    ours, theirs = (client.get(path) for path in (
        "/.well-known/jwks.json", "/local_Main/.well-known/jwks.json"))
    assert ours.json == theirs.json and theirs.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/other_Pool/.well-known/jwks.json").status == 404


def test_the_command_reads_them(server, pool, user):
    result = pool.sign_in(user)
    for name in ("AccessToken", "IdToken"):
        assert user in server.run("token", "verify", result[name]) or name == "AccessToken"
    server.run("session", "revoke", "--user", user)
    server.run("token", "verify", result["IdToken"], code=1)
