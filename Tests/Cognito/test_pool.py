"""The pool and its app clients, described and made."""

import re
import uuid

import pytest

from aws import Pool, refusal

POOL = "local_Main"
WRONG = "InvalidParameterException"


@pytest.fixture
def create(backend):
    def call(**more):
        return backend.create_user_pool_client(
            UserPoolId=POOL, **{"ClientName": uuid.uuid4().hex, **more})["UserPoolClient"]
    return call


def describe(backend, client):
    return backend.describe_user_pool_client(
        UserPoolId=POOL, ClientId=client["ClientId"])["UserPoolClient"]


def test_the_pool(backend):
    [pool] = backend.list_user_pools(MaxResults=60)["UserPools"]
    assert pool["Id"] == POOL
    told = backend.describe_user_pool(UserPoolId=POOL)["UserPool"]
    assert told["Id"] == POOL and told["UsernameAttributes"] == ["email"]
    assert told["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"] == ["EMAIL_OTP"]
    assert told["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert [a["Name"] for a in told["SchemaAttributes"] if a["Required"]] == ["sub", "email"]
    for call in (backend.describe_user_pool, backend.list_user_pool_clients):
        assert refusal(lambda: call(UserPoolId="local_Other")) == (
            "ResourceNotFoundException", "User pool local_Other does not exist.")
    assert refusal(lambda: backend.list_user_pools(MaxResults=1, NextToken="x"))[0] == WRONG


def test_an_open_pool_says_so(fresh):
    from aws import sdk
    server = fresh(lambda c: c.update(signup="open"))
    made = server.json("apikey", "add", "k")
    backend = sdk(server.url, signed=(made["access_key_id"], made["secret_access_key"]))
    told = backend.describe_user_pool(UserPoolId=POOL)["UserPool"]
    assert told["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False


def test_a_client_signs_people_in(backend, server, create, user):
    made = create(GenerateSecret=True, ExplicitAuthFlows=[
        "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"])
    assert re.fullmatch("[a-z0-9]{26}", made["ClientId"])
    assert made["ExplicitAuthFlows"] == ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert describe(backend, made) == made and made["ClientSecret"]
    pool = Pool(server, {"client_id": made["ClientId"], "client_secret": made["ClientSecret"]})
    assert pool.refresh(pool.sign_in(user)["RefreshToken"], user)
    told = [e["detail"] for e in server.audit() if e["kind"] == "client_added"]
    assert f"{made['ClientId']} {made['ClientName']}, by key {backend.key}" in told
    assert made["ClientSecret"] not in str(server.audit()) + server.said()


def test_a_secret_that_was_brought_along(backend, server, create, user):
    secret = "Ab+_" * 8
    made = create(ClientSecret=secret)
    assert made["ClientSecret"] == describe(backend, made)["ClientSecret"] == secret
    pool = Pool(server, {"client_id": made["ClientId"], "client_secret": secret})
    assert pool.sign_in(user)
    assert refusal(lambda: create(ClientSecret=secret, GenerateSecret=True))[0] == WRONG


def test_what_a_client_is_if_nothing_is_said(backend, create):
    made = create()
    assert made.pop("CreationDate") == made.pop("LastModifiedDate")
    for name in ("ClientId", "ClientName"):
        made.pop(name)
    assert made == {
        "UserPoolId": POOL, "IdTokenValidity": 1, "AccessTokenValidity": 1,
        "RefreshTokenValidity": 30, "AuthSessionValidity": 3, "EnableTokenRevocation": True,
        "TokenValidityUnits": {"IdToken": "hours", "AccessToken": "hours", "RefreshToken": "days"},
        "ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "PreventUserExistenceErrors": "ENABLED", "RefreshTokenRotation": {"Feature": "DISABLED"}}


def test_lifetimes(backend, server, create, user):
    made = create(
        IdTokenValidity=10, AccessTokenValidity=90, RefreshTokenValidity=7200,
        AuthSessionValidity=15,
        TokenValidityUnits={"IdToken": "minutes", "AccessToken": "minutes",
                            "RefreshToken": "seconds"})
    assert made["AuthSessionValidity"] == 15
    assert [(made[f"{kind}Validity"], made["TokenValidityUnits"][kind])
            for kind in ("IdToken", "AccessToken", "RefreshToken")] == [
        (10, "minutes"), (90, "minutes"), (2, "hours")]
    pool = Pool(server, {"client_id": made["ClientId"], "client_secret": None})
    assert pool.sign_in(user)["ExpiresIn"] == 90 * 60
    for wrong in ({"IdTokenValidity": 4, "TokenValidityUnits": {"IdToken": "minutes"}},
                  {"AccessTokenValidity": 25}, {"IdTokenValidity": 86400},
                  {"RefreshTokenValidity": 366}, {"RefreshTokenValidity": 315360000},
                  {"RefreshTokenValidity": 59, "TokenValidityUnits": {"RefreshToken": "minutes"}}):
        assert refusal(lambda: create(**wrong)) == (WRONG, "Invalid range for token validity.")
    assert create(RefreshTokenValidity=0)["RefreshTokenValidity"] == 30


def test_rotation(backend, server, create, user):
    made = create(ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH"], RefreshTokenRotation={
        "Feature": "ENABLED", "RetryGracePeriodSeconds": 7})
    assert made["RefreshTokenRotation"] == {"Feature": "ENABLED", "RetryGracePeriodSeconds": 7}
    assert made["ExplicitAuthFlows"] == ["ALLOW_CUSTOM_AUTH"]
    pool = Pool(server, {"client_id": made["ClientId"], "client_secret": None})
    token = pool.sign_in(user)["RefreshToken"]
    answer = pool.sdk.get_tokens_from_refresh_token(ClientId=pool.id, RefreshToken=token)
    assert answer["AuthenticationResult"]["RefreshToken"] != token


def test_what_a_client_cannot_be(backend, create):
    name = create()["ClientName"]
    assert refusal(lambda: create(ClientName=name)) == (
        WRONG, "There is a client of this name already.")
    for name in (" x", "x ", "a\nb"):
        assert refusal(lambda: create(ClientName=name))[0] == WRONG
    for more in ({"AllowedOAuthFlows": ["code"]}, {"AllowedOAuthFlowsUserPoolClient": True}):
        assert refusal(lambda: create(**more))[0] == "InvalidOAuthFlowException"
    assert create(CallbackURLs=["https://x.example/"], ReadAttributes=["email"],
                  SupportedIdentityProviders=["COGNITO"], PreventUserExistenceErrors="LEGACY",
                  EnableTokenRevocation=False)["PreventUserExistenceErrors"] == "ENABLED"


def test_legacy_names_of_flows(create):
    assert create(ExplicitAuthFlows=["CUSTOM_AUTH_FLOW_ONLY"])["ExplicitAuthFlows"] == [
        "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert create(ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ExplicitAuthFlows"] == [
        "ALLOW_USER_AUTH"]


def test_clients_in_pages(backend, create):
    made = sorted(create()["ClientName"] for _ in range(5))
    found, token = [], {}
    while token is not None:
        page = backend.list_user_pool_clients(UserPoolId=POOL, MaxResults=2, **token)
        assert 0 < len(page["UserPoolClients"]) <= 2
        found += [c["ClientName"] for c in page["UserPoolClients"]]
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else None
    assert found == sorted(found) and set(made) <= set(found)
    assert backend.list_user_pool_clients(UserPoolId=POOL, ClientType="DCR")[
        "UserPoolClients"] == []
    assert refusal(lambda: backend.describe_user_pool_client(UserPoolId=POOL, ClientId="x")) == (
        "ResourceNotFoundException", "User pool client x does not exist.")
