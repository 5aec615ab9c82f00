"""The module works in, and leaves unchanged, every strange host; the helper sees none of it."""

import pytest
from conftest import ALLOWANCE, AUTHINFO_UNAVAIL, SUCCESS, SESSION, TIMEOUT, masked

HOSTS = ["plain", "sigchld-ignored", "sigchld-reaper", "storm", "signals-blocked",
         "signals-ignored", "closed-012", "chatty-012", "many-files", "umask-0", "own-child",
         "hostile-environment"]
LOGIN = ["info hello", "prompt Code:", "read", "setenv DOORPOST_SESSION_FILE=/s/0/a.jwt"]
CLEAN = {"files": 3, "signals": 0, "umask": 0o077, "core": 0, "leader": True, "cwd": "/",
         "environment": 0}


@pytest.mark.parametrize("state", HOSTS)
def test_a_login_succeeds_in_a_strange_host_and_leaves_it_alone(host, state):
    host.helper_says(*LOGIN, "verdict 1")
    call = host.call("authenticate", f"host {state}", f"answer {masked('12345678')}")
    assert call.code == SUCCESS
    assert call.environment == {SESSION: "/s/0/a.jwt"}
    assert host.frames()[1:] == [(2, b"12345678")]


@pytest.mark.parametrize("state", HOSTS)
@pytest.mark.parametrize("ending", ["exit 1", "kill 9", "verdict-wrong-nonce 1"])
def test_a_strange_host_is_left_alone_after_trouble_too(host, state, ending):
    host.helper_says(*LOGIN, ending)
    call = host.call("authenticate", f"host {state}", f"answer {masked('1')}")
    assert call.code == AUTHINFO_UNAVAIL


@pytest.mark.parametrize("state", ["sigchld-ignored", "storm", "closed-012", "own-child"])
def test_a_strange_host_is_left_alone_after_the_deadline_too(host, state):
    host.helper_says("hang-deaf")
    call = host.call("authenticate", f"host {state}")
    assert call.code == AUTHINFO_UNAVAIL
    assert call.milliseconds < TIMEOUT * 1000 + ALLOWANCE


def test_a_host_whose_thread_reaps_everything_is_at_worst_denied(host):
    host.helper_says(*LOGIN, "verdict 1")
    for _ in range(10):
        call = host.call("authenticate", "host thread-reaper", f"answer {masked('1')}")
        assert call.code in (SUCCESS, AUTHINFO_UNAVAIL)
    host.helper_says(*LOGIN, "verdict 1", "exit 1")
    for _ in range(10):
        call = host.call("authenticate", "host thread-reaper", f"answer {masked('1')}")
        assert call.code == AUTHINFO_UNAVAIL


@pytest.mark.parametrize("state", HOSTS)
def test_the_helper_inherits_nothing(host, state):
    host.helper_says("verdict 1")
    assert host.call("authenticate", f"host {state}").code == SUCCESS
    seen = host.seen()[0]
    assert {key: seen[key] for key in CLEAN} == CLEAN
    assert seen["argv"] == ["", "doorpost-pam", "--config", str(host.config)]


def test_strange_states_together(host):
    host.helper_says(*LOGIN, "verdict 1")
    states = [f"host {state}" for state in
              ("hostile-environment", "umask-0", "signals-blocked", "own-child", "many-files",
               "closed-012", "sigchld-reaper", "storm")]
    assert host.call("authenticate", *states, f"answer {masked('1')}").code == SUCCESS
    assert {key: host.seen()[0][key] for key in CLEAN} == CLEAN


def test_many_calls_in_one_handle_leave_nothing(host, session_file):
    host.helper_says("verdict 1")
    results = host.run(*["call authenticate", "call acct_mgmt"] * 20)
    assert {call.code for call in results} == {SUCCESS}
    assert results[0].before == results[-1].after
