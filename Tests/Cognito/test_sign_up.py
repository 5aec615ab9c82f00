"""SignUp, ConfirmSignUp, ResendConfirmationCode: who enters the mailed code is a user."""

import concurrent.futures
import http.client
import json
import statistics
import time
import urllib.parse
import uuid

import jwt
import pytest

from aws import Pool, refusal, secret_hash
from harness.server import temporary, until, wrong, Server

EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
LIMITED = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
INVALID = ("NotAuthorizedException", "Invalid session for the user.")
TRIES = ("TooManyFailedAttemptsException",
         "The user has made too many failed attempts for a given action.")


class Signing:
    """The three operations for one client."""

    def __init__(self, server, client):
        self.pool = Pool(server, client)
        self.sdk, self.id, self.server = self.pool.sdk, self.pool.id, server

    def hashed(self, username):
        secret = self.pool.secret
        return {"SecretHash": secret_hash(secret, self.id, username)} if secret else {}

    def up(self, username, **more):
        return self.sdk.sign_up(
            ClientId=self.id, Username=username, **self.hashed(username), **more)

    def confirm(self, username, code, **more):
        return self.sdk.confirm_sign_up(
            ClientId=self.id, Username=username, ConfirmationCode=code,
            **self.hashed(username), **more)

    def resend(self, username):
        return self.sdk.resend_confirmation_code(
            ClientId=self.id, Username=username, **self.hashed(username))

    def take_up(self, username, session, **more):
        hashed = self.pool.hashed(username, {"USERNAME": username})
        return self.sdk.initiate_auth(
            AuthFlow="USER_AUTH", ClientId=self.id, AuthParameters=hashed, Session=session, **more)


@pytest.fixture(scope="module")
def open_server():
    with temporary() as directory:
        running = Server(directory, lambda c: c.update(signup="open"),
                         users=["known@example.org", "off@example.org"])
        try:
            running.run("user", "disable", "off@example.org")
            yield running.start()
        finally:
            running.kill()


@pytest.fixture(scope="module")
def signing(open_server):
    return Signing(open_server, open_server.json("client", "add", "public"))


@pytest.fixture
def someone():
    """Nobody knows this address yet."""
    return f"{uuid.uuid4().hex[:12]}@example.org"


def users(server):
    return {user["email"]: user for user in server.json("user", "list")}


def test_the_code_makes_the_user(open_server, signing, someone):
    asked = signing.up(someone, Password="Unused-1!", UserAttributes=[
        {"Name": "email", "Value": someone.upper()}, {"Name": "name", "Value": "Some One"}])
    assert asked["UserConfirmed"] is False
    assert asked["CodeDeliveryDetails"] == {
        "Destination": f"{someone[0]}***@e***", "DeliveryMedium": "EMAIL",
        "AttributeName": "email"}
    assert uuid.UUID(asked["UserSub"]).version == 4
    assert someone not in users(open_server)
    assert signing.confirm(someone, open_server.code(someone))["Session"]
    user = users(open_server)[someone]
    assert user["id"] == asked["UserSub"] and user["login"] is None and user["enabled"]
    # From now on somebody who signs in as everybody does.
    tokens = signing.pool.sign_in(someone)
    assert jwt.decode(tokens["IdToken"], options={"verify_signature": False})["sub"] == \
        asked["UserSub"]


def test_a_client_with_a_secret(open_server, someone):
    signing = Signing(open_server, open_server.json("client", "add", f"s-{someone}", "--secret"))
    plain = signing.sdk
    assert refusal(lambda: plain.sign_up(ClientId=signing.id, Username=someone)) == (
        "NotAuthorizedException",
        f"Client {signing.id} is configured with secret but SECRET_HASH was not received")
    for call, more in ((plain.sign_up, {}), (plain.resend_confirmation_code, {}),
                       (plain.confirm_sign_up, {"ConfirmationCode": "1"})):
        assert refusal(lambda: call(
            ClientId=signing.id, Username=someone, SecretHash="AAAA", **more)) == (
            "NotAuthorizedException", f"Unable to verify secret hash for client {signing.id}")
    assert not open_server.mails(someone)
    asked = signing.up(someone)
    session = signing.confirm(someone, open_server.code(someone), Session=asked["Session"])
    assert signing.take_up(someone, session["Session"])["AuthenticationResult"]["IdToken"]


def test_the_session_of_a_confirmation_signs_in_without_a_code(open_server, signing, someone):
    asked = signing.up(someone)
    session = signing.confirm(
        someone, open_server.code(someone), Session=asked["Session"])["Session"]
    result = signing.take_up(someone, session)["AuthenticationResult"]
    assert len(open_server.mails(someone)) == 1
    assert jwt.decode(result["IdToken"], options={"verify_signature": False})["sub"] == \
        asked["UserSub"]
    assert signing.pool.refresh(result["RefreshToken"])["AuthenticationResult"]["AccessToken"]
    assert signing.sdk.get_user(AccessToken=result["AccessToken"])["Username"] == asked["UserSub"]


def test_the_session_of_a_confirmation_is_for_one_name_client_and_use(
        open_server, signing, someone):
    other = Signing(open_server, open_server.json("client", "add", f"other-{someone}"))
    asked = signing.up(someone)
    session = signing.confirm(someone, open_server.code(someone))["Session"]
    for refused in (lambda: other.take_up(someone, session),
                    lambda: signing.take_up("known@example.org", session),
                    lambda: signing.take_up(someone, asked["Session"]),
                    lambda: signing.confirm(someone, "1", Session=session),
                    lambda: signing.take_up(someone, session[:-2] + "AA"),
                    lambda: signing.pool.respond(
                        someone, "CUSTOM_CHALLENGE", session, ANSWER="1"),
                    lambda: signing.pool.respond(
                        someone, "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE="1")):
        assert refusal(refused) == INVALID
    assert signing.take_up(someone, session)["AuthenticationResult"]


def test_the_session_of_a_confirmation_works_once(fresh, clock):
    server = fresh(lambda c: c.update(signup="open"), environment=clock.environment)
    signing = Signing(server, server.json("client", "add", "app"))
    eve = "eve@example.org"
    signing.up(eve)
    session = signing.confirm(eve, server.code(eve))["Session"]
    first = signing.take_up(eve, session)["AuthenticationResult"]
    # An SDK whose answer was lost asks again.
    again = signing.take_up(eve, session)["AuthenticationResult"]
    assert again["RefreshToken"] == first["RefreshToken"]
    # Later, it is a thief.
    clock.ahead(31)
    assert refusal(lambda: signing.take_up(eve, session)) == INVALID
    assert refusal(lambda: signing.sdk.get_user(AccessToken=first["AccessToken"])) == (
        "NotAuthorizedException", "Access Token has been revoked")


def test_the_session_of_a_confirmation_dies(fresh, clock):
    server = fresh(lambda c: c.update(signup="open"), environment=clock.environment)
    signing = Signing(server, server.json("client", "add", "app"))
    eve = "eve@example.org"
    asked = signing.up(eve)
    clock.ahead(179)
    session = signing.confirm(eve, server.code(eve), Session=asked["Session"])["Session"]
    clock.ahead(359)
    assert refusal(lambda: signing.take_up(eve, session)) == (
        "NotAuthorizedException", "Invalid session for the user, session is expired.")
    signing.up("eve2@example.org")
    asked = signing.up("eve3@example.org")
    code = server.code("eve3@example.org")
    clock.ahead(359 + 181)
    assert refusal(lambda: signing.confirm(
        "eve3@example.org", code, Session=asked["Session"])) == (
        "NotAuthorizedException", "Invalid session for the user, session is expired.")
    assert signing.confirm("eve3@example.org", code)["Session"]
    clock.ahead(359 + 301)
    assert refusal(lambda: signing.confirm(
        "eve2@example.org", server.code("eve2@example.org"))) == EXPIRED


def test_a_client_that_cannot_use_a_session_gets_none(open_server, someone):
    signing = Signing(open_server, open_server.json(
        "client", "add", f"c-{someone}", "--flow", "ALLOW_CUSTOM_AUTH"))
    signing.up(someone)
    assert "Session" not in signing.confirm(someone, open_server.code(someone))
    assert not [s for s in open_server.json("session", "list") if s["service"] == signing.id]


def test_a_code_for_the_one_is_none_for_the_other(open_server, signing, someone):
    asked = signing.up(someone)
    code = open_server.code(someone)
    session = signing.pool.initiate(someone, "USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")[
        "Session"]
    other = open_server.code(someone, after=1)
    assert refusal(lambda: signing.confirm(someone, other)) == MISMATCH
    assert refusal(lambda: signing.pool.respond(
        someone, "EMAIL_OTP", session, EMAIL_OTP_CODE=code))[0] == "CodeMismatchException"
    assert signing.confirm(someone, code, Session=asked["Session"])


def test_wrong_codes_and_how_many(open_server, signing, someone):
    session = signing.up(someone)["Session"]
    code = open_server.code(someone)
    for _ in range(2):
        assert refusal(lambda: signing.confirm(someone, wrong(code))) == MISMATCH
    assert refusal(lambda: signing.confirm(someone, wrong(code))) == TRIES
    assert refusal(lambda: signing.confirm(someone, code, Session=session)) == TRIES
    assert refusal(lambda: signing.confirm(someone, code)) == EXPIRED
    assert someone not in users(open_server)
    # Another code, and three tries again.
    signing.resend(someone)
    assert signing.confirm(someone, open_server.code(someone, after=1))


def test_a_code_is_good_once(open_server, signing, someone):
    session = signing.up(someone)["Session"]
    code = open_server.code(someone)
    signing.confirm(someone, code, Session=session)
    assert refusal(lambda: signing.confirm(someone, code, Session=session)) == (
        "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
    assert refusal(lambda: signing.confirm(someone, code)) == EXPIRED


def test_a_code_is_good_once_at_the_same_time(open_server, signing, someone):
    session = signing.up(someone)["Session"]
    code = open_server.code(someone)

    def confirm(_):
        try:
            return signing.confirm(someone, code, Session=session)["Session"]
        except signing.sdk.exceptions.ClientError as error:
            return error.response["Error"]["Code"]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        results = list(pool.map(confirm, range(16)))
    refused = {"NotAuthorizedException", TRIES[0]}
    assert len([r for r in results if r not in refused]) == 1, results
    assert someone in users(open_server)


def test_of_several_the_newest_is_meant_unless_a_session_says_which(open_server, signing, someone):
    first = signing.up(someone)
    old = open_server.code(someone)
    second = signing.up(someone)
    new = open_server.code(someone, after=1)
    assert first["UserSub"] != second["UserSub"]
    if old != new:
        assert refusal(lambda: signing.confirm(someone, old)) == MISMATCH
    signing.confirm(someone, old, Session=first["Session"])
    assert users(open_server)[someone]["id"] == first["UserSub"]
    signing.confirm(someone, new)
    assert users(open_server)[someone]["id"] == first["UserSub"]


def test_resending_keeps_the_code_and_its_tries(open_server, signing, someone):
    sub = signing.up(someone)["UserSub"]
    code = open_server.code(someone)
    for _ in range(2):
        assert refusal(lambda: signing.confirm(someone, wrong(code))) == MISMATCH
    asked = signing.resend(someone)
    assert asked["CodeDeliveryDetails"]["Destination"] == f"{someone[0]}***@e***"
    assert refusal(lambda: signing.confirm(someone, wrong(code))) == TRIES
    # It is dead; the next one is another sign-up's.
    signing.resend(someone)
    [fresh] = until(lambda: {m.code for m in open_server.mails(someone)} - {code})
    signing.confirm(someone, fresh)
    assert users(open_server)[someone]["id"] != sub


def test_a_resent_code_makes_the_user_that_was_told(open_server, signing, someone):
    sub = signing.up(someone)["UserSub"]
    code = open_server.code(someone)
    signing.resend(someone)
    signing.confirm(someone, code)
    assert users(open_server)[someone]["id"] == sub


def test_limits(fresh):
    server = fresh(lambda c: c.update(signup="open", code={"resend_after": "60s"}))
    signing = Signing(server, server.json("client", "add", "app"))
    for name in ("eve@example.org", "alice@example.org"):
        first = signing.up(name)
        # A reload: the same code, no second mail.
        assert signing.up(name)["UserSub"] == first["UserSub"]
        assert refusal(lambda: signing.resend(name)) == LIMITED
        # The same for signing in: it is one mailbox.
        assert refusal(lambda: signing.pool.initiate(name))[0] == "TooManyRequestsException"
    assert len(server.mails()) == 1


def test_failures_are_the_accounts(fresh):
    """Over both ways in, for who has an account and for who has none."""
    server = fresh(lambda c: (c.update(signup="open"),
                              c["limits"].update(failures_per_account="4/d")))
    signing = Signing(server, server.json("client", "add", "app"))
    for name in ("eve@example.org", "alice@example.org"):
        for attempt in range(4):
            if attempt in (0, 3):
                signing.up(name)
            assert refusal(lambda: signing.confirm(name, "1"))[0] in (MISMATCH[0], TRIES[0])
        assert refusal(lambda: signing.confirm(name, "1")) == LIMITED
        assert refusal(lambda: signing.up(name)) == LIMITED
        assert refusal(lambda: signing.pool.initiate(name))[0] == "TooManyRequestsException"


def test_a_retried_request_is_the_same_sign_up(open_server, signing, someone):
    retried = Signing(open_server, {"client_id": signing.id, "client_secret": None})
    name = str(uuid.uuid4())
    retried.sdk.meta.events.register(
        "before-send.*.*", lambda request, **_: request.headers.__setitem__(
            "amz-sdk-invocation-id", name))
    subs = {retried.up(someone)["UserSub"] for _ in range(3)}
    assert len(subs) == 1 and len(open_server.mails(someone)) == 1


def shape(answer):
    """All of an answer that is not random, with how long the rest is."""
    return {name: len(value) if name in ("UserSub", "Session") else value
            for name, value in answer.items() if name != "ResponseMetadata"}


def test_who_has_an_account_or_is_disabled_is_answered_like_a_stranger(open_server, signing):
    seen = []
    for name in ("known@example.org", "off@example.org", f"o{uuid.uuid4().hex[:4]}@example.org"):
        before = len(open_server.mails(name))
        asked = signing.up(name)
        trace = [shape(asked) | {"CodeDeliveryDetails": None},
                 asked["CodeDeliveryDetails"]["Destination"] == f"{name[0]}***@e***"]
        code = open_server.code(name, before) if name[:5] not in ("known", "off@e") else "12345678"
        for _ in range(2):
            trace.append(refusal(lambda: signing.confirm(name, wrong(code))))
        trace.append(shape(signing.resend(name)) | {"CodeDeliveryDetails": None})
        trace.append(refusal(lambda: signing.confirm(name, wrong(code))))
        trace.append(refusal(lambda: signing.confirm(name, code, Session=asked["Session"])))
        trace.append(refusal(lambda: signing.confirm(name, code)))
        trace.append(shape(signing.resend(name)) | {"CodeDeliveryDetails": None})
        seen.append(trace)
    assert seen[0] == seen[1] == seen[2]
    assert not open_server.mails("known@example.org") and not open_server.mails("off@example.org")
    detail = [e["detail"] for e in open_server.json("audit", "--user", "known@example.org")
              if e["kind"] == "code_requested"]
    assert "not mailed: a sign-up of somebody who has an account" in detail


def test_the_id_that_is_told_says_nothing(open_server, signing):
    subs = [signing.up("known@example.org")["UserSub"] for _ in range(2)]
    assert len(set(subs)) == 2
    assert users(open_server)["known@example.org"]["id"] not in subs


def test_closed_and_domains(fresh):
    for policy, allowed in (("closed", []), (["example.net"], ["eve@example.net"])):
        server = fresh(lambda c: c.update(signup=policy))
        signing = Signing(server, server.json("client", "add", "app"))
        answers = []
        for name in ("alice@example.org", "eve@example.org", "eve@example.net"):
            asked = signing.up(name)
            answers.append(shape(asked) | {"CodeDeliveryDetails": None})
            signing.resend(name)
            assert refusal(lambda: signing.confirm(name, "1")) == MISMATCH
        assert answers[0] == answers[1] == answers[2]
        if allowed:
            server.code(allowed[0])
        assert {m.to for m in server.mails()} == set(allowed)
        assert set(users(server)) == {"alice@example.org"}


def test_inputs(signing, someone):
    wrong_name = ("InvalidParameterException", "Username should be an email.")
    for name in ("alice", "a@b", "@", "0" * 36):
        for call in (signing.up, signing.resend, lambda name: signing.confirm(name, "1")):
            if name != "a@b":
                assert refusal(lambda: call(name)) == wrong_name, name
    missing = ("ResourceNotFoundException", "User pool client nobody does not exist.")
    sdk = signing.sdk
    for call in (lambda: sdk.sign_up(ClientId="nobody", Username=someone),
                 lambda: sdk.resend_confirmation_code(ClientId="nobody", Username=someone),
                 lambda: sdk.confirm_sign_up(
                     ClientId="nobody", Username=someone, ConfirmationCode="1")):
        assert refusal(call) == missing

    def attribute(name, value):
        return refusal(lambda: signing.up(
            someone, UserAttributes=[{"Name": name, "Value": value}]))

    assert attribute("email", "other@example.org")[0] == "InvalidParameterException"
    assert attribute("custom:x", "1") == (
        "InvalidParameterException", "Attributes did not conform to the schema: user.custom:x: "
        "Attribute does not exist in the schema.")
    assert attribute("sub", "1") == (
        "InvalidParameterException", "user.sub: Attribute cannot be updated.")
    for name in ("preferred_username", "email_verified"):
        error, message = attribute(name, "root")
        assert error == "NotAuthorizedException"
        assert message.startswith("A client attempted to write unauthorized attribute")
    assert attribute("name", "a\nb")[0] == "InvalidParameterException"
    assert attribute("x" * 33, "1")[0] == "InvalidParameterException"
    error, message = attribute("name", "s3cret" * 400)
    assert error == "InvalidParameterException" and "s3cret" not in message
    assert "at 'userAttributes.1.member.value' failed" in message
    # A code is never repeated, though the model does not call it a secret.
    error, message = refusal(lambda: signing.confirm(someone, "s3 cret"))
    assert error == "InvalidParameterException" and "s3 cret" not in message


def test_a_relay_that_is_down_is_said_before_anything_is_counted(fresh):
    server = fresh(lambda c: (c["mail"].update(transport="smtp://127.0.0.1:9", tls="none"),
                              c.update(signup="open")), ready=False)
    signing = Signing(server, server.json("client", "add", "app"))
    until(lambda: server.client().initiate("alice@example.org").error == "mail_unavailable")
    before = len(server.audit())
    for call in (signing.up, signing.resend):
        for name in ("alice@example.org", "eve@example.org"):
            assert refusal(lambda: call(name))[0] == "CodeDeliveryFailureException"
    assert len(server.audit()) == before


def test_all_take_the_same_time(fresh):
    """Who has an account, and who signs up: 150 of each, in turn. The first guess waits for the
    mail to be delivered, which slows down whatever is asked meanwhile; the second is timed."""
    count = 150
    known = [f"known{n}@example.org" for n in range(count)]
    server = fresh(lambda c: c.update(signup="open"), users=known)
    client = server.json("client", "add", "app")["client_id"]
    times = {(kind, step): [] for kind in ("known", "new") for step in ("SignUp", "ConfirmSignUp")}
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=20)
    box = server.directory / "outbox"

    def send(kind, operation, **members):
        began = time.perf_counter()
        connection.request("POST", "/", json.dumps({"ClientId": client, **members}), {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"})
        connection.getresponse().read()
        times[kind, operation].append(time.perf_counter() - began)

    for n in range(count):
        for kind in ("known", "new") if n % 2 else ("new", "known"):
            name = f"{kind}{n}@example.org"
            send(kind, "SignUp", Username=name)
            if kind == "new":
                until(lambda: len(list(box.glob("*.eml"))) > n)
            for _ in range(2):
                send(kind, "ConfirmSignUp", Username=name, ConfirmationCode="00000000")
            del times[kind, "ConfirmSignUp"][-2]
    for step in ("SignUp", "ConfirmSignUp"):
        # What a quarter of them take: other work on the machine makes none of them faster.
        one, other = (
            statistics.quantiles(times[kind, step])[0] * 1000 for kind in ("known", "new"))
        assert abs(one - other) < 1, f"{step}: {one:.3f} ms and {other:.3f} ms"
