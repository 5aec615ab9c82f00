"""What runs before and after: sign-ups, sign-ins, and the mails in between."""

import email
import email.policy
import json
import re
import uuid

import pytest

from aws import refusal
from harness.server import until
from triggered import ALICE, Triggered
from triggers import SILENT, THREE

NO = "say({'errorMessage': 'not you', 'errorType': 'Error'}); sys.exit()"
SIGN_UP = {"pre_sign_up": "pass", "post_confirmation": "pass"}


@pytest.fixture
def triggered(fresh, tmp_path):
    return lambda bodies, change=None, **more: Triggered(fresh, tmp_path, bodies, change, **more)


def open_to_all(config):
    config["signup"] = "open"


def refused_by(trigger):
    return ("UserLambdaValidationException", f"{trigger} failed with error not you.")


def users(it):
    return {user["email"]: user for user in it.server.json("user", "list")}


def attributes(it, user=ALICE):
    return {"sub": users(it)[user]["id"], "email": user, "email_verified": "true",
            "cognito:user_status": "CONFIRMED"}


# Before and after signing in.

def test_pre_authentication_is_asked_first_and_told_of_everybody(triggered):
    it = triggered({"pre_authentication": "pass"})
    it.initiate(metadata={"device": "phone"})
    it.initiate("nobody@example.org", metadata={"device": "phone"})
    known, unknown = it.triggers.events()
    assert known["triggerSource"] == "PreAuthentication_Authentication"
    assert known["request"] == {
        "userAttributes": attributes(it), "validationData": {"device": "phone"}}
    assert unknown["request"] == {
        "userAttributes": {}, "validationData": {"device": "phone"}, "userNotFound": True}


def test_pre_authentication_refuses(triggered):
    it = triggered({**THREE, "pre_authentication": NO})
    for user in (ALICE, "nobody@example.org"):
        assert refusal(lambda: it.initiate(user)) == refused_by("PreAuthentication")
    assert set(it.triggers.order()) == {"pre_authentication"}


def test_where_pre_authentication_refuses_no_code_is_mailed(triggered):
    it = triggered({"pre_authentication": NO},
                   lambda c: c.update(code={"resend_after": "60s"}))
    for _ in range(3):
        assert refusal(it.initiate) == refused_by("PreAuthentication")
    it.triggers.set("pre_authentication", "pass")
    session = it.initiate()["Session"]
    assert it.answer(session, it.server.code())["AuthenticationResult"]
    assert len(it.server.mails()) == 1


def test_pre_authentication_is_asked_of_the_e_mail_factor_too(triggered):
    it = triggered({"pre_authentication": NO})
    assert refusal(lambda: it.pool.initiate(
        ALICE, "USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")) == refused_by("PreAuthentication")
    assert not it.server.mails()


def test_post_authentication_is_told_and_may_refuse(triggered):
    it = triggered({"post_authentication": "pass"})
    it.sign_in(metadata={"from": "test"})
    [event] = it.triggers.events()
    assert event["triggerSource"] == "PostAuthentication_Authentication"
    assert event["request"] == {"userAttributes": attributes(it), "newDeviceUsed": False,
                                "clientMetadata": {"from": "test"}}
    assert event["response"] == {}
    [session] = it.sessions()
    it.triggers.set("post_authentication", NO)
    assert refusal(it.sign_in) == refused_by("PostAuthentication")
    assert it.sessions() == [session]


def test_post_authentication_is_told_of_nobody_who_is_wrong(triggered):
    it = triggered({"post_authentication": "pass"})
    session = it.initiate()["Session"]
    for _ in range(2):
        session = it.answer(session, "0")["Session"]
    refusal(lambda: it.answer(session, "0"))
    refresh = it.sign_in()["RefreshToken"]
    it.pool.refresh(refresh)
    assert it.triggers.order() == ["post_authentication"]


# Signing up.

def test_a_sign_up_tells_the_triggers(triggered):
    it = triggered(SIGN_UP, open_to_all)
    eve = "eve@example.org"
    asked = it.sign_up(
        eve, Password="Unused-1!", UserAttributes=[
            {"Name": "email", "Value": eve}, {"Name": "name", "Value": "Eve"}],
        ValidationData=[{"Name": "captcha", "Value": "42"}], ClientMetadata={"step": "up"})
    assert asked["UserConfirmed"] is False
    [before] = it.triggers.events()
    assert before["triggerSource"] == "PreSignUp_SignUp" and before["userName"] == eve
    assert before["request"] == {
        "userAttributes": {"email": eve, "name": "Eve"}, "validationData": {"captcha": "42"},
        "clientMetadata": {"step": "up"}}
    assert before["response"] == {
        "autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    assert eve not in users(it)
    it.confirm(eve, it.server.code(eve), ClientMetadata={"step": "confirm"})
    _, after = it.triggers.events()
    assert after["triggerSource"] == "PostConfirmation_ConfirmSignUp"
    assert after["request"] == {
        "userAttributes": attributes(it, eve), "clientMetadata": {"step": "confirm"}}
    assert users(it)[eve]["id"] == asked["UserSub"]


def test_nobody_is_told_who_is_not_confirmed(triggered):
    it = triggered(SIGN_UP, open_to_all)
    eve = "eve@example.org"
    it.sign_up(eve)
    refusal(lambda: it.confirm(eve, "0"))
    assert it.triggers.order() == ["pre_sign_up"]


def test_pre_sign_up_refuses(triggered):
    it = triggered({**SIGN_UP, "pre_sign_up": NO}, open_to_all)
    for user in ("eve@example.org", ALICE):
        assert refusal(lambda: it.sign_up(user)) == refused_by("PreSignUp")
    assert set(users(it)) == {ALICE}
    assert not it.server.mails()
    # Nothing was begun that a code could end.
    assert refusal(lambda: it.confirm("eve@example.org", "0"))


def test_pre_sign_up_refuses_a_first_sign_in_too(triggered):
    """Where a sign-in makes users, it is a way to become one."""
    it = triggered({**SIGN_UP, "pre_sign_up": NO}, open_to_all)
    eve = "eve@example.org"
    assert refusal(lambda: it.sign_in(eve)) == refused_by("PreSignUp")
    assert set(users(it)) == {ALICE} and not it.sessions()
    it.triggers.set("pre_sign_up", "pass")
    assert it.sign_in(eve)
    assert it.triggers.order()[-1] == "post_confirmation" and eve in users(it)
    assert it.sign_in(eve)
    assert it.triggers.order().count("post_confirmation") == 1


def test_who_is_confirmed_at_once_is_a_user_without_a_code(triggered):
    it = triggered({**SIGN_UP, "pre_sign_up":
                    "response.update(autoConfirmUser=True, autoVerifyEmail=True)"}, open_to_all)
    eve = "eve@example.org"
    told = it.sign_up(eve)
    assert told["UserConfirmed"] is True and "CodeDeliveryDetails" not in told
    user = users(it)[eve]
    assert user["id"] == told["UserSub"] and user["enabled"] and user["login"] is None
    assert it.triggers.order() == ["pre_sign_up", "post_confirmation"]
    assert not it.server.mails()
    # Who that is has to be shown at every sign-in.
    assert it.sign_in(eve) and len(it.server.mails(eve)) == 1


def test_who_has_an_account_is_told_the_same_and_stays_who_they_are(triggered):
    it = triggered({**SIGN_UP, "pre_sign_up": "response['autoConfirmUser'] = True"}, open_to_all)
    before = users(it)[ALICE]
    new = it.sign_up("eve@example.org")
    known = it.sign_up(ALICE)
    for answer in (new, known):
        uuid.UUID(answer.pop("UserSub"))
        answer.pop("ResponseMetadata")
    assert new == known
    assert users(it)[ALICE] == before
    assert it.triggers.order().count("post_confirmation") == 1


def test_a_sign_up_that_nobody_may_do_is_confirmed_by_no_trigger(triggered):
    it = triggered({**SIGN_UP, "pre_sign_up": "response['autoConfirmUser'] = True"},
                   lambda c: c.update(signup=["example.net"]))
    try:
        it.sign_up("eve@example.org")
    except Exception:
        pass
    assert set(users(it)) == {ALICE}
    it.sign_up("eve@example.net")
    assert set(users(it)) == {ALICE, "eve@example.net"}


def test_a_refused_sign_up_runs_no_program(triggered):
    def tight(config):
        open_to_all(config)
        config["limits"].update(starts_per_source="1/h")

    it = triggered(SIGN_UP, tight)
    it.sign_up("eve@example.org")
    before = it.triggers.notes()
    assert refusal(lambda: it.sign_up("eve2@example.org"))[0] == "LimitExceededException"
    assert it.triggers.notes() == before


def test_an_administrators_program_is_asked_too(triggered):
    it = triggered(SIGN_UP)
    backend = it.backend()
    bob = "bob@example.org"

    def add():
        return backend.admin_create_user(
            UserPoolId="local_Main", Username=bob, ValidationData=[
                {"Name": "ticket", "Value": "7"}], ClientMetadata={"by": "test"},
            UserAttributes=[{"Name": "email", "Value": bob}, {"Name": "name", "Value": "Bob"}])

    it.triggers.set("pre_sign_up", NO)
    assert refusal(add) == refused_by("PreSignUp")
    assert set(users(it)) == {ALICE}
    it.triggers.set("pre_sign_up", "pass")
    add()
    assert bob in users(it)
    event = it.triggers.events()[-1]
    assert event["triggerSource"] == "PreSignUp_AdminCreateUser"
    assert event["request"]["validationData"] == {"ticket": "7"}
    assert event["request"]["clientMetadata"] == {"by": "test"}
    assert event["request"]["userAttributes"]["email"] == bob
    assert event["request"]["userAttributes"]["name"] == "Bob"
    assert "post_confirmation" not in it.triggers.order()


# Mails.

def test_custom_message_writes_the_mail(triggered):
    it = triggered({"custom_message": """
assert request["codeParameter"] == "{####}"
response["emailSubject"] = "Grüße"
response["emailMessage"] = "<p>Your number: <b>{####}</b></p>"
"""})
    session = it.initiate()["Session"]
    [path] = until(lambda: list((it.server.directory / "outbox").glob("*.eml")))
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message["Subject"] == "Grüße"
    html = message.get_body(("html",)).get_content()
    [code] = re.findall(r"Your number: <b>([^<]+)</b>", html)
    [event] = it.triggers.events()
    assert event["triggerSource"] == "CustomMessage_Authentication"
    assert event["request"]["userAttributes"]["email"] == ALICE
    assert code not in it.triggers.notes()[0]["line"]
    assert it.answer(session, code)["AuthenticationResult"]


@pytest.mark.parametrize("message, subject", [
    ("no code in it", "Hello"), ("{####}", "two\nlines"), ("{####}", "with {####}"),
    (7, "Hello"), ("{####}", ["x"])])
def test_a_custom_message_that_cannot_be_sent(triggered, message, subject):
    it = triggered({"custom_message": f"""
response["emailSubject"], response["emailMessage"] = {subject!r}, {message!r}
"""})
    it.initiate()
    until(lambda: any(m["tries"] for m in it.server.json("mail", "queue")))
    assert not it.server.mails()
    assert "custom_message" in it.server.said()


def test_custom_email_sender_sends_the_mail(triggered):
    it = triggered({"custom_email_sender": "pass"}, open_to_all)
    session = it.initiate(metadata={"at": "start"})["Session"]
    [event] = until(it.triggers.events)
    assert event["triggerSource"] == "CustomEmailSender_Authentication"
    assert event["request"]["type"] == "customEmailSenderRequestV1"
    assert event["request"]["userAttributes"]["email"] == ALICE
    assert it.answer(session, event["request"]["code"])["AuthenticationResult"]
    eve = "eve@example.org"
    it.sign_up(eve)
    _, event = until(lambda: len(it.triggers.events()) == 2 and it.triggers.events())
    assert event["triggerSource"] == "CustomEmailSender_SignUp" and event["userName"] == eve
    # While the program is at it, nobody sends the mail a second time.
    until(lambda: not it.server.json("mail", "queue"))
    it.pool.sdk.resend_confirmation_code(ClientId=it.pool.id, Username=eve)
    *_, last = until(lambda: len(it.triggers.events()) == 3 and it.triggers.events())
    assert last["triggerSource"] == "CustomEmailSender_ResendCode"
    assert last["request"]["code"] == event["request"]["code"]
    it.confirm(eve, last["request"]["code"])
    assert not list((it.server.directory / "outbox").glob("*.eml"))


def test_no_mail_goes_to_strangers_through_a_program_either(triggered):
    it = triggered({"custom_email_sender": "pass", "custom_message": "pass"})
    it.initiate("nobody@example.org")
    it.initiate(ALICE)
    until(it.triggers.notes)
    assert {event["userName"] for event in it.triggers.events()} == {ALICE}


def test_a_sender_that_fails_is_tried_again(triggered):
    it = triggered({"custom_email_sender": "sys.exit(1)"})
    it.initiate()
    until(lambda: any(m["tries"] for m in it.server.json("mail", "queue")))
    code = it.triggers.requests()[0]["code"]
    it.server.stop()
    held = it.server.said().encode() + b"".join(
        p.read_bytes() for p in it.server.directory.glob("doorpost.db*"))
    assert code.encode() not in held


def test_no_trigger_but_the_sender_sees_a_code(triggered):
    bodies = {point: body for point, body in SILENT.items() if point != "custom_email_sender"}
    bodies["define_auth_challenge"] = THREE["define_auth_challenge"]
    it = triggered(bodies, open_to_all)
    it.sign_in()
    eve = "eve@example.org"
    it.sign_up(eve)
    it.confirm(eve, it.server.code(eve))
    codes = [mail.code for mail in it.server.mails()]
    assert len(codes) == 2
    told = json.dumps(it.triggers.notes())
    for code in codes:
        assert code not in told and code.replace("-", "").replace(" ", "") not in told
    assert set(it.triggers.order()) == set(bodies)
