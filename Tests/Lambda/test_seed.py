"""The handlers of the tutorial, saved as its reader would save them, through a whole sign-in.

The text of the page lost the lines that are nothing but closing brackets; they are put back, and
nothing else."""

import email
import email.policy
import re

import pytest

from conftest import run

ALICE = "alice@example.org"


def event(trigger, request, user=ALICE):
    return {"version": "1", "region": "local", "userPoolId": "local_Main",
            "triggerSource": f"{trigger}_Authentication", "userName": user,
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "c"},
            "request": {"userAttributes": {"sub": "s", "email": user}, **request}, "response": {}}


def round_of(result):
    return {"challengeName": "CUSTOM_CHALLENGE", "challengeResult": result, "challengeMetadata": None}


@pytest.fixture(params=["one run each", "kept"])
def ask(request, kept):
    """`ask(file, event, environment)`: the answer's response."""
    runners = {}

    def one(file, event, environment=None):
        done = run(f"seed/{file}.js", event, environment=environment)
        assert done.returncode == 0
        return done.answers[0]

    def stays(file, event, environment=None):
        if file not in runners:
            runners[file] = kept(f"seed/{file}.js", environment)
        return runners[file].ask(event)

    return one if request.param == "one run each" else stays


@pytest.mark.parametrize("results, response", [
    ([], {"issueTokens": False, "failAuthentication": False, "challengeName": "CUSTOM_CHALLENGE"}),
    ([False], {"issueTokens": False, "failAuthentication": False, "challengeName": "CUSTOM_CHALLENGE"}),
    ([False, True], {"issueTokens": True, "failAuthentication": False}),
    ([False, False, False], {"issueTokens": False, "failAuthentication": True}),
])
def test_define(ask, results, response):
    asked = event("DefineAuthChallenge", {"session": [round_of(r) for r in results]})
    assert ask("define", asked) == {**asked, "response": response}


def test_create_mails_the_code_that_verify_accepts(ask, relay):
    peer = relay()
    environment = {"MAIL_FROM": "login@example.org", "SMTP_URL": peer.url}
    created = ask("create", event("CreateAuthChallenge", {"challengeName": "CUSTOM_CHALLENGE"}),
                  environment)["response"]
    code = created["privateChallengeParameters"]["secretLoginCode"]
    assert created["publicChallengeParameters"] == {"email": ALICE}
    heard = peer.heard()
    assert b"MAIL FROM:<login@example.org>\r\n" in heard and f"RCPT TO:<{ALICE}>".encode() in heard
    raw, = re.findall(rb"^DATA\r\n(.*?)^\.\r\n", heard, re.MULTILINE | re.DOTALL)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert (mail["Subject"], mail["To"], mail["From"]) == \
        ("Your One-Time Login Code", ALICE, "login@example.org")
    assert mail.get_content().strip() == f"<p>Your login code is: <strong>{code}</strong></p>"
    # The server makes strings of numbers in parameters, as AWS does.
    for answer, right in ((str(code), True), ("0", False)):
        asked = event("VerifyAuthChallengeResponse", {
            "privateChallengeParameters": {"secretLoginCode": str(code)}, "challengeAnswer": answer})
        assert ask("verify", asked)["response"] == {"answerCorrect": right}


def test_create_without_a_user(ask):
    assert ask("create", event("CreateAuthChallenge", {}, user="")) == \
        {"errorMessage": "Missing email", "errorType": "Error"}


def test_create_while_the_relay_is_down(ask, relay):
    peer = relay()
    peer.stop()
    answer = ask("create", event("CreateAuthChallenge", {}),
                 {"MAIL_FROM": "login@example.org", "SMTP_URL": peer.url})
    assert answer == {"errorMessage": "The relay cannot be reached.", "errorType": "ServiceUnavailable"}


def test_create_without_its_environment(ask):
    answer = ask("create", event("CreateAuthChallenge", {}))
    assert answer == {"errorMessage": "Source is missing", "errorType": "InvalidParameterValue"}
