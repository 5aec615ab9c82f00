"""Operations for administrators: signed by botocore, and by whoever should not."""

import datetime
import unittest.mock
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from aws import Pool, refusal, sdk
from test_model import PREFIX, post

WRONG = "InvalidSignatureException"
POOL = "local_Main"


@pytest.fixture(scope="module")
def key(server):
    made = server.json("apikey", "add", "backend")
    assert set(made) == {"access_key_id", "secret_access_key", "name"}
    assert len(made["access_key_id"]) == 20 and len(made["secret_access_key"]) == 40
    return made["access_key_id"], made["secret_access_key"]


@pytest.fixture(scope="module")
def admin(server, key):
    return sdk(server.url, signed=key)


def initiate(client, pool, user, **more):
    return client.admin_initiate_auth(
        UserPoolId=POOL, ClientId=pool.id, AuthFlow="CUSTOM_AUTH",
        AuthParameters={"USERNAME": user}, **more)


def test_a_back_end_signs_somebody_in(server, pool, admin, user):
    asked = initiate(admin, pool, user, ContextData={
        "IpAddress": "203.0.113.9", "ServerName": "s", "ServerPath": "/", "HttpHeaders": []})
    answer = admin.admin_respond_to_auth_challenge(
        UserPoolId=POOL, ClientId=pool.id, ChallengeName="CUSTOM_CHALLENGE",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": user, "ANSWER": server.code(user)})
    assert answer["AuthenticationResult"]["IdToken"]
    requested = [e for e in server.audit() if e["email"] == user and
                 e["kind"] == "code_requested"]
    assert [e["source"] for e in requested] == ["203.0.113.9"]


def test_another_pool(admin, pool, user):
    assert refusal(lambda: admin.admin_initiate_auth(
        UserPoolId="local_Other", ClientId=pool.id, AuthFlow="CUSTOM_AUTH",
        AuthParameters={"USERNAME": user})) == (
        "ResourceNotFoundException", "User pool local_Other does not exist.")


def test_without_a_good_key(server, pool, key, user):
    assert refusal(lambda: initiate(sdk(server.url), pool, user)) == (
        "MissingAuthenticationTokenException", "Missing Authentication Token")
    for wrong, name in (((key[0], key[1] + "x"), WRONG), (("DP" + "A" * 18, key[1]),
                                                          "UnrecognizedClientException")):
        assert refusal(lambda: initiate(sdk(server.url, signed=wrong), pool, user))[0] == name
    elsewhere = sdk(server.url, signed=key, region="eu-west-1")
    assert refusal(lambda: initiate(elsewhere, pool, user)) == (
        WRONG, "Credential should be scoped to a valid region, not 'eu-west-1'.")
    assert not server.mails(user)


def test_a_key_that_was_removed(server, pool, user):
    made = server.json("apikey", "add", f"gone-{user}")
    client = sdk(server.url, signed=(made["access_key_id"], made["secret_access_key"]))
    assert initiate(client, pool, user)["Session"]
    assert made["secret_access_key"] not in str(server.json("apikey", "list"))
    server.run("apikey", "remove", made["access_key_id"])
    assert refusal(lambda: initiate(client, pool, user))[0] == "UnrecognizedClientException"


# By hand, so that one thing at a time can be wrong.

def signed(url, key, operation, body, *, at=None, region="local", service="cognito-idp",
           headers=None):
    request = botocore.awsrequest.AWSRequest("POST", url + "/", data=body, headers={
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": PREFIX + operation,
        **(headers or {})})
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(*key), service, region)
    if at is None:
        signer.add_auth(request)
    else:
        moment = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + at
        original = botocore.auth.get_current_datetime
        botocore.auth.get_current_datetime = lambda *_, **__: moment
        try:
            signer.add_auth(request)
        finally:
            botocore.auth.get_current_datetime = original
    return dict(request.headers.items())


@pytest.fixture
def call(server, key, pool):
    """`call(change, **signing)` signs a request that is refused for its unknown user pool client
    when the signature is good, changes it, and tells the error's name."""
    def send(change=lambda headers, body: body, operation="AdminInitiateAuth", **signing):
        body = (b'{"UserPoolId":"local_Main","ClientId":"%s","AuthFlow":"CUSTOM_AUTH"}'
                % uuid.uuid4().hex.encode())
        headers = signed(server.url, key, operation, body, **signing)
        body = change(headers, body)
        status, told, _ = post(server.url, operation, body, headers=headers)
        assert status == 400, told
        return told["__type"]
    return send


GOOD = "ResourceNotFoundException"


def test_the_reference(call):
    assert call() == GOOD


def test_every_byte_of_the_body_is_signed(call):
    for place in (0, 1, 20, -1):
        def change(headers, body):
            changed = bytearray(body)
            changed[place] ^= 1
            return bytes(changed)
        assert call(change) == WRONG
    assert call(lambda h, b: b + b" ") == WRONG


def test_every_byte_of_the_signature_counts(call):
    def at(index):
        def change(headers, body):
            text = headers["Authorization"]
            start = text.index("Signature=") + len("Signature=") + index
            digit = "1" if text[start] == "0" else "0"
            headers["Authorization"] = text[:start] + digit + text[start + 1:]
            return body
        return change
    for index in range(0, 64, 7):
        assert call(at(index)) == WRONG
    assert call(at(63)) == WRONG


def test_signed_headers_are_signed(call):
    def content_type(headers, body):
        headers["Content-Type"] = "application/json"
        return body

    def date(headers, body):
        headers["X-Amz-Date"] = headers["X-Amz-Date"][:-2] + (
            "1Z" if headers["X-Amz-Date"][-2] == "0" else "0Z")
        return body

    def target(headers, body):
        headers["X-Amz-Target"] = PREFIX + "AdminRespondToAuthChallenge"
        return body

    def host(headers, body):
        headers["Host"] = "another"  # a name that anybody's own network may give us
        return body

    def strange(headers, body):
        headers["Host"] = "another.example.org"
        return body

    for change in (content_type, date, target, host):
        assert call(change) == WRONG
    # Under a name that is none of ours nothing is looked at.
    assert call(strange) == "ForbiddenException"


def test_what_decides_must_be_signed(call):
    for name in ("x-amz-target", "host;"):
        def change(headers, body):
            text = headers["Authorization"]
            assert name in text
            headers["Authorization"] = text.replace(name, "").replace(";, ", ", ")
            return body
        assert call(change) == "IncompleteSignatureException"

    def no_date(headers, body):
        del headers["X-Amz-Date"]
        return body
    assert call(no_date) == "IncompleteSignatureException"


def test_the_type_of_the_body_may_be_left_out(call):
    """As older SDKs do, of JavaScript and PHP; there is one type that is taken."""
    sdk = unittest.mock.patch(
        "botocore.auth.SIGNED_HEADERS_BLACKLIST",
        [*botocore.auth.SIGNED_HEADERS_BLACKLIST, "content-type"])

    def unsigned(headers, body):
        assert "content-type" not in headers["Authorization"]
        return body

    def another(headers, body):
        headers["Content-Type"] = "text/plain"
        return body

    with sdk:
        assert call(unsigned) == GOOD
        assert call(another) != GOOD


def test_dates_within_a_quarter_of_an_hour(call):
    minute = datetime.timedelta(minutes=1)
    assert call(at=-14 * minute) == GOOD and call(at=14 * minute) == GOOD
    for wrong in (-16 * minute, 16 * minute, -1440 * minute, 1440 * minute):
        assert call(at=wrong) == WRONG


def test_scope(call):
    assert call(region="us-east-1") == WRONG
    assert call(service="execute-api") == WRONG


def test_a_session_token_is_none_of_ours(call):
    def change(headers, body):
        headers["X-Amz-Security-Token"] = "x"
        return body
    assert call(change) == "UnrecognizedClientException"


def test_authorizations_that_are_none(call):
    for text in ("", "Bearer x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=x",
                 "AWS4-ECDSA-P256-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, "
                 "Signature=00", "x" * 8000):
        def change(headers, body):
            headers["Authorization"] = text
            return body
        assert call(change) == "IncompleteSignatureException"


def test_a_signature_is_good_once_and_for_all_processes(server, key, pool, user):
    body = (b'{"UserPoolId":"local_Main","ClientId":"%s","AuthFlow":"CUSTOM_AUTH",'
            b'"AuthParameters":{"USERNAME":"%s"}}' % (pool.id.encode(), user.encode()))
    headers = signed(server.url, key, "AdminInitiateAuth", body)
    assert post(server.url, "AdminInitiateAuth", body, headers=headers)[0] == 200
    server.code(user)
    for more in ({}, {"amz-sdk-invocation-id": str(uuid.uuid4())}):
        status, told, _ = post(server.url, "AdminInitiateAuth", body, headers={**headers, **more})
        assert (status, told["__type"]) == (400, WRONG) and "already" in told["message"]
    # A restart forgets none.
    host = headers.get("Host", server.url.removeprefix("http://"))
    server.stop()
    server.start()
    status, told, _ = post(
        server.url, "AdminInitiateAuth", body, headers={**headers, "Host": host})
    assert (status, told["__type"]) == (400, WRONG) and "already" in told["message"]
    assert len(server.mails(user)) == 1
    pool.sdk = Pool(server, {"client_id": pool.id, "client_secret": None}).sdk


def test_operations_that_need_no_key_do_not_look_at_one(server, pool, user):
    client = sdk(server.url, signed=("AKIAIOSFODNN7EXAMPLE", "x" * 40))
    assert client.initiate_auth(
        AuthFlow="CUSTOM_AUTH", ClientId=pool.id, AuthParameters={"USERNAME": user})["Session"]


def test_an_unsigned_request_learns_nothing_of_its_input(server):
    status, told, _ = post(server.url, "AdminInitiateAuth", b"{")
    assert (status, told["__type"]) == (400, "MissingAuthenticationTokenException")
