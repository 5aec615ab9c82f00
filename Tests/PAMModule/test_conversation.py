"""What the person is asked, and what becomes of what the person types."""

import pytest
from conftest import (
    AT_ONCE,
    AUTH_ERR, AUTHINFO_UNAVAIL, CONV_ERR, ECHO_OFF, ECHO_ON, ERROR_MSG, SUCCESS, TEXT_INFO, masked,
)

SECRET = "S3CRET-" + "4711" * 8 + "-tail-of-it"
ANSWER, CONV_FAILED = 2, 3


def test_prompts_and_messages_reach_the_person_in_order(host):
    host.helper_says("info sent", "prompt Code:", "read", "error wrong", "echo Again:", "read",
                     "verdict 1")
    call = host.call("authenticate", f"answer {masked('1234')}", f"answer {masked('5678')}")
    assert call.code == SUCCESS
    assert call.said == [(TEXT_INFO, "sent"), (ECHO_OFF, "Code:"), (ERROR_MSG, "wrong"),
                         (ECHO_ON, "Again:")]
    assert host.frames()[1:] == [(ANSWER, b"1234"), (ANSWER, b"5678")]


@pytest.mark.parametrize("typed, passed_on", [
    ("", b""), (" 12-34 ", b" 12-34 "), ("x" * 64, b"x" * 64), ("x" * 65, b"x" * 65),
    ("x" * 66, b"x" * 65), ("y" * 20000, b"y" * 65), ("%n%s", b"%n%s"),
    (b"\b\n\r\177INCORRECT", b"\b\n\r\177INCORRECT"), (b"\xff\x1b[", b"\xff\x1b["),
])
def test_answers_are_passed_on_as_typed_up_to_a_length(host, typed, passed_on):
    host.helper_says("prompt Code:", "read", "verdict 2")
    assert host.call("authenticate", f"answer {masked(typed)}").code == AUTH_ERR
    assert host.frames()[1:] == [(ANSWER, passed_on)]


@pytest.mark.parametrize("broken", ["fail", "null", "no-response"])
@pytest.mark.parametrize("verdict", ["verdict 5", "verdict 1", "verdict 7", "verdict 2", "exit 0",
                                     "exit 1", "kill 9", "verdict-wrong-nonce 1"])
def test_a_failed_conversation_is_that_whatever_the_helper_says(host, broken, verdict):
    host.helper_says("prompt Code:", "read", "setenv DOORPOST_SESSION_FILE=/a", verdict)
    call = host.call("authenticate", f"answer {broken}", options=["unenrolled=ignore"])
    assert call.code == CONV_ERR
    assert call.environment == {}
    assert host.frames()[1:] == [(CONV_FAILED, b"")]


def test_after_a_failed_conversation_nobody_is_asked_again(host):
    host.helper_says("prompt Code:", "read", "info x", "prompt Again:", "read", "verdict 1")
    call = host.call("authenticate", "answer fail", f"answer {masked('1')}")
    assert call.code == CONV_ERR
    assert [text for _, text in call.said] == ["Code:"]
    assert [kind for kind, _ in host.frames()[1:]] == [CONV_FAILED, CONV_FAILED]


def test_a_helper_that_hangs_after_a_failed_conversation_is_not_waited_for_long(host):
    host.helper_says("prompt Code:", "read", "hang")
    call = host.call("authenticate", "answer fail")
    assert call.code == CONV_ERR
    assert call.milliseconds < AT_ONCE


def test_the_helper_may_leave_while_the_person_types(host):
    host.helper_says("prompt Code:", "exit 0")
    assert host.call("authenticate", f"answer {masked('1')}").code == AUTHINFO_UNAVAIL


@pytest.mark.parametrize("verdict", ["verdict 1", "verdict 7", "verdict 2", "verdict 3"])
def test_a_user_changed_meanwhile_is_denied(host, verdict):
    host.helper_says("prompt Code:", "read", "setenv DOORPOST_SESSION_FILE=/a", verdict)
    call = host.call("authenticate", "answer change-user", options=["unenrolled=ignore"])
    assert call.code == AUTH_ERR
    assert call.environment == {}


def typed(host, count=1):
    """A login at which somebody types a secret; nothing of it may be left, not even with debug."""
    call = host.call("authenticate", *[f"answer {masked(SECRET)}"] * count,
                     f"needle {masked(SECRET[-20:])}", options=["debug"])
    assert call.found == 0, "it stays in memory"
    assert SECRET[-20:] not in call.log and SECRET[-20:] not in str(host.seen()[0])
    return call


@pytest.mark.parametrize("verdict", ["verdict 1", "verdict 2"])
def test_what_was_typed_stays_nowhere(host, verdict):
    host.helper_says("prompt Code:", "read", "echo Again:", "read", "log 7 x", verdict)
    typed(host, 2)
    assert host.frames()[1:] == [(ANSWER, SECRET.encode())] * 2


@pytest.mark.parametrize("ending", ["kill 9", "verdict-wrong-nonce 1", "frame 99 x", "exit 1",
                                    "verdict 2"])
def test_what_was_typed_stays_nowhere_after_trouble_either(host, ending):
    host.helper_says("prompt Code:", "read", ending)
    typed(host)


def test_what_was_typed_stays_nowhere_when_the_helper_is_gone(host):
    host.helper_says("prompt Code:", "exit 0")
    typed(host)


@pytest.mark.parametrize("answer, code", [("fail", CONV_ERR), ("null", None), ("no-response", None)])
def test_without_a_user_name_there_is_no_login(host, answer, code):
    host.user = None
    host.helper_says("verdict 1")
    call = host.call("authenticate", f"answer {answer}", options=["unenrolled=ignore"])
    assert call.code not in (0, 25)
    assert code is None or call.code == code
    assert host.seen() == []


@pytest.mark.parametrize("operation", ["authenticate", "acct_mgmt"])
def test_an_empty_or_overlong_user_name_is_denied_without_the_helper(host, operation):
    host.helper_says("verdict 1")
    for name in ("", "x" * 256, "n" * 10000):
        call = host.call(operation, f"item user {name}")
        assert call.code == AUTH_ERR
        assert "xxx" not in call.log and "nnn" not in call.log
        assert host.seen() == []
