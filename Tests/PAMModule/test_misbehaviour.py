"""No helper, however broken or hostile, gets a login through, past the deadline, or into the host."""

import pytest
from conftest import ALLOWANCE, AT_ONCE, IGNORE, SUCCESS, TEXT_INFO, TIMEOUT, UNAVAILABLE

CATCHABLE = [n for n in range(1, 32) if n not in (17, 18, 19, 20, 21, 22, 23, 28)]

# What the helper does, as its script; every one of these ends with "unavailable".
TROUBLE = {
    "says nothing and exits 0": ["exit 0"],
    "says nothing and exits 1": ["exit 1"],
    "exits with a PAM code": ["exit 7"],
    "is a crashed Swift program": ["kill 4"],
    "succeeds, then exits 1": ["verdict 1", "exit 1"],
    "succeeds, then exits 127": ["verdict 1", "exit 127"],
    "succeeds, then exits 256": ["verdict 1", "exit 255"],
    "denies, then exits 1": ["verdict 2", "exit 1"],
    "uses up the tries, then crashes": ["verdict 3", "kill 11"],
    "passes by, then crashes": ["verdict 7", "kill 11"],
    "succeeds for another request": ["verdict-wrong-nonce 1"],
    "denies another request": ["verdict-wrong-nonce 2"],
    "passes by another request": ["verdict-wrong-nonce 7"],
    "says a verdict too short": ["verdict-short"],
    "says a verdict too long": ["verdict-long 1"],
    "says a verdict without a payload": ["frame 0x1f "],
    "succeeds twice": ["verdict 1", "verdict 1"],
    "denies, then succeeds": ["verdict 2", "verdict 1"],
    "succeeds, then denies": ["verdict 1", "verdict 2"],
    "says one byte after its verdict": ["verdict 1", "raw x"],
    "logs after its verdict": ["verdict 1", "log 6 done"],
    "asks after its verdict": ["verdict 1", "prompt again"],
    "sends half a length": [r"raw \x00\x00"],
    "sends half a frame": [r"raw \x00\x00\x00\x10\x12abc"],
    "sends a length of zero": [r"raw \x00\x00\x00\x00"],
    "sends a length of zero, then success": [r"raw \x00\x00\x00\x00", "verdict 1"],
    "sends a length of 2049": [r"raw \x00\x00\x08\x01\x12", "flood 0x12 3 text"],
    "sends a length of 4 GiB": [r"raw \xff\xff\xff\xff\x12", "flood 0x12 3 text"],
    "sends a length of 4 GiB, and much": [r"raw \xff\xff\xff\xff\x12", "flood 0x12 9000 text"],
    "sends a length of 2 GiB": [r"raw \x80\x00\x00\x01\x1f"],
    "sends a request": ["frame 0x01 x", "verdict 1"],
    "sends an answer": ["frame 0x02 x", "verdict 1"],
    "sends a frame of type 0": ["frame 0 x", "verdict 1"],
    "sends a frame of type 255": ["frame 255 x", "verdict 1"],
    "sends noise": [r"raw GET / HTTP/1.0\x0d\x0a\x0d\x0a"],
    "floods messages": ["flood 0x12 65 text", "verdict 1"],
    "floods errors": ["flood 0x13 100000 text"],
    "floods log lines": [r"flood 0x15 65 \x06text", "verdict 1"],
    "floods log lines for ever": [r"flood 0x15 100000 \x06text"],
    "logs without a priority": ["frame 0x15 ", "verdict 1"],
    "logs with an odd priority": [r"frame 0x15 \x0etext", "verdict 1"],
    "logs to another facility": [r"frame 0x15 \x56text", "verdict 1"],
    "closes and goes on": ["close", "exit 0"],
    "closes after success and exits 1": ["verdict 1", "close", "exit 1"],
    "sets LD_PRELOAD": ["setenv LD_PRELOAD=/evil.so", "verdict 1"],
    "sets PATH": ["setenv PATH=/evil", "verdict 1"],
    "sets a variable like ours": ["setenv DOORPOST_SESSION_FILE2=/a", "verdict 1"],
    "sets ours without a value": ["setenv DOORPOST_SESSION_FILE", "verdict 1"],
    "sets ours to nothing": ["setenv DOORPOST_SESSION_FILE=", "verdict 1"],
    "sets ours to a relative path": ["setenv DOORPOST_SESSION_FILE=a/0/b.jwt", "verdict 1"],
    "sets ours with a newline": [r"setenv DOORPOST_SESSION_FILE=/a\x0aX=1", "verdict 1"],
    "sets ours with a NUL": [r"frame 0x14 DOORPOST_SESSION_FILE=/a\x00b", "verdict 1"],
    "sets ours too long": ["setenv DOORPOST_SESSION_FILE=/" + "a" * 255, "verdict 1"],
    "sets ours twice": ["setenv DOORPOST_SESSION_FILE=/a"] * 2 + ["verdict 1"],
}
SLOW = {
    "never answers": ["hang"],
    "never answers and is deaf": ["hang-deaf"],
    "hangs within a frame": [r"raw \x00\x00", "hang"],
    "closes but stays": ["close", "hang-deaf"],
    "succeeds, but stays": ["verdict 1", "hang"],
    "succeeds and closes, but stays": ["verdict 1", "close", "hang-deaf"],
    "succeeds, but a grandchild holds the line": ["grandchild", "verdict 1"],
    "passes by, but a grandchild holds the line": ["grandchild", "verdict 7"],
    "ends, but a grandchild holds the line": ["grandchild", "exit 0"],
}
OPERATIONS = list(UNAVAILABLE)


def assert_denied(call):
    assert call.code == UNAVAILABLE[call.operation]
    assert call.code not in (SUCCESS, IGNORE)
    assert call.milliseconds < TIMEOUT * 1000 + ALLOWANCE
    assert "DOORPOST_SESSION_FILE" not in call.environment or call.operation == "acct_mgmt"
    assert any("helper" in text for _, text in call.logs), "it is not said why"


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("what", TROUBLE)
def test_a_helper_that(host, prepare, what, operation):
    host.helper_says(*TROUBLE[what])
    call = host.call(operation, *prepare(operation), options=["unenrolled=ignore"])
    assert_denied(call)
    assert call.milliseconds < AT_ONCE, "this needs no deadline"


@pytest.mark.parametrize("operation", ["authenticate", "close_session"])
@pytest.mark.parametrize("what", SLOW)
def test_a_slow_helper_that(host, prepare, what, operation):
    if operation != "authenticate" and "never" not in what:
        pytest.skip("the same code")
    host.helper_says(*SLOW[what])
    call = host.call(operation, *prepare(operation), options=["unenrolled=ignore"])
    assert_denied(call)


@pytest.mark.parametrize("number", CATCHABLE)
@pytest.mark.parametrize("verdict", [[], ["verdict 1"], ["verdict 1", "close"], ["verdict 7"]])
def test_a_helper_killed_by_a_signal_is_never_believed(host, number, verdict):
    host.helper_says(*verdict, f"kill {number}")
    call = host.call("authenticate", options=["unenrolled=ignore"])
    assert_denied(call)


@pytest.mark.parametrize("operation", ["acct_mgmt", "close_session"])
@pytest.mark.parametrize("line", ["prompt Code:", "echo Code:", "setenv DOORPOST_SESSION_FILE=/a"])
def test_only_authenticate_asks_and_names_a_session_file(host, prepare, operation, line):
    host.helper_says(line, "verdict 1")
    call = host.call(operation, *prepare(operation), f"answer {'00' * 4}")
    assert_denied(call)
    assert call.said == []


def test_a_flood_of_prompts_ends(host):
    host.helper_says(*["prompt Code:", "read"] * 70, "verdict 1")
    call = host.call("authenticate", *["answer 6b"] * 70)
    assert_denied(call)
    assert len(call.said) == 64


def test_a_stopped_helper_is_killed_at_the_deadline(host):
    host.helper_says("kill 19", "verdict 1")
    assert_denied(host.call("authenticate"))


def test_a_missing_helper_is_unavailable(host, prepare):
    for operation, code in UNAVAILABLE.items():
        host.options = [f"helper={host.directory}/nothing", f"config={host.config}"]
        call = host.call(operation, *prepare(operation))
        assert call.code == code and "missing" in call.log


def test_a_helper_that_cannot_be_executed_is_unavailable(host):
    host.helper = host.directory / "doorpost-pam"
    host.helper.write_text("not a program\n")
    host.helper.chmod(0o755)
    call = host.call("authenticate")
    assert_denied(call)
    assert "127" in call.log


@pytest.mark.parametrize("mode", [0o644, 0o775, 0o757, 0o777])
def test_a_helper_others_could_write_or_nobody_run_is_refused(host, mode):
    host.helper = host.directory / "doorpost-pam"
    host.helper.write_text("#!/bin/sh\n")
    host.helper.chmod(mode)
    assert host.call("authenticate").code == 3


def test_a_directory_or_a_fifo_is_no_helper(host):
    import os

    host.helper = host.directory
    assert host.call("authenticate").code == 3
    host.helper = host.directory / "fifo"
    os.mkfifo(host.helper, 0o700)
    assert host.call("authenticate").code == 3


def test_a_helper_of_another_owner_is_refused(host, root):
    import os

    host.helper = host.directory / "doorpost-pam"
    host.helper.write_text("#!/bin/sh\n")
    host.helper.chmod(0o755)
    os.chown(host.helper, 12345, 0)
    assert host.call("authenticate").code == 3


def test_texts_are_shown_as_text_and_only_as_text(host):
    host.helper_says(
        "info %n%s%s%d", r"info a\x1b]0;evil\x07b\x00c", r"info line\x0anext\x0d",
        r"info \xc3\xa9 \xff \xc3 \xc2\x9b \xe2\x80\xae \xed\xa0\x80 \xf4\x90\x80\x80 \xc0\xaf",
        "info " + "x" * 600, r"info " + "x" * 510 + r"\xc3\xa9", "info ", "verdict 2")
    said = [text.encode("latin-1") for style, text in host.call("authenticate").said
            if style == TEXT_INFO]
    assert said[0] == b"%n%s%s%d"
    assert said[1] == b"a?]0;evil?b?c"
    assert said[2] == b"line\nnext?"
    assert said[3] == b"\xc3\xa9 ? ? ? ? ??? ???? ??"
    assert said[4] == b"x" * 511
    assert said[5] == b"x" * 510
    assert said[6] == b""


def test_logs_are_printable_and_debug_only_on_demand(host):
    host.helper_says(r"log 4 %n%s \x1b[2J\x0aroot: fake \xe9", "log 7 detail", "verdict 2")
    call = host.call("authenticate")
    assert [priority for priority, _ in call.logs] == [10 << 3 | 4]
    assert call.logs[0][1].endswith(r": %n%s \x1b[2J\x0aroot: fake \xe9")
    with_debug = host.call("authenticate", options=["debug"])
    assert with_debug.logs[1][0] == 10 << 3 | 7 and with_debug.logs[1][1].endswith("detail")


def test_silent_drops_messages_but_not_prompts(host, operation="authenticate"):
    host.helper_says("info a", "error b", "prompt Code:", "read", "verdict 2")
    call = host.call("authenticate silent", "answer 6b")
    assert [text for _, text in call.said] == ["Code:"]
    assert host.request()[1] & 1
