"""A helper behind a socket, as callers without rights of their own have it.

It says the same and is believed as little as one that the module started; it has no exit status.
"""

import errno
import os
import socket
import subprocess
import sys
import threading

import pytest
from conftest import (
    AT_ONCE, AUTH_ERR, AUTHINFO_UNAVAIL, IGNORE, MAXTRIES, PROGRAMS, SANITIZED, SERVICE_ERR,
    SESSION, SUCCESS, TIMEOUT, UNAVAILABLE, Host, Listener, masked)
from test_faults import identifier, runs
from test_host import HOSTS, LOGIN
from test_misbehaviour import CATCHABLE, SLOW, TROUBLE, assert_denied

SOMEBODY, SOMEBODY_ELSE = 54321, 54322
DEFAULT = "/run/doorpost/pam.sock"
REMEDY = "systemctl enable --now doorpost-pam.socket"
# These have said all that counts before they end badly, and nobody sees how they end.
ENDS_UNSEEN = {
    "succeeds, then exits 1": SUCCESS, "succeeds, then exits 127": SUCCESS,
    "succeeds, then exits 256": SUCCESS, "closes after success and exits 1": SUCCESS,
    "denies, then exits 1": AUTH_ERR, "uses up the tries, then crashes": MAXTRIES,
    "passes by, then crashes": IGNORE, "succeeds and closes, but stays": SUCCESS,
}


@pytest.mark.parametrize("state", HOSTS)
def test_a_login_succeeds_in_a_strange_host_and_leaves_it_alone(host, listen, state):
    listen()
    host.helper_says(*LOGIN, "verdict 1")
    call = host.call("authenticate", f"host {state}", f"answer {masked('12345678')}")
    assert call.code == SUCCESS, call.log
    assert call.environment == {SESSION: "/s/0/a.jwt"}
    assert host.frames()[1:] == [(2, b"12345678")]


@pytest.mark.parametrize("state", HOSTS)
def test_a_strange_host_is_left_alone_after_trouble_too(host, listen, state):
    listen()
    host.helper_says(*LOGIN, "verdict-wrong-nonce 1")
    assert_denied(host.call("authenticate", f"host {state}", f"answer {masked('1')}"))


def test_many_calls_in_one_handle_leave_nothing(host, listen):
    listen()
    host.helper_says("verdict 1")
    results = host.run(*["call authenticate", "call acct_mgmt"] * 20)
    assert {call.code for call in results} == {SUCCESS}
    assert results[0].before == results[-1].after


def test_all_operations_go_there(host, listen, prepare):
    listen()
    for number, operation in enumerate(UNAVAILABLE, 1):
        host.helper_says("verdict 1")
        call = host.call(operation, *prepare(operation))
        assert call.code == SUCCESS and host.request()[0] == number


@pytest.mark.parametrize("operation", UNAVAILABLE)
@pytest.mark.parametrize("what", [what for what in TROUBLE if what not in ENDS_UNSEEN])
def test_a_helper_that(host, listen, prepare, what, operation):
    listen()
    host.helper_says(*TROUBLE[what])
    call = host.call(operation, *prepare(operation), options=["unenrolled=ignore"])
    assert_denied(call)
    assert call.milliseconds < AT_ONCE, "this needs no deadline"


@pytest.mark.parametrize("what", [what for what in SLOW if what not in ENDS_UNSEEN])
def test_a_slow_helper_that(host, listen, what):
    listen()
    host.helper_says(*SLOW[what])
    assert_denied(host.call("authenticate", options=["unenrolled=ignore"]))


@pytest.mark.parametrize("what", ENDS_UNSEEN)
def test_how_a_helper_ends_is_not_seen(host, listen, what):
    """What it may do then is docs/architecture.md's to say: "Behind a socket"."""
    listen()
    host.helper_says(*{**TROUBLE, **SLOW}[what])
    assert host.call("authenticate", options=["unenrolled=ignore"]).code == ENDS_UNSEEN[what]


@pytest.mark.parametrize("number", CATCHABLE)
def test_a_helper_killed_in_the_middle(host, listen, number):
    listen()
    host.helper_says("info x", f"kill {number}", "verdict 1")
    call = host.call("authenticate")
    assert_denied(call)
    assert call.milliseconds < AT_ONCE


def test_nothing_at_the_place_that_is_named(host, place, prepare):
    host.helper = place / "pam.sock"
    for operation, code in UNAVAILABLE.items():
        call = host.call(operation, *prepare(operation))
        assert call.code == code and "missing" in call.log


def test_nobody_listens_any_more(host, listen):
    listen().close()
    call = host.call("authenticate")
    assert call.code == AUTHINFO_UNAVAIL and REMEDY in call.log and "refused" in call.log
    assert call.milliseconds < AT_ONCE


@pytest.fixture
def full(host, place):
    """A socket whose queue has no room, and its connections."""
    listener = Listener(place / "pam.sock", PROGRAMS / "fake-helper", "--config", host.config)
    listener.socket.listen(0)
    waiting = []
    while True:
        waiting.append(socket.socket(socket.AF_UNIX))
        waiting[-1].setblocking(False)
        if waiting[-1].connect_ex(str(listener.path)) != 0:
            break
    host.helper = listener.path
    yield listener
    for each in waiting:
        each.close()
    listener.close()


def test_a_full_queue_is_waited_for_but_not_for_ever(host, full):
    call = host.call("authenticate")
    assert call.code == AUTHINFO_UNAVAIL and REMEDY in call.log
    assert 1500 < call.milliseconds < AT_ONCE


def test_a_full_queue_that_becomes_shorter(host, full):
    host.helper_says("verdict 1")
    began = threading.Timer(0.5, full.start)
    began.start()
    assert host.call("authenticate").code == SUCCESS
    began.join()


@pytest.fixture
def fake(host, place):
    """`fake(uid)` lets somebody listen at a socket that is root's; what it got is in `.stdout`."""
    started = []

    def start(uid, owner=0):
        bound = socket.socket(socket.AF_UNIX)
        path = place / "pam.sock"
        bound.bind(str(path))
        path.chmod(0o666)
        os.chown(path, owner, -1)
        started.append(subprocess.Popen(
            [sys.executable, "-c", "import socket; s = socket.socket(fileno=0); s.listen();"
             "print('ready', flush=True); c = s.accept()[0]; print('bytes', len(c.recv(9)), flush=True)"],
            stdin=bound, stdout=subprocess.PIPE, user=uid, group=uid, extra_groups=[], text=True))
        bound.close()
        assert started[-1].stdout.readline() == "ready\n"
        host.helper = path
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait(10)
        process.stdout.close()


@pytest.mark.parametrize("caller", [0, SOMEBODY])
def test_somebody_else_who_listens_is_told_nothing(root, anybody, fake, caller):
    server = fake(SOMEBODY_ELSE)
    anybody.helper, anybody.uid = anybody.place / "pam.sock", caller
    call = anybody.call("authenticate")
    assert call.code == SERVICE_ERR and "not safe" in call.log
    assert server.stdout.readline() == "bytes 0\n"


@pytest.mark.parametrize("caller", [0, SOMEBODY])
def test_a_socket_of_somebody_else_is_not_even_asked(root, anybody, fake, caller):
    server = fake(0, owner=SOMEBODY_ELSE)
    anybody.helper, anybody.uid = anybody.place / "pam.sock", caller
    call = anybody.call("authenticate")
    assert call.code == SERVICE_ERR and "not safe" in call.log
    server.kill()
    assert server.stdout.readline() == ""


@pytest.fixture
def anybody(root, place):
    """A host in a directory that other users come through; `host.uid` says who runs it."""
    made = Host(place)
    made.place = place
    return made


def test_a_user_meets_a_socket_of_its_own_where_it_names_one(anybody):
    """So that people without rights can try it; whom they deceive is themselves."""
    listener = Listener(anybody.place / "pam.sock", PROGRAMS / "fake-helper", "--config", anybody.config)
    os.chown(listener.path, SOMEBODY, -1)
    listener.start()
    anybody.helper, anybody.uid = listener.path, SOMEBODY
    anybody.helper_says("verdict 1")
    assert anybody.call("authenticate").code == SUCCESS
    listener.close()


class DefaultPlace:
    """The default path, in a /run of the host's own, for a caller that is not root."""

    def __init__(self, host):
        self.host = host
        self.directory = host.place / "run"
        self.directory.mkdir(mode=0o711)
        self.directory.chmod(0o711)
        self.socket = self.directory / "pam.sock"
        self.as_user(SOMEBODY)
        host.options = [f"timeout={TIMEOUT}", "unenrolled=ignore"]

    def as_user(self, uid):
        self.host.before = [
            "unshare", "-m", "--propagation", "private", "sh", "-ec",
            'mount -t tmpfs run /run; mkdir /run/doorpost; mount --bind "$0" /run/doorpost; exec "$@"',
            self.directory, "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]

    def listen(self):
        return Listener(self.socket, PROGRAMS / "fake-helper", "--config", self.host.config)


@pytest.fixture
def default(anybody):
    return DefaultPlace(anybody)


def test_a_caller_without_rights_and_options_asks_at_the_default_place(default):
    default.host.helper_says(*LOGIN, "verdict 1")
    listener = default.listen().start()
    call = default.host.call("authenticate", f"answer {masked('1')}")
    assert call.code == SUCCESS, call.log
    listener.close()


def test_where_nobody_listens_by_default_the_log_says_what_to_do(default):
    call = default.host.call("authenticate")
    assert call.code == AUTHINFO_UNAVAIL
    assert DEFAULT in call.log and REMEDY in call.log


@pytest.mark.parametrize("more", [["config=/nothing"], ["helper=/nothing"]])
def test_who_names_a_configuration_or_a_helper_does_not_mean_the_socket(default, more):
    listener = default.listen().start()
    default.host.options += more
    assert default.host.call("authenticate").code == AUTHINFO_UNAVAIL
    assert not listener.helpers
    listener.close()


def test_root_does_not_mean_the_socket(default):
    default.as_user(0)
    listener = default.listen().start()
    call = default.host.call("authenticate")
    assert call.code != SUCCESS and "pam.sock" not in call.log
    assert not listener.helpers
    listener.close()


def test_a_socket_of_the_callers_own_is_not_safe_at_the_default_place(default):
    listener = default.listen()
    os.chown(listener.path, SOMEBODY, -1)
    default.host.helper_says("verdict 1")
    listener.start()
    assert default.host.call("authenticate").code == SERVICE_ERR
    assert not listener.helpers
    listener.close()


def test_the_caller_itself_who_listens_is_not_safe_at_the_default_place(default, fake):
    server = fake(SOMEBODY)
    (default.host.place / "pam.sock").rename(default.socket)
    assert default.host.call("authenticate").code == SERVICE_ERR
    assert server.stdout.readline() == "bytes 0\n"


def test_a_program_at_the_default_place_is_never_run(default):
    """The directory is the service's account's, which is not to run anything as somebody else."""
    default.socket.write_text(f"#!/bin/sh\ntouch {default.host.place}/run/was-run\n")
    default.socket.chmod(0o755)
    default.directory.chmod(0o777)
    assert default.host.call("authenticate").code == SERVICE_ERR
    assert not (default.directory / "was-run").exists()


FAULTS = [
    ("connect", errno.EAGAIN), ("connect", errno.EINTR), ("connect", errno.ECONNREFUSED),
    ("clock_gettime", errno.EINVAL), ("fcntl", errno.EMFILE), ("getrandom", errno.EINTR),
    ("getsockopt", errno.ENOBUFS), ("poll", errno.EINTR), ("recv", errno.ECONNRESET), ("recv", "short"),
    ("send", errno.EPIPE), ("send", "short"), ("socket", errno.EMFILE), ("stat", errno.EACCES)]
HARMLESS = {("connect", errno.EAGAIN), ("connect", errno.EINTR), ("poll", errno.EINTR),
            ("recv", "short"), ("send", "short"), ("clock_gettime", errno.EINVAL)}


@pytest.mark.skipif(SANITIZED, reason="the sanitizers' own wrappers stand between the module and ours")
@pytest.mark.parametrize("ending", ["verdict 1", "verdict 2"])
@pytest.mark.parametrize("fault", FAULTS, ids=identifier)
def test_a_fault_never_helps_a_login_and_leaves_the_host_alone(host, listen, fault, ending):
    listen()
    host.helper_says(*LOGIN, ending)
    script = [f"answer {masked('1')}", "host closed-012", "call authenticate"]
    number = 0
    for number, (login,) in runs(host, fault, *script, options=["unenrolled=ignore"]):
        assert login.code != IGNORE
        assert login.code != SUCCESS or (ending == "verdict 1" and fault in HARMLESS), f"call {number}"
        assert login.milliseconds < AT_ONCE
    assert number > 0, "this fault never happened"
