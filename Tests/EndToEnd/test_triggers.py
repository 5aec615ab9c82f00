"""Triggers in PAM: what they ask is asked at the prompt, and where they fail nobody gets in."""

import base64
import json
import pathlib
import pwd
import shutil
import sys
import time

import pytest

from harness import processes
from harness.pam import Code, PamHost
from harness.people import ALICE, BOB, CAROL, SERVICE_USER
from harness.terminal import Terminal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

from triggers import CREATE, STEPS, THREE, Triggers  # noqa: E402


@pytest.fixture
def triggered(instance, machine):
    """`triggered(bodies)` sets these handlers; they run as the helper's account."""
    directory = machine.new_directory("triggers")

    def set_up(bodies, **change):
        triggers = Triggers(directory)
        instance.configure({"triggers": triggers.settings(bodies), **change})
        return triggers

    yield set_up
    shutil.rmtree(directory, ignore_errors=True)


def until(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def claims(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def test_a_trigger_asks_and_its_answer_lets_in(service, instance, mailbox, triggered):
    triggers = triggered(THREE)
    with PamHost(service, ALICE, items={"rhost": "192.0.2.7"}) as host:
        prompt = host.begin("authenticate").prompt()
        assert "mailed" not in prompt
        [code] = triggers.codes()
        assert host.answer(code).result() == Code.SUCCESS
        assert host.call("acct_mgmt") == Code.SUCCESS
        assert host.call("setcred") == Code.SUCCESS
        assert host.call("open_session") == Code.SUCCESS
        assert host.call("close_session") == Code.SUCCESS
    assert not mailbox.mails()
    assert triggers.order() == [
        "define_auth_challenge", "create_auth_challenge", "verify_auth_challenge_response",
        "define_auth_challenge"]
    for event in triggers.events():
        assert event["userName"] == instance.emails[ALICE]
        assert event["callerContext"]["clientId"] == "doorpost-e2e"
        assert event["request"]["userAttributes"]["preferred_username"] == ALICE


def test_the_programs_run_as_the_helper_and_get_nothing_of_the_hosts(
        service, instance, triggered, machine):
    triggers = triggered({**THREE, "define_auth_challenge": THREE["define_auth_challenge"] + """
event.update(uid=os.getuid(), descriptors=os.listdir("/proc/self/fd"), at=os.getcwd())
note(json.dumps(event))
"""})
    with PamHost(service, ALICE, env={"SECRET": "of the host"}) as host:
        host.begin("authenticate").prompt()
    notes = triggers.notes("define_auth_challenge")
    assert all("SECRET" not in note["environment"] for note in notes)
    event = notes[-1]["event"]
    assert event["uid"] == pwd.getpwnam(SERVICE_USER).pw_uid and event["at"] == "/"
    # The three of every program, and the one by which it looks.
    assert set(event["descriptors"]) <= {"0", "1", "2", "3"}


def test_wrong_answers_until_the_third(service, instance, triggered):
    triggers = triggered(THREE)
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        host.answer("wrong").prompt()
        host.answer("wrong").prompt()
        assert host.answer("wrong").result() == Code.MAXTRIES
    assert len(triggers.events("verify_auth_challenge_response")) == 3
    assert not instance.session_files()


def test_the_third_answer_may_be_right(service, instance, triggered):
    triggers = triggered(THREE)
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        host.answer("wrong").prompt()
        host.answer("wrong").prompt()
        assert host.answer(triggers.codes()[-1]).result() == Code.SUCCESS


def test_one_right_answer_may_not_be_enough(service, instance, triggered):
    triggered(STEPS)
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        host.answer("answer 1").prompt()
        host.answer("answer 1").prompt()
        assert host.answer("answer 2").result() == Code.SUCCESS


def test_a_second_try_from_the_same_place_goes_on_with_the_same_question(
        service, instance, triggered):
    triggers = triggered(THREE)
    with PamHost(service, ALICE) as first:
        first.begin("authenticate").prompt()
        first.answer("wrong").prompt()
        first.hang_up().result()
    with PamHost(service, ALICE) as second:
        second.begin("authenticate").prompt()
        assert second.answer(triggers.codes()[-1]).result() == Code.SUCCESS
    # Once for the sign-in, once for the wrong answer.
    assert len(triggers.events("create_auth_challenge")) == 2


def test_strangers_are_asked_and_never_let_in(service, instance, triggered):
    triggers = triggered({**THREE, "verify_auth_challenge_response":
                          "response['answerCorrect'] = True"})
    with PamHost(service, CAROL) as host:
        host.begin("authenticate").prompt()
        for _ in range(2):
            host.answer("x").prompt()
        assert host.answer("x").result() == Code.AUTH_ERR
    assert all(request["userNotFound"] is True for request in triggers.requests())


@pytest.mark.parametrize("point", [
    "pre_authentication", "define_auth_challenge", "create_auth_challenge",
    "verify_auth_challenge_response", "post_authentication", "pre_token_generation"])
@pytest.mark.parametrize("body", [
    "say({'errorMessage': 'not you'}); sys.exit()", "sys.exit(1)", "os.kill(os.getpid(), 9)",
    "print('x' * 100_000); sys.exit()", "print('nonsense'); sys.exit()",
    "response['issueTokens'] = response['answerCorrect'] = 'yes'; event['response'] = 1"])
def test_a_trigger_that_fails_lets_nobody_in(service, instance, triggered, syslog, point, body):
    mark = syslog.mark()
    triggers = triggered({**THREE, point: body})
    with PamHost(service, ALICE) as host:
        if host.begin("authenticate").prompt_or_end() is None:
            code = Code(host.last["code"])
        else:
            code = host.answer(triggers.codes()[-1]).result()
        assert code == Code.AUTHINFO_UNAVAIL
        assert "not you" not in str(host.messages)
    assert not instance.session_files()
    syslog.wait_for(point, mark)


@pytest.mark.slow
def test_a_trigger_that_hangs_lets_nobody_in(service, instance, triggered):
    triggers = triggered({**THREE, "create_auth_challenge": "time.sleep(60)"})
    with PamHost(service, ALICE) as host:
        assert host.begin("authenticate").prompt_or_end() is None
        assert Code(host.last["code"]) == Code.AUTHINFO_UNAVAIL
        assert host.ended - host.began < 8
    [pid] = {note["pid"] for note in triggers.notes("create_auth_challenge")}
    assert processes.wait_gone([pid], seconds=2)
    triggers.set("create_auth_challenge", CREATE)
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.answer(triggers.codes()[-1]).result() == Code.SUCCESS


def test_a_host_that_hangs_up_leaves_no_program(service, instance, triggered):
    triggers = triggered({**THREE, "verify_auth_challenge_response": "time.sleep(60)"})
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        host.answer("x")
        until(lambda: triggers.notes("verify_auth_challenge_response"))
    [note] = triggers.notes("verify_auth_challenge_response")
    assert processes.wait_gone([note["pid"]], seconds=10)


def test_a_trigger_that_is_not_to_be_trusted_is_not_run(service, instance, triggered, syslog):
    mark = syslog.mark()
    triggers = triggered(THREE)
    (triggers.directory / "define_auth_challenge").chmod(0o777)
    with PamHost(service, ALICE) as host:
        assert host.begin("authenticate").result() == Code.AUTHINFO_UNAVAIL
    assert not triggers.notes()
    syslog.wait_for("define_auth_challenge", mark)


def test_what_a_trigger_adds_is_in_the_session_file(service, instance, mailbox, triggered):
    triggered({"pre_token_generation": """
response["claimsOverrideDetails"] = {"claimsToAddOrOverride": {
    "https://example.org/team": "red", "sub": "root", "host": "elsewhere", "amr": "pwd"}}
"""})
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.answer(mailbox.code(instance.emails[ALICE])).result() == Code.SUCCESS
        [path] = instance.session_files()
        token = path.read_text().strip()
        told = claims(token)
        assert told["https://example.org/team"] == "red" and told["amr"] == ["otp"]
        assert told["sub"] != "root" and told["host"] != "elsewhere"
        assert told["preferred_username"] == ALICE
        instance.run("token", "verify", "-", text_in=token)
        assert host.call("acct_mgmt") == Code.SUCCESS
        assert host.call("setcred") == Code.SUCCESS


def test_a_custom_sender_brings_the_code(service, instance, mailbox, triggered):
    triggers = triggered({"custom_email_sender": "pass"})
    with PamHost(service, BOB) as host:
        host.begin("authenticate").prompt()
        until(triggers.notes)
        [event] = triggers.events()
        assert event["userName"] == instance.emails[BOB]
        assert host.answer(event["request"]["code"]).result() == Code.SUCCESS
    assert not mailbox.mails()


def test_pamtester_is_asked_what_the_trigger_asks(service, instance, triggered):
    triggers = triggered(STEPS)
    terminal = Terminal("pamtester", [service, ALICE, "authenticate"])
    terminal.asks_for_code()
    terminal.types("wrong")
    terminal.asks_for_code()
    terminal.types("answer 1")
    terminal.asks_for_code()
    terminal.types("answer 2")
    terminal.sees("successfully authenticated")
    assert [r["challengeAnswer"] for r in triggers.requests("verify_auth_challenge_response")] == [
        "wrong", "answer 1", "answer 2"]


def test_pamtester_says_that_a_trigger_failed(service, instance, triggered):
    triggered({**THREE, "create_auth_challenge": "sys.exit(1)"})
    terminal = Terminal("pamtester", [service, ALICE, "authenticate"])
    assert terminal.ends() == 1
    assert "cannot retrieve authentication info" in terminal.transcript.lower()


def test_ssh_lets_in_with_what_the_trigger_asks(sshd, instance, triggered):
    triggers = triggered(THREE)
    terminal = sshd().ssh(ALICE, "id -un")
    terminal.asks_for_code()
    terminal.types("wrong")
    terminal.asks_for_code()
    terminal.types(triggers.codes()[-1])
    assert ALICE in terminal.sees(r"dpe-alice\r\n")
    assert terminal.ends() == 0


def test_ssh_lets_nobody_in_where_a_trigger_fails(sshd, instance, triggered):
    triggered({**THREE, "define_auth_challenge": "sys.exit(1)"})
    terminal = sshd(MaxAuthTries=1).ssh(ALICE, "id -un", options=["NumberOfPasswordPrompts=1"])
    assert terminal.ends() == 255
    assert "Permission denied" in terminal.transcript or "Too many" in terminal.transcript
