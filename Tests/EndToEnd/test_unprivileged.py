"""PAM callers without rights: they ask at a socket, for their own account alone."""

import json
import os
import pathlib
import pwd
import stat
import subprocess
import time

import pytest

from harness import processes
from harness.instance import MODULE
from harness.listening import PATH, Listening, by_hand, frames, request, verdicts
from harness.mailbox import other_than
from harness.pam import Code, PamHost
from harness.people import ALICE, BOB, CAROL

DENIED, SUCCESS = 2, 1
AUTHENTICATE, ACCOUNT, CLOSE_SESSION = 1, 2, 3


def uid(name):
    return pwd.getpwnam(name).pw_uid


class AsUser(PamHost):
    """A PAM program that runs as a user: a locker."""

    def __init__(self, caller, service, user, **more):
        entry = pwd.getpwnam(caller)

        def become():
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)

        super().__init__(service, user, preexec_fn=become, **more)


@pytest.fixture
def listening(instance):
    running = Listening(instance)
    yield running
    running.stop()


@pytest.fixture
def plain(services):
    """The module alone, without an option."""
    return services.write("doorpost-e2e", "".join(
        f"{kind}\trequired\t{MODULE} timeout=20\n" for kind in ("auth", "account", "session")))


def sign_in(host, mailbox, address):
    host.begin("authenticate").prompt()
    return host.answer(mailbox.code(address)).result()


def test_ones_own_account_from_the_code_to_the_end_of_the_session(listening, plain, instance, mailbox):
    with AsUser(ALICE, plain, ALICE, items={"tty": ":0"}) as host:
        assert sign_in(host, mailbox, instance.emails[ALICE]) == Code.SUCCESS, host.messages
        path = pathlib.Path(host.environment()["DOORPOST_SESSION_FILE"])
        assert path.parent == instance.sessions / str(uid(ALICE))
        file = path.lstat()
        assert (file.st_uid, stat.S_IMODE(file.st_mode)) == (uid(ALICE), 0o400)
        assert path.parent.lstat().st_uid == uid(instance.service_user)
        claims = json.loads(instance.run("token", "verify", path).stdout)
        assert (claims["preferred_username"], claims["tty"], claims["rhost"]) == (ALICE, ":0", "")
        for call in ("acct_mgmt", "setcred", "open_session", "close_session"):
            assert host.call(call) == Code.SUCCESS, call
        assert not path.exists()
    assert json.loads(instance.run("session", "list", "--json").stdout) == []


def test_a_helper_that_begins_as_root_does_the_same(plain, instance, mailbox):
    running = Listening(instance, as_root=True)
    with AsUser(ALICE, plain, ALICE) as host:
        assert sign_in(host, mailbox, instance.emails[ALICE]) == Code.SUCCESS
    file, = instance.session_files()
    assert file.lstat().st_uid == uid(ALICE)
    with AsUser(ALICE, plain, BOB) as host:
        assert host.call("authenticate") == Code.AUTH_ERR
    running.stop()


@pytest.mark.parametrize("other", [BOB, CAROL, "root", "dpe-nobody"])
def test_anybody_elses_account_is_refused_and_logged_and_nobody_is_mailed(
        listening, plain, instance, mailbox, syslog, other):
    instance.add_user("root")
    since = syslog.mark()
    with AsUser(ALICE, plain, other) as host:
        assert host.call("authenticate") == Code.AUTH_ERR
        assert host.messages == [("error", "Only your own account can be asked for here.")]
        line = syslog.wait_for(rf"doorpost-pam.*uid {uid(ALICE)}, pid {host.pid}: refused.*'{other}'", since)
        assert line[0] >> 3 == 10
        assert host.call("acct_mgmt") not in (Code.SUCCESS, Code.IGNORE)
    assert mailbox.mails() == [] and not instance.session_files()
    assert instance.run("audit", "--json").stdout.count('"sign-in') == 0


def test_nobody_can_ask_for_alice_by_a_name_that_ends_early(listening, plain, instance, mailbox):
    for name in (ALICE.encode() + b"\0", ALICE.encode() + b"\0x", ALICE.encode() + b" ", b"", b"\xff"):
        _, said = by_hand(uid(ALICE), request(AUTHENTICATE, service="x", user=name))
        assert verdicts(said) == [DENIED], name
    _, said = by_hand(uid(ALICE), request(ACCOUNT, service="x", user=ALICE))
    assert verdicts(said) == [SUCCESS]
    _, said = by_hand(uid(ALICE), request(ACCOUNT, service="x", user=BOB))
    assert verdicts(said) == [DENIED]
    _, said = by_hand(uid(BOB), request(ACCOUNT, service="x", user=ALICE))
    assert verdicts(said) == [DENIED]
    _, said = by_hand(0, request(ACCOUNT, service="x", user=ALICE))
    assert verdicts(said) == [SUCCESS]
    assert mailbox.mails() == []


def test_who_is_root_in_a_namespace_of_its_own_is_still_itself(listening, instance, mailbox):
    def asked_for(user):
        _, said = by_hand(uid(ALICE), request(ACCOUNT, service="x", user=user),
                          before=["unshare", "--user", "--map-root-user"])
        return verdicts(said)

    instance.add_user("root")
    assert (asked_for("root"), asked_for(BOB), asked_for(ALICE)) == ([DENIED], [DENIED], [SUCCESS])


def test_where_it_says_to_come_from_is_not_believed(listening, plain, instance, mailbox):
    with AsUser(ALICE, plain, ALICE, items={"rhost": "192.0.2.7"}) as host:
        assert sign_in(host, mailbox, instance.emails[ALICE]) == Code.SUCCESS
        path = host.environment()["DOORPOST_SESSION_FILE"]
    assert json.loads(instance.run("token", "verify", path).stdout)["rhost"] == ""
    assert "192.0.2.7" not in instance.run("audit", "--json").stdout


def test_root_at_the_socket_may_ask_for_all_and_is_believed(listening, services, instance, mailbox):
    service = services.write("doorpost-e2e", "".join(
        f"{kind}\trequired\t{MODULE} helper={PATH}\n" for kind in ("auth", "account", "session")))
    with PamHost(service, BOB, items={"rhost": "192.0.2.7"}) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[BOB])
        host.answer(other_than(code)).prompt()
        assert host.answer(code).result() == Code.SUCCESS
        path = host.environment()["DOORPOST_SESSION_FILE"]
        assert json.loads(instance.run("token", "verify", path).stdout)["rhost"] == "192.0.2.7"
        assert host.call("close_session") == Code.SUCCESS


def test_nobody_ends_a_session_of_somebody_else(listening, plain, instance, mailbox):
    with AsUser(BOB, plain, BOB) as host:
        assert sign_in(host, mailbox, instance.emails[BOB]) == Code.SUCCESS
        bobs = pathlib.Path(host.environment()["DOORPOST_SESSION_FILE"])
        with AsUser(ALICE, plain, ALICE) as other:
            assert sign_in(other, mailbox, instance.emails[ALICE]) == Code.SUCCESS
            mine = pathlib.Path(other.environment()["DOORPOST_SESSION_FILE"])
            # Its place, its id in a place of one's own, and ways around.
            for told in (bobs, mine.with_name(bobs.name), f"{mine.parent}/../{bobs.parent.name}/{bobs.name}",
                         f"{mine.parent}/{'0' * 32}.jwt", "", "/etc/passwd"):
                _, said = by_hand(uid(ALICE), request(CLOSE_SESSION, service="x", user=ALICE,
                                                      session_file=told))
                assert verdicts(said) == [DENIED], told
            assert bobs.exists() and instance.run("token", "verify", bobs).returncode == 0
            _, said = by_hand(uid(ALICE), request(CLOSE_SESSION, service="x", user=BOB, session_file=mine))
            assert verdicts(said) == [SUCCESS] and not mine.exists()


FORGED = {
    "noise": b"GET / HTTP/1.0\r\n\r\n",
    "a length of nothing": bytes(4),
    "4 GiB": b"\xff\xff\xff\xff\x01",
    "an answer first": b"\0\0\0\x02\x02x",
    "a verdict": b"\0\0\0\x12\x1f" + bytes(range(16)) + b"\x01",
    "an operation that there is not": request(9, user=ALICE),
    "a field cut off": request(AUTHENTICATE, user=ALICE)[:3] + bytes((0x19,))
    + request(AUTHENTICATE, user=ALICE)[4:29],
    "a request, then another": request(AUTHENTICATE, user=ALICE) * 2,
    "a request, then a verdict": request(AUTHENTICATE, user=ALICE) + b"\0\0\0\x12\x1f"
    + bytes(range(16)) + b"\x01",
}


@pytest.mark.parametrize("what", FORGED)
def test_frames_that_no_module_sends_end_it(listening, plain, instance, what):
    took, said = by_hand(uid(ALICE), FORGED[what])
    assert SUCCESS not in verdicts(said) and took < 1500
    assert not instance.session_files()


@pytest.mark.parametrize("size", [0, 3, 40])
def test_half_a_request_is_waited_for_for_two_seconds(listening, plain, size):
    took, said = by_hand(uid(ALICE), request(AUTHENTICATE, service="i3lock", user=ALICE)[:size])
    assert said == b"" and 1500 < took < 5000


def test_64_connections_that_say_nothing_keep_nobody_out(listening, plain, instance, mailbox):
    waiting = subprocess.Popen(
        ["/usr/bin/python3", "-I", "-c",
         "import socket, sys\nheld = []\nfor _ in range(64):\n"
         "    held.append(socket.socket(socket.AF_UNIX)); held[-1].connect(sys.argv[1])\n"
         "print('held', flush=True)\nsys.stdin.read()", PATH],
        user=uid(BOB), group=uid(BOB), extra_groups=[], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert waiting.stdout.readline() == b"held\n"
        with AsUser(ALICE, plain, ALICE) as host:
            assert sign_in(host, mailbox, instance.emails[ALICE]) == Code.SUCCESS
        deadline = time.monotonic() + 20
        while len(listening.helpers()) > 1:  # the socket's own command line has its name in it
            assert time.monotonic() < deadline, "idle connections keep their helpers"
            time.sleep(0.1)
    finally:
        waiting.stdin.close()
        waiting.wait(10)
        waiting.stdout.close()


def test_a_server_that_is_gone_in_the_middle_is_unavailable(listening, plain, instance, mailbox):
    with AsUser(ALICE, plain, ALICE) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[ALICE])
        listening.stop()
        began = time.monotonic()
        assert host.answer(code).result() == Code.AUTHINFO_UNAVAIL
        assert time.monotonic() - began < 5
        assert host.call("authenticate") == Code.AUTHINFO_UNAVAIL  # nor is there anybody now
    assert not instance.session_files()


def test_without_a_socket_the_log_says_what_to_do(plain, syslog):
    since = syslog.mark()
    with AsUser(ALICE, plain, ALICE) as host:
        assert host.call("authenticate") == Code.AUTHINFO_UNAVAIL
    syslog.wait_for(r"/run/doorpost/pam\.sock.*systemctl enable --now doorpost-pam\.socket", since)


def test_a_mail_under_way_keeps_nobody_waiting_for_the_verdict(listening, plain, instance, peer):
    """systemd keeps the connection open as long as the courier runs."""
    peer("--silent", "greeting")
    with AsUser(ALICE, plain, ALICE) as host:
        host.begin("authenticate").prompt()
        began = time.monotonic()
        assert host.answer("").result() == Code.AUTH_ERR
        assert time.monotonic() - began < 1.5


def test_what_was_typed_blindly_is_looked_at_once(listening, plain, instance, mailbox):
    """As lockers do it: what was typed answers each prompt."""
    def unlock(text):
        with AsUser(ALICE, plain, ALICE) as host:
            host.begin("authenticate").prompt()
            return host.answer(text).result()

    assert unlock("") == Code.AUTH_ERR
    code = mailbox.code(instance.emails[ALICE])
    for password in ("correct horse", "hunter2", code[:-1], code + "0", "x" * 8):
        assert unlock(password) == Code.AUTH_ERR
    assert [unlock(other_than(code)) for _ in range(2)] == [Code.AUTH_ERR] * 2
    assert unlock(code) == Code.SUCCESS
    assert len(mailbox.mails(instance.emails[ALICE])) == 1


def test_three_wrong_codes_are_three_also_one_by_one(listening, plain, instance, mailbox):
    code = None
    for _ in range(3):
        with AsUser(ALICE, plain, ALICE) as host:
            host.begin("authenticate").prompt()
            code = code or mailbox.code(instance.emails[ALICE])
            assert host.answer(other_than(code)).result() in (Code.AUTH_ERR, Code.MAXTRIES)
    with AsUser(ALICE, plain, ALICE) as host:
        if host.begin("authenticate").prompt_or_end() is not None:
            host.answer(code).result()
        assert host.last["code"] != Code.SUCCESS
    assert not instance.session_files()


def test_the_program_is_left_as_it_was(listening, plain, instance, mailbox):
    with AsUser(ALICE, plain, ALICE) as host:
        before = host.state()
        assert sign_in(host, mailbox, instance.emails[ALICE]) == Code.SUCCESS
        assert host.call("close_session") == Code.SUCCESS
        assert host.state() == before
        assert processes.descendants(host.pid) == []


def test_what_goes_wrong_inside_is_told_to_the_log_and_not_to_the_caller(
        listening, plain, instance, syslog):
    for file in instance.store.parent.glob(f"{instance.store.name}*"):
        file.write_bytes(b"no database" * 1000)
    since = syslog.mark()
    _, said = by_hand(uid(ALICE), request(AUTHENTICATE, service="i3lock", user=ALICE))
    assert verdicts(said) == [4]
    assert str(instance.directory).encode() not in said and 0x15 not in dict(frames(said))
    syslog.wait_for(rf"doorpost-pam.*uid {uid(ALICE)}, pid \d+: .*{instance.directory}", since)


def test_programs_that_the_helper_starts_get_no_capability(listening, plain, instance, machine):
    place = machine.new_directory("trigger")
    place.mkdir(mode=0o755)
    program = place / "trigger"
    program.write_text("#!/bin/sh\ngrep -h ^Cap /proc/self/status > $SEEN\nexec cat\n")
    program.chmod(0o755)
    seen = machine.new_directory("seen")
    seen.touch(mode=0o666)
    seen.chmod(0o666)
    instance.configure({"triggers": {"pre_authentication": {
        "command": [str(program)], "environment": {"SEEN": str(seen)}}}})
    with AsUser(ALICE, plain, ALICE) as host:
        host.begin("authenticate").prompt()
        host.answer("").result()
    sets = dict(line.split(":\t") for line in seen.read_text().splitlines())
    # Inheritable is what a program's file may take up, and no_new_privs lets it take up nothing.
    assert [int(sets[name], 16) for name in ("CapPrm", "CapEff", "CapAmb")] == [0, 0, 0]
