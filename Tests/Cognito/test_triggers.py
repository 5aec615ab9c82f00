"""The three decisions of a sign-in made by triggers: Define, Create, Verify."""

import json
import threading
import uuid

import pytest

from aws import refusal
from harness.server import until
from triggered import ALICE, Triggered
from triggers import CREATE, DEFINE, KEPT, STEPS, THREE, VERIFY, Triggers

INVALID = ("NotAuthorizedException", "Invalid session for the user.")
REFUSED = ("NotAuthorizedException", "Incorrect username or password.")
UNRECOGNIZABLE = ("InvalidLambdaResponseException", "Unrecognizable lambda output")
REFUSALS = ("InvalidLambdaResponseException", "NotAuthorizedException")
TOO_MANY = ("TooManyRequestsException", "Attempt limit exceeded, please try after some time.")


@pytest.fixture
def triggered(fresh, tmp_path):
    """`triggered(bodies)` starts a server of the test's own with these handlers."""
    return lambda bodies, change=None, **more: Triggered(fresh, tmp_path, bodies, change, **more)


def always(**response):
    """A handler that answers so whatever it is asked."""
    return "\n".join(f"response[{name!r}] = {value!r}" for name, value in response.items())


def test_a_trigger_asks_and_its_answer_signs_in(triggered):
    it = triggered(THREE)
    asked = it.initiate()
    assert asked["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert asked["ChallengeParameters"] == {"USERNAME": ALICE, "hint": "to a"}
    answer = it.answer(asked["Session"], it.triggers.codes()[0])
    assert answer["ChallengeParameters"] == {} and "ChallengeName" not in answer
    assert answer["AuthenticationResult"]["IdToken"]
    assert not it.server.mails()
    assert it.triggers.order() == [
        "define_auth_challenge", "create_auth_challenge", "verify_auth_challenge_response",
        "define_auth_challenge"]
    [signed_in] = [e for e in it.server.audit() if e["kind"] == "signed_in"]
    assert signed_in["email"] == ALICE and signed_in["service"] == it.pool.id


def test_the_events_are_those_of_aws(triggered):
    it = triggered(THREE)
    it.sign_in()
    [alice] = it.server.json("user", "list")
    sources = ["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse",
               "DefineAuthChallenge"]
    for event, source in zip(it.triggers.events(), sources, strict=True):
        assert set(event) == {"version", "region", "userPoolId", "userName", "callerContext",
                              "triggerSource", "request", "response"}
        assert event["version"] == "1" and event["region"] == "local"
        assert event["userPoolId"] == "local_Main" and event["userName"] == ALICE
        assert event["triggerSource"] == f"{source}_Authentication"
        assert event["callerContext"]["clientId"] == it.pool.id
        assert set(event["callerContext"]) == {"awsSdkVersion", "clientId"}
        assert event["request"]["userAttributes"] == {
            "sub": alice["id"], "email": ALICE, "email_verified": "true",
            "cognito:user_status": "CONFIRMED"}
        assert "userNotFound" not in event["request"]
    first, create, verify, last = it.triggers.events()
    [code] = it.triggers.codes()
    assert first["request"]["session"] == create["request"]["session"] == []
    assert first["response"] == {
        "challengeName": None, "issueTokens": None, "failAuthentication": None}
    assert create["request"]["challengeName"] == "CUSTOM_CHALLENGE"
    assert set(create["response"]) == {
        "publicChallengeParameters", "privateChallengeParameters", "challengeMetadata"}
    assert verify["request"]["privateChallengeParameters"] == {"answer": code}
    assert verify["request"]["challengeAnswer"] == code
    assert verify["response"] == {"answerCorrect": None}
    assert last["request"]["session"] == [{
        "challengeName": "CUSTOM_CHALLENGE", "challengeResult": True,
        "challengeMetadata": f"CODE-{code}"}]


def test_a_program_gets_one_line_and_an_environment_of_its_own(triggered):
    it = triggered(THREE, lambda c: c["triggers"].update(define_auth_challenge={
        "command": [c["triggers"]["define_auth_challenge"], "--flag", "$HOME; a b"],
        "environment": {"MAIL_FROM": "login@example.org"}}))
    it.initiate()
    define, create = it.triggers.notes()
    assert define["arguments"] == ["--flag", "$HOME; a b"]
    assert define["line"].endswith("\n") and define["line"].count("\n") == 1
    # LC_CTYPE is what Python sets for itself where there is no locale.
    assert {k: v for k, v in define["environment"].items() if k != "LC_CTYPE"} == {
        "MAIL_FROM": "login@example.org"}
    assert set(create["environment"]) <= {"LC_CTYPE"} and create["arguments"] == []


def test_a_wrong_answer_asks_again_until_the_third(triggered):
    it = triggered(THREE)
    sessions = [it.initiate()["Session"]]
    for _ in range(2):
        again = it.answer(sessions[-1], "wrong")
        assert again["ChallengeName"] == "CUSTOM_CHALLENGE"
        assert again["ChallengeParameters"] == {"USERNAME": ALICE, "hint": "to a"}
        assert "AuthenticationResult" not in again and again["Session"] not in sessions
        sessions.append(again["Session"])
    [code] = it.triggers.codes()
    for session in sessions[:-1]:
        assert refusal(lambda: it.answer(session, code)) == INVALID
    assert refusal(lambda: it.answer(sessions[-1], "wrong")) == REFUSED
    for session in sessions:
        assert refusal(lambda: it.answer(session, code)) == INVALID
    assert len(it.triggers.events("create_auth_challenge")) == 3
    assert len(it.triggers.events("verify_auth_challenge_response")) == 3
    rounds = [r["session"] for r in it.triggers.requests("create_auth_challenge")]
    assert [[s["challengeResult"] for s in some] for some in rounds] == [
        [], [False], [False, False]]
    assert not it.sessions()


def test_the_third_answer_may_be_right(triggered):
    it = triggered(THREE)
    session = it.initiate()["Session"]
    for _ in range(2):
        session = it.answer(session, "wrong")["Session"]
    [code] = it.triggers.codes()
    assert it.answer(session, code)["AuthenticationResult"]
    assert refusal(lambda: it.answer(session, code)) == INVALID


def test_a_trigger_that_goes_on_for_ever_is_not_asked_for_ever(triggered):
    it = triggered({**THREE, "define_auth_challenge": always(challengeName="CUSTOM_CHALLENGE")})
    session = it.initiate()["Session"]
    for _ in range(2):
        session = it.answer(session, "wrong")["Session"]
    assert refusal(lambda: it.answer(session, "wrong")) == REFUSED


def test_a_right_answer_may_be_followed_by_another_question(triggered):
    it = triggered(STEPS, lambda c: c["limits"].update(failures_per_account="1/d"))
    asked = it.initiate()
    assert asked["ChallengeParameters"]["step"] == "1"
    again = it.answer(asked["Session"], "answer 1")
    assert "AuthenticationResult" not in again and again["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert again["ChallengeParameters"]["step"] == "2"
    for old in ("answer 1", "answer 2"):
        assert refusal(lambda: it.answer(asked["Session"], old)) == INVALID
    # What was right was no failure: there is room for the next try.
    assert it.answer(again["Session"], "answer 2")["AuthenticationResult"]
    rounds = it.triggers.requests("define_auth_challenge")[-1]["session"]
    assert [(s["challengeResult"], s["challengeMetadata"]) for s in rounds] == [
        (True, "STEP-1"), (True, "STEP-2")]


def test_right_wrong_right(triggered):
    it = triggered(STEPS)
    session = it.initiate()["Session"]
    for answer in ("answer 1", "answer 1"):
        again = it.answer(session, answer)
        assert again["ChallengeParameters"]["step"] == "2"
        session = again["Session"]
    assert it.answer(session, "answer 2")["AuthenticationResult"]


def test_there_are_three_answers_however_many_a_trigger_wants(triggered):
    it = triggered(STEPS)
    session = it.initiate()["Session"]
    for _ in range(2):
        session = it.answer(session, "wrong")["Session"]
    assert refusal(lambda: it.answer(session, "answer 1")) == REFUSED
    assert not it.sessions()


def test_what_is_asked_may_change_with_every_round(triggered):
    it = triggered({**THREE, "create_auth_challenge": CREATE.replace(
        'if request["session"]:', "if False:")})
    session = it.initiate()["Session"]
    session = it.answer(session, "wrong")["Session"]
    first, second = it.triggers.codes()
    if first != second:  # one in 65536
        session = it.answer(session, first)["Session"]
        second = it.triggers.codes()[-1]
    assert it.answer(session, second)["AuthenticationResult"]


def test_the_answer_comes_as_it_was_typed(triggered):
    it = triggered(THREE)
    typed = ' Blue - "Hören"\\ \t42 '
    it.answer(it.initiate()["Session"], typed)
    [request] = it.triggers.requests("verify_auth_challenge_response")
    assert request["challengeAnswer"] == typed


def test_numbers_and_booleans_in_parameters_become_text(triggered):
    it = triggered({**THREE, "create_auth_challenge": always(
        publicChallengeParameters={"n": 7, "b": True, "t": "ü"},
        privateChallengeParameters={"answer": 42, "b": False})})
    asked = it.initiate()
    assert asked["ChallengeParameters"] == {"USERNAME": ALICE, "n": "7", "b": "true", "t": "ü"}
    assert it.answer(asked["Session"], "42")["AuthenticationResult"]
    [request] = it.triggers.requests("verify_auth_challenge_response")
    assert request["privateChallengeParameters"] == {"answer": "42", "b": "false"}
    assert it.triggers.requests("define_auth_challenge")[-1]["session"][0][
        "challengeMetadata"] is None


def test_the_user_name_that_is_told_is_ours(triggered):
    it = triggered({**THREE, "create_auth_challenge": always(
        publicChallengeParameters={"USERNAME": "mallory"})})
    assert it.initiate()["ChallengeParameters"]["USERNAME"] == ALICE


def test_a_user_who_is_named_otherwise_is_told_by_the_address(triggered):
    it = triggered(THREE, users=())
    added = it.server.json("user", "add", ALICE, "--login", "alice")
    for name in ("alice", added["id"]):
        before = len(it.triggers.events())
        asked = it.initiate(name)
        assert asked["ChallengeParameters"] == {"USERNAME": name, "hint": "to a"}
        assert it.answer(asked["Session"], it.triggers.codes()[-1], name)["AuthenticationResult"]
        for event in it.triggers.events()[before:]:
            assert event["userName"] == ALICE
            assert event["request"]["userAttributes"]["preferred_username"] == "alice"


def test_an_administrators_program_signs_in_the_same_way(triggered):
    it = triggered(STEPS)
    backend = it.backend()
    asked = backend.admin_initiate_auth(
        UserPoolId="local_Main", ClientId=it.pool.id, AuthFlow="CUSTOM_AUTH",
        AuthParameters={"USERNAME": ALICE})
    for answer in ("answer 1", "answer 2"):
        asked = backend.admin_respond_to_auth_challenge(
            UserPoolId="local_Main", ClientId=it.pool.id, ChallengeName="CUSTOM_CHALLENGE",
            Session=asked["Session"], ChallengeResponses={"USERNAME": ALICE, "ANSWER": answer},
            ClientMetadata={"by": "backend"})
    assert asked["AuthenticationResult"]
    assert it.triggers.requests("verify_auth_challenge_response")[0]["clientMetadata"] == {
        "by": "backend"}


def test_another_request_within_the_gap_is_asked_the_same(triggered):
    it = triggered(THREE, lambda c: c.update(code={"resend_after": "60s"}))
    first, second = it.initiate(), it.initiate()
    assert first["ChallengeParameters"] == second["ChallengeParameters"]
    assert first["Session"] != second["Session"]
    assert it.triggers.order() == ["define_auth_challenge", "create_auth_challenge"]
    again = it.answer(first["Session"], "wrong")
    third = it.initiate()
    [code] = it.triggers.codes()
    assert it.answer(third["Session"], code)["AuthenticationResult"]
    assert refusal(lambda: it.answer(again["Session"], code)) == INVALID


def test_what_is_private_stays_private(triggered):
    it = triggered({**THREE, "create_auth_challenge": always(
        privateChallengeParameters={"answer": "the-private-answer"},
        challengeMetadata="the-metadata")})
    session = it.initiate()["Session"]
    session = it.answer(session, "wrong")["Session"]
    it.answer(session, "the-private-answer")
    it.server.stop()
    held = it.server.said().encode() + b"".join(
        p.read_bytes() for p in it.server.directory.glob("doorpost.db*"))
    for secret in (b"the-private-answer", b"the-metadata"):
        assert secret not in held


# Whom nobody is let in as, whatever the programs say.
YES = {"define_auth_challenge": """
if request["session"]:
    response["issueTokens"] = True
else:
    response["challengeName"] = "CUSTOM_CHALLENGE"
""", "create_auth_challenge": CREATE, "verify_auth_challenge_response": always(answerCorrect=True)}


def shape(answer):
    """All that an answer shows but what belongs to this request alone."""
    told = {k: v for k, v in answer.items() if k not in ("ResponseMetadata", "Session")}
    told["ChallengeParameters"].pop("USERNAME")
    return told, len(answer["Session"]), sorted(answer["ResponseMetadata"]["HTTPHeaders"])


def test_strangers_are_asked_alike_and_the_programs_are_told(triggered):
    it = triggered(THREE, users=(ALICE, "adams@example.org"))
    it.server.run("user", "disable", "adams@example.org")
    strangers = ("adam5@example.org", "adams@example.org")
    expected = shape(it.initiate())
    for stranger in strangers:
        before = len(it.triggers.notes())
        asked = it.initiate(stranger)
        session = asked["Session"]
        assert shape(asked) == expected
        for event in it.triggers.events()[before:]:
            assert event["request"]["userNotFound"] is True
            assert event["request"]["userAttributes"] == {} and event["userName"] == stranger
        code = it.triggers.codes()[-1]
        for _ in range(2):
            session = it.answer(session, code, stranger)["Session"]
        assert refusal(lambda: it.answer(session, code, stranger)) == REFUSED
        for request in it.triggers.requests()[before:]:
            assert request["userNotFound"] is True
    assert not it.sessions()


def test_nobody_is_signed_in_who_is_not_there_whatever_the_programs_say(triggered):
    it = triggered(YES, users=(ALICE, "off@example.org"))
    it.server.run("user", "disable", "off@example.org")
    for stranger in ("nobody@example.org", "off@example.org", "no-address"):
        session = it.initiate(stranger)["Session"]
        assert refusal(lambda: it.answer(session, "x", stranger))[0] in REFUSALS
    assert not it.sessions()
    # The same programs let in who is there, and answers to what was asked.
    assert it.answer(it.initiate()["Session"], "x")["AuthenticationResult"]


def test_who_is_deleted_meanwhile_is_nobody(triggered):
    it = triggered(YES)
    session = it.initiate()["Session"]
    it.server.run("user", "delete", ALICE)
    assert refusal(lambda: it.answer(session, "x"))[0] == "NotAuthorizedException"
    assert not it.sessions()


def test_a_trigger_lets_nobody_in_who_has_answered_nothing(triggered):
    it = triggered({**THREE, "define_auth_challenge": always(issueTokens=True)})
    known = refusal(it.initiate)
    assert known[0] in REFUSALS
    # Nor does what it says tell who is there.
    assert refusal(lambda: it.initiate("nobody@example.org")) == known
    assert not it.sessions() and not it.triggers.events("create_auth_challenge")


def test_a_trigger_lets_nobody_in_after_a_wrong_answer(triggered):
    it = triggered({**YES, "verify_auth_challenge_response": always(answerCorrect=False)})
    session = it.initiate()["Session"]
    known = refusal(lambda: it.answer(session, "x"))
    assert known[0] in REFUSALS
    stranger = "nobody@example.org"
    session = it.initiate(stranger)["Session"]
    assert refusal(lambda: it.answer(session, "x", stranger)) == known
    assert not it.sessions()


def test_a_wrong_answer_after_a_right_one_lets_nobody_in(triggered):
    """The last answer counts, not the best."""
    it = triggered({**STEPS, "define_auth_challenge": """
response["issueTokens"] = len(request["session"]) == 2
response["challengeName"] = "CUSTOM_CHALLENGE"
"""})
    session = it.answer(it.initiate()["Session"], "answer 1")["Session"]
    assert refusal(lambda: it.answer(session, "wrong"))
    assert not it.sessions()


@pytest.mark.parametrize("name", ["PASSWORD_VERIFIER", "SRP_A", "EMAIL_OTP", "MINE"])
def test_a_challenge_that_there_is_not(triggered, name):
    it = triggered({**THREE, "define_auth_challenge": always(challengeName=name)})
    assert refusal(it.initiate) == UNRECOGNIZABLE


def test_a_trigger_may_fail_a_sign_in_at_any_time(triggered):
    it = triggered({**THREE, "define_auth_challenge": always(failAuthentication=True)})
    assert refusal(it.initiate) == REFUSED
    assert refusal(lambda: it.initiate("nobody@example.org")) == REFUSED
    it.triggers.set("define_auth_challenge", DEFINE.replace("len(session) >= 3", "session"))
    session = it.initiate()["Session"]
    assert refusal(lambda: it.answer(session, "wrong")) == REFUSED
    [code] = it.triggers.codes()
    assert refusal(lambda: it.answer(session, code)) == INVALID


def test_failing_wins_over_tokens(triggered):
    it = triggered({**YES, "define_auth_challenge": YES["define_auth_challenge"]
                    + "response['failAuthentication'] = bool(request['session'])"})
    session = it.initiate()["Session"]
    assert refusal(lambda: it.answer(session, "x")) == REFUSED
    assert not it.sessions()


def test_define_alone_decides_about_the_mailed_code(triggered):
    it = triggered({"define_auth_challenge": DEFINE})
    asked = it.initiate()
    assert asked["ChallengeParameters"] == {"USERNAME": ALICE, "email": "a***@e***"}
    code = it.server.code()
    again = it.answer(asked["Session"], "0")
    assert again["ChallengeParameters"] == asked["ChallengeParameters"]
    assert it.answer(again["Session"], code)["AuthenticationResult"]
    assert len(it.server.mails()) == 1
    # It never sees the code, nor what was typed.
    assert code not in "".join(note["line"] for note in it.triggers.notes())


def test_the_mailed_code_is_no_second_challenge(triggered):
    it = triggered({"define_auth_challenge": always(challengeName="CUSTOM_CHALLENGE")})
    session = it.initiate()["Session"]
    assert refusal(lambda: it.answer(session, it.server.code())) == UNRECOGNIZABLE


def test_the_e_mail_factor_is_the_mailed_code(triggered):
    it = triggered(THREE)
    asked = it.pool.initiate(ALICE, "USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")
    assert asked["ChallengeName"] == "EMAIL_OTP"
    code = it.server.code()
    assert not it.triggers.notes()
    # One question is not answered with what the other asks for.
    custom = it.initiate()["Session"]
    assert refusal(lambda: it.answer(asked["Session"], code)) == INVALID
    assert refusal(lambda: it.pool.respond(
        ALICE, "EMAIL_OTP", custom, EMAIL_OTP_CODE=code)) == INVALID
    answer = it.pool.respond(ALICE, "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=code)
    assert answer["AuthenticationResult"]
    assert it.triggers.order() == ["define_auth_challenge", "create_auth_challenge"]


def test_metadata_of_the_program_reach_what_aws_lets_them_reach(triggered):
    it = triggered({**STEPS, "pre_authentication": "pass", "post_authentication": "pass",
                    "pre_token_generation": "pass"})
    session = it.initiate(metadata={"at": "start"})["Session"]
    session = it.answer(session, "answer 1", metadata={"at": "one"})["Session"]
    it.answer(session, "answer 2", metadata={"at": "two"})
    told = [(note["point"], note["event"]["request"].get("clientMetadata", {}).get("at"))
            for note in it.triggers.notes()]
    assert told[:-2] == [
        ("pre_authentication", None), ("define_auth_challenge", None),
        ("create_auth_challenge", None),
        ("verify_auth_challenge_response", "one"), ("define_auth_challenge", "one"),
        ("create_auth_challenge", "one"),
        ("verify_auth_challenge_response", "two"), ("define_auth_challenge", "two")]
    assert sorted(told[-2:]) == [("post_authentication", "two"), ("pre_token_generation", "two")]
    [before] = it.triggers.requests("pre_authentication")
    assert before["validationData"] == {"at": "start"}


def test_a_refused_start_runs_no_program(triggered):
    it = triggered({**THREE, "pre_authentication": "pass"},
                   lambda c: c["limits"].update(starts_per_source="2/h"))
    for _ in range(2):
        it.initiate()
    before = it.triggers.notes()
    assert before
    for name in (ALICE, "nobody@example.org"):
        assert refusal(lambda: it.initiate(name)) == TOO_MANY
    assert it.triggers.notes() == before


def test_a_refused_answer_runs_no_program(triggered):
    it = triggered(THREE, lambda c: c["limits"].update(failures_per_account="1/d"))
    session = it.initiate()["Session"]
    session = it.answer(session, "wrong")["Session"]
    before = it.triggers.notes()
    [code] = it.triggers.codes()
    assert refusal(lambda: it.answer(session, code)) == TOO_MANY
    assert refusal(it.initiate) == TOO_MANY
    for made_up in (session[:-2] + "AA", "A" * 200):
        assert refusal(lambda: it.answer(made_up, code)) == INVALID
    assert it.triggers.notes() == before


def test_triggers_that_mail_are_limited_as_mails_are(triggered):
    """Create mails, as the tutorial's does: as often as the built-in code would be mailed."""
    it = triggered(THREE, lambda c: c["limits"].update(mails_per_address=["2/h"]))
    for _ in range(2):
        it.initiate()
    before = it.triggers.notes()
    assert refusal(it.initiate) == TOO_MANY
    assert it.triggers.notes() == before


def test_a_repeated_request_creates_once(triggered):
    it = triggered(THREE)
    name = str(uuid.uuid4())
    it.pool.sdk.meta.events.register(
        "before-send.*.*", lambda request, **_: request.headers.__setitem__(
            "amz-sdk-invocation-id", name))
    asked = [it.initiate() for _ in range(3)]
    assert it.triggers.order() == ["define_auth_challenge", "create_auth_challenge"]
    assert {json.dumps(a["ChallengeParameters"], sort_keys=True) for a in asked} == {
        json.dumps({"USERNAME": ALICE, "hint": "to a"}, sort_keys=True)}
    [code] = it.triggers.codes()
    name = str(uuid.uuid4())
    assert it.answer(asked[1]["Session"], code)["AuthenticationResult"]


def test_a_request_repeated_at_once_creates_once(triggered):
    it = triggered({**THREE, "create_auth_challenge": "time.sleep(0.7)\n" + CREATE})
    it.pool.sdk.meta.events.register(
        "before-send.*.*", lambda request, **_: request.headers.__setitem__(
            "amz-sdk-invocation-id", "0fa2e4a8-0000-4000-8000-000000000000"))
    outcomes = []

    def start():
        try:
            outcomes.append(it.initiate()["ChallengeName"])
        except Exception as error:  # whatever it is, not another challenge
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(it.triggers.codes()) == 1 and "CUSTOM_CHALLENGE" in outcomes


def test_a_round_answered_twice_at_once_is_answered_once(triggered):
    it = triggered({**YES, "verify_auth_challenge_response":
                    "time.sleep(0.3)\nresponse['answerCorrect'] = True"})
    session = it.initiate()["Session"]
    outcomes = []

    def answer():
        try:
            outcomes.append("AuthenticationResult" in it.answer(session, "x"))
        except Exception:
            outcomes.append(False)

    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, False, False, True]
    assert len(it.sessions()) == 1
    assert len(it.triggers.events("verify_auth_challenge_response")) == 1


def test_kept_programs_answer_one_event_after_the_other(triggered):
    def keep(config):
        for point in THREE:
            config["triggers"][point] = {"command": [config["triggers"][point]], "runners": 2}

    it = triggered(THREE, keep)
    for point, body in THREE.items():
        it.triggers.set(point, body, run=KEPT)
    for _ in range(4):
        assert it.sign_in()
    for point in THREE:
        notes = it.triggers.notes(point)
        assert len(notes) >= 4 and len({note["pid"] for note in notes}) == 1
    pids = {note["pid"] for note in it.triggers.notes()}
    assert all(alive(pid) for pid in pids)
    it.server.stop()
    until(lambda: not any(alive(pid) for pid in pids))


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_questions_and_their_answers_are_for_triggers_together(fresh, tmp_path):
    server = fresh()
    triggers = Triggers(tmp_path / "triggers")
    for point, body in (("create_auth_challenge", CREATE),
                        ("verify_auth_challenge_response", VERIFY)):
        server.configure(lambda c: c.update(triggers=triggers.settings({point: body})))
        server.run("config", "check", code=78)
    server.configure(lambda c: c.update(triggers=triggers.settings(THREE)))
    server.run("config", "check")
