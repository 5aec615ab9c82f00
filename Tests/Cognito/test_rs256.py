"""Programs that insist on RS256, as tutorials do, with `tokens.algorithm: RS256`."""

import json
import socket
import urllib.request

import jwt
import pytest

from aws import Pool
from harness.server import Server, temporary

ALICE = "alice@example.org"


@pytest.fixture(scope="module")
def pool():
    """Of a server that is reached at its issuer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with temporary() as directory:
        server = Server(directory, lambda c: c.update(
            issuer=f"http://{address}", tokens={"algorithm": "RS256"}))
        server.run("key", "rotate", "--now")
        try:
            server.start("--listen", address)
            yield Pool(server, server.json("client", "add", "app"))
        finally:
            server.kill()


@pytest.fixture(scope="module")
def tokens(pool):
    return pool.sign_in(ALICE)


def fetched(url):
    with urllib.request.urlopen(url, timeout=20) as reply:
        return json.load(reply)


def test_a_verifier_with_the_pools_address(pool, tokens):
    """As a tutorial writes it, but for the address of the pool."""
    issuer = f"{pool.server.url}/local_Main"
    keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json")
    for name, audience, use in (("IdToken", pool.id, "id"), ("AccessToken", None, "access")):
        claims = jwt.decode(
            tokens[name], keys.get_signing_key_from_jwt(tokens[name]).key, algorithms=["RS256"],
            issuer=issuer, audience=audience)
        assert claims["token_use"] == use
    assert jwt.get_unverified_header(tokens["IdToken"])["alg"] == "RS256"


def test_a_verifier_that_discovers(pool, tokens):
    """It knows the issuer from its configuration, and everything else from there."""
    issuer = f"{pool.server.url}/local_Main"
    document = fetched(f"{issuer}/.well-known/openid-configuration")
    assert document["issuer"] == issuer
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    key = jwt.PyJWKClient(document["jwks_uri"]).get_signing_key_from_jwt(tokens["IdToken"]).key
    assert key.key_size == 2048
    assert jwt.decode(tokens["IdToken"], key, algorithms=["RS256"], issuer=issuer,
                      audience=pool.id)["email"] == ALICE


def test_the_server_takes_them_back(pool, tokens):
    again = pool.refresh(tokens["RefreshToken"])["AuthenticationResult"]
    assert jwt.get_unverified_header(again["AccessToken"])["alg"] == "RS256"
    for name in ("IdToken", "AccessToken"):
        pool.server.run("token", "verify", again[name])
