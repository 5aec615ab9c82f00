"""App clients: their secrets, and what each may do."""

import pytest

from aws import Pool, refusal, secret_hash


@pytest.fixture(scope="module")
def keeper(server):
    return Pool(server, server.json("client", "add", "keeper", "--secret"))


def test_ids_and_secrets_look_like_cognitos(server, keeper):
    assert len(keeper.id) == 26 and 24 <= len(keeper.secret) <= 64
    assert (keeper.id + keeper.secret).isalnum() and (keeper.id + keeper.secret).islower()
    [listed] = [c for c in server.json("client", "list") if c["client_id"] == keeper.id]
    assert listed["has_secret"] and keeper.secret not in str(listed)
    assert keeper.secret.encode() not in (server.directory / "doorpost.db").read_bytes()


def test_whoever_knows_the_secret_signs_in(keeper, user):
    result = keeper.sign_in(user)
    assert keeper.refresh(result["RefreshToken"], user)["AuthenticationResult"]
    assert keeper.sdk.get_tokens_from_refresh_token(
        RefreshToken=result["RefreshToken"], ClientId=keeper.id,
        ClientSecret=keeper.secret)["AuthenticationResult"]


def test_whoever_does_not_is_refused(server, keeper, user):
    missing = ("NotAuthorizedException",
               f"Client {keeper.id} is configured with secret but SECRET_HASH was not received")
    wrong = ("NotAuthorizedException", f"Unable to verify secret hash for client {keeper.id}")

    def start(**parameters):
        return keeper.sdk.initiate_auth(
            AuthFlow="CUSTOM_AUTH", ClientId=keeper.id,
            AuthParameters={"USERNAME": user, **parameters})

    assert refusal(start) == missing
    for text in ("", "x", keeper.secret, secret_hash(keeper.secret, keeper.id, "bob@example.org"),
                 secret_hash("x" + keeper.secret, keeper.id, user)):
        assert refusal(lambda: start(SECRET_HASH=text)) == wrong
    assert not server.mails(user)

    session = keeper.initiate(user)["Session"]
    code = server.code(user)
    for text, answer in ((None, missing), ("x", wrong)):
        responses = {"USERNAME": user, "ANSWER": code}
        if text:
            responses["SECRET_HASH"] = text
        assert refusal(lambda: keeper.sdk.respond_to_auth_challenge(
            ClientId=keeper.id, ChallengeName="CUSTOM_CHALLENGE", Session=session,
            ChallengeResponses=responses)) == answer
    token = keeper.answer(user, session, code)["AuthenticationResult"]["RefreshToken"]
    assert refusal(lambda: keeper.sdk.initiate_auth(
        AuthFlow="REFRESH_TOKEN_AUTH", ClientId=keeper.id,
        AuthParameters={"REFRESH_TOKEN": token})) == missing
    for secret, answer in ((None, missing), ("x" * 24, wrong)):
        more = {"ClientSecret": secret} if secret else {}
        assert refusal(lambda: keeper.sdk.get_tokens_from_refresh_token(
            RefreshToken=token, ClientId=keeper.id, **more)) == answer


def test_a_public_client_takes_no_hash(pool, user):
    assert refusal(lambda: pool.initiate(user, SECRET_HASH="x")) == (
        "NotAuthorizedException", f"Unable to verify secret hash for client {pool.id}")


def test_a_client_does_what_it_may(server, user):
    custom = Pool(server, server.json("client", "add", "custom", "--flow", "ALLOW_CUSTOM_AUTH"))
    chooser = Pool(server, server.json("client", "add", "chooser", "--flow", "ALLOW_USER_AUTH"))

    def off(flow):
        return "InvalidParameterException", f"{flow} is not enabled for the client."

    assert refusal(lambda: custom.initiate(user, "USER_AUTH")) == off("USER_AUTH")
    assert refusal(lambda: chooser.initiate(user)) == off("CUSTOM_AUTH")
    for flow in ("USER_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH",
                 "ADMIN_USER_PASSWORD_AUTH"):
        assert refusal(lambda: custom.initiate(user, flow, PASSWORD="x")) == off(flow)
    token = custom.sign_in(user)["RefreshToken"]
    assert refusal(lambda: custom.refresh(token)) == off("REFRESH_TOKEN_AUTH")
    assert refusal(lambda: custom.sdk.get_tokens_from_refresh_token(
        RefreshToken=token, ClientId=custom.id)) == off("REFRESH_TOKEN_AUTH")


def test_a_client_that_is_not_there(pool, user):
    for name in ("a" * 26, "1example23456789"):
        nobody = ("ResourceNotFoundException", f"User pool client {name} does not exist.")
        assert refusal(lambda: pool.sdk.initiate_auth(
            AuthFlow="CUSTOM_AUTH", ClientId=name, AuthParameters={"USERNAME": user})) == nobody


def test_the_command_refuses_what_makes_no_client(server):
    for words in (("",), ("x" * 129,), (" x",), ("x\n",), ("x", "--session-lifetime", "1m"),
                  ("x", "--id-lifetime", "2d"), ("x", "--rotate-grace", "2m"),
                  ("x", "--refresh-lifetime", "1m"), ("x", "--flow", "ALLOW_ALL")):
        server.run("client", "add", *words, code=2)
    server.run("client", "add", "twice")
    server.run("client", "add", "twice", code=1)
    server.run("client", "remove", "never", code=1)
    server.run("client", "remove", "twice")
    kinds = [e["kind"] for e in server.audit()]
    assert "client_added" in kinds and "client_removed" in kinds
