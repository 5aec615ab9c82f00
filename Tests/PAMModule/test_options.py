"""Options, and the request that the helper gets."""

import pytest
from conftest import MODULE, OPERATIONS, SERVICE_ERR, SUCCESS, TIMEOUT

BAD = ["unknown", "config=", "config=relative/x", "helper=", "helper=bin/x", "timeout=",
       "timeout=4", "timeout=3601", "timeout=-5", "timeout=5s", "timeout=0x10", "timeout=+9",
       "timeout=99999999999999999999", "timeout=4294967305", "timeout", "echo=", "echo=yes",
       "echo=ON", "echo", "unenrolled=", "unenrolled=allow", "unenrolled", "setcred=auto",
       "setcred=", "confirm_send=yes", "debug=1", "nullok", "CONFIG=/etc/x", "config"]
SILENT, UNENROLLED, CONFIRM, ECHO, DEBUG = 1, 2, 4, 8, 16
SERVICE, USER, RHOST, TTY, RUSER, SESSION_FILE = 1, 2, 3, 4, 5, 6


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("option", BAD)
def test_a_bad_option_refuses_every_operation(host, operation, option):
    host.helper_says("verdict 1")
    call = host.call(operation, options=["unenrolled=ignore", "setcred=always", option])
    assert call.code == SERVICE_ERR
    assert f"option: {option}" in call.log
    assert host.seen() == []


def test_all_bad_options_are_logged_and_escaped(host):
    call = host.call("authenticate", options=["first=1", r"b\xe9d".replace(r"\xe9", "é"), "last"])
    assert call.code == SERVICE_ERR
    assert len(call.logs) == 3
    assert r"b\xc3\xa9d" in call.logs[1][1]
    assert call.logs[0][0] == 10 << 3 | 3


@pytest.mark.parametrize("options, flags", [
    ([], 0), (["debug"], DEBUG), (["echo=on"], ECHO), (["echo=off"], 0),
    (["echo=on", "echo=off"], 0), (["confirm_send"], CONFIRM),
    (["unenrolled=ignore"], UNENROLLED), (["setcred=always"], 0),
    (["unenrolled=ignore", "confirm_send", "echo=on", "debug"], 30),
])
def test_options_reach_the_helper(host, options, flags):
    host.helper_says("verdict 1")
    assert host.call("authenticate", options=options).code == SUCCESS
    assert host.request()[1] == flags


@pytest.mark.parametrize("service, options, seconds", [
    ("sshd", [], 100), ("login", [], 55), ("login", ["timeout=90"], 90), ("sudo", ["timeout=5"], 5),
    ("sudo", ["timeout=3600"], 3600), ("loginx", [], 100), ("sshd", ["timeout=0007"], 7),
])
def test_the_deadline_fits_the_service(host, service, options, seconds):
    host.service = service
    host.options = [f"config={host.config}", f"helper={host.helper}", *options]
    host.helper_says("verdict 1")
    assert host.call("authenticate").code == SUCCESS
    assert host.request()[2] in (seconds, seconds - 1)


def test_the_request_names_what_pam_knows(host, prepare, session_file):
    host.helper_says("verdict 1")
    items = ["item rhost 192.0.2.1", "item tty ssh", "item ruser alice"]
    host.call("authenticate", *items)
    operation, _, seconds, fields = host.request()
    assert (operation, seconds) in ((1, TIMEOUT), (1, TIMEOUT - 1))
    assert fields == {SERVICE: "doorpost-test", USER: "root", RHOST: "192.0.2.1", TTY: "ssh",
                      RUSER: "alice"}
    host.helper_says("verdict 1")
    host.call("acct_mgmt")
    assert host.request()[0] == 2 and host.request()[3] == {SERVICE: "doorpost-test", USER: "root"}
    host.helper_says("verdict 1")
    host.call("close_session", *prepare("close_session"))
    assert host.request()[0] == 3
    assert host.request()[3][SESSION_FILE] == str(session_file)


def test_long_items_are_cut_and_strange_ones_passed_as_they_are(host):
    host.helper_says("verdict 2")
    host.user = "../x -f%n"
    host.call("authenticate", "item rhost " + "h" * 300, "item tty \x1b]0;x\x07",
              "item ruser " + "r" * 255)
    fields = host.request()[3]
    assert fields[USER] == "../x -f%n"
    assert (fields[RHOST], fields[RUSER]) == ("h" * 255, "r" * 255)
    assert fields[TTY] == "\x1b]0;x\x07"


def test_each_request_has_its_own_nonce(host):
    host.helper_says("verdict 1")
    host.run(*["call authenticate"] * 5)
    assert len({payload[:16] for kind, payload in host.frames() if kind == 1}) == 5


def test_the_default_paths_are_those_of_the_contract():
    data = MODULE.read_bytes()
    assert b"/etc/doorpost/doorpost.yaml\0" in data
    assert b"/usr/libexec/doorpost/doorpost-pam\0" in data
    assert b"/run/doorpost/pam.sock\0" in data
