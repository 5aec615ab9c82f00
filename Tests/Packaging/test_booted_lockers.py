"""doorpost-pam.socket under a real systemd: PAM programs without rights, and the helper inside its walls."""

import re
import time

import pytest

from test_booted import configure, machine, shown  # noqa: F401  (and it finds the harness)
from harness.relays import Peer  # noqa: E402
from harness.server import until  # noqa: E402

SOCKET = "/run/doorpost/pam.sock"
STACK = "".join(f"{kind} required pam_doorpost.so\n" for kind in ("auth", "account", "session"))
REFUSED = "Only your own account can be asked for here."


class Lockers:
    """A machine with people on it, and a relay for their codes."""

    def __init__(self, booted, relay):
        self.machine, self.relay = booted, relay
        configure(booted)
        booted.sh(f"sed -i 's|smtp://127.0.0.1:25|smtp://127.0.0.1:{relay.told['port']}|' "
                  "/etc/doorpost/doorpost.yaml; doorpost key init; useradd alice; useradd bob")
        for name in ("alice", "bob", "root"):
            booted.run("doorpost", "user", "add", f"{name}@example.org", "--login", name)
        booted.write("/etc/pam.d/locker", STACK)
        booted.write("/etc/pam.d/root-at-the-socket", STACK.replace(".so", f".so helper={SOCKET}"))

    def enable(self):
        self.machine.run("systemctl", "enable", "--now", "doorpost-pam.socket")

    def tries(self, caller, user, typed="", *operations, service="locker"):
        """One call of a PAM program that runs as `caller`: what it said, and the seconds it took."""
        began = time.monotonic()
        done = self.machine.run(
            "setpriv", f"--reuid={caller}", f"--regid={caller}", "--clear-groups",
            "pamtester", service, user, "authenticate", *operations, check=False, stdin=f"{typed}\n")
        return done.stdout + done.stderr, time.monotonic() - began

    def code(self):
        return until(lambda: self.relay.offered())[-1][1]

    def instances(self):
        return self.machine.sh("systemctl list-units --all --plain --no-legend 'doorpost-pam@*' | wc -l").strip()

    def log(self):
        return self.machine.run("journalctl", "-o", "cat", "--no-pager").stdout


@pytest.fixture
def lockers(machine, request):  # noqa: F811
    relay = Peer(*getattr(request, "param", []))
    made = Lockers(machine, relay)
    try:
        yield made
    except BaseException:
        print(made.log()[-3000:])
        raise
    finally:
        relay.stop()


def test_off_after_installation_and_then_the_log_says_what_to_do(lockers):
    assert shown(lockers.machine, "UnitFileState", "doorpost-pam.socket") == "disabled"
    assert shown(lockers.machine, "ActiveState", "doorpost-pam.socket") == "inactive"
    said, _ = lockers.tries("alice", "alice")
    assert "cannot retrieve authentication info" in said
    assert "systemctl enable --now doorpost-pam.socket" in lockers.log()


def test_a_user_signs_in_as_itself_and_as_nobody_else(lockers):
    lockers.enable()
    machine = lockers.machine  # noqa: F811
    assert machine.sh(f"stat -c '%F %U %a' {SOCKET} /run/doorpost") == (
        "socket root 666\ndirectory doorpost 711\n")
    said, _ = lockers.tries("alice", "alice")
    assert "Sign-in code" in said and "Authentication failure" in said
    said, _ = lockers.tries("alice", "alice", lockers.code())
    assert "successfully authenticated" in said, said
    uid = machine.sh("id -u alice").strip()
    assert machine.sh("stat -c '%n %U %a' /run/doorpost/sessions/*/*").split()[1:] == ["alice", "400"]
    machine.run("setpriv", "--reuid=alice", "--clear-groups", "cat",
                machine.sh("echo /run/doorpost/sessions/*/*.jwt").strip())
    for other in ("bob", "root", "nobody", "no-such-account"):
        said, _ = lockers.tries("alice", other)
        assert REFUSED in said, said
    refused = re.findall(rf"uid {uid}, pid \d+: refused: may not ask for the account '([\w-]+)'", lockers.log())
    assert refused == ["bob", "root", "nobody", "no-such-account"]
    assert len(lockers.relay.offered()) == 1
    until(lambda: lockers.instances() == "0")
    assert machine.run("systemctl", "--failed", "--plain", "--no-legend").stdout.count("doorpost") == 0


def test_the_session_ends_with_the_program(lockers):
    lockers.enable()
    lockers.tries("alice", "alice")
    said, _ = lockers.tries("alice", "alice", lockers.code(), "acct_mgmt", "open_session", "close_session")
    assert "session has successfully been closed" in said, said
    assert lockers.machine.sh("ls /run/doorpost/sessions/*/") == ""


def test_root_may_ask_there_for_everybody(lockers):
    lockers.enable()
    said, _ = lockers.tries("root", "bob", service="root-at-the-socket")
    assert REFUSED not in said and lockers.code()


def test_callers_would_be_nobody_in_a_user_namespace(lockers):
    lockers.machine.write("/etc/systemd/system/doorpost-pam@.service.d/test.conf",
                          "[Service]\nPrivateUsers=yes\n")
    lockers.machine.run("systemctl", "daemon-reload")
    lockers.enable()
    said, _ = lockers.tries("alice", "alice")
    assert REFUSED in said and "uid 65534, pid" in lockers.log()


@pytest.mark.parametrize("lockers", [["--slow", "1500"]], indirect=True)
def test_the_courier_outlives_the_helper_and_keeps_nobody_waiting(lockers):
    lockers.enable()
    said, seconds = lockers.tries("alice", "alice")
    assert "Authentication failure" in said and seconds < 4
    assert lockers.relay.taken() == [] and lockers.instances() == "1"
    until(lambda: lockers.relay.taken(), seconds=30)
    until(lambda: lockers.instances() == "0")


CROWD = """
import socket, sys, time
held = []
for _ in range(1000):
    each = socket.socket(socket.AF_UNIX)
    each.connect(sys.argv[1])
    held.append(each)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_crowd_is_cut_off_and_switches_nothing_off(lockers):
    lockers.enable()
    lockers.machine.write("/opt/crowd", CROWD)
    lockers.machine.run("setpriv", "--reuid=bob", "--clear-groups", "python3", "/opt/crowd", SOCKET, stdin="")
    assert int(lockers.instances()) <= 64
    assert shown(lockers.machine, "ActiveState", "doorpost-pam.socket") == "active"
    until(lambda: "Sign-in code" in lockers.tries("alice", "alice")[0], seconds=30)


ASKS = """
import socket, sys
held = socket.socket(socket.AF_UNIX)
held.connect(sys.argv[1])
request = bytes(16) + bytes((1, 0, 0, 100)) + b"\\x02\\0\\x03bob"
held.sendall((len(request) + 1).to_bytes(4, "big") + b"\\x01" + request)
try:
    while held.recv(4096):
        pass
except ConnectionResetError:  # the request was not read yet
    pass
print("ended")
"""


def test_a_helper_that_is_killed_ends_its_connection_and_is_not_kept(lockers):
    lockers.enable()
    lockers.machine.write("/opt/asks", ASKS)
    said = lockers.machine.sh(
        f"setpriv --reuid=bob --clear-groups python3 /opt/asks {SOCKET} & "
        "until systemctl list-units --plain --no-legend 'doorpost-pam@*' | grep -q running; do sleep 0.1; done; "
        "systemctl kill -s KILL 'doorpost-pam@*'; wait")
    assert said == "ended\n"
    until(lambda: lockers.instances() == "0")
    assert "Sign-in code" in lockers.tries("alice", "alice")[0]


def test_stopping_takes_the_socket_away(lockers):
    lockers.enable()
    lockers.machine.run("systemctl", "stop", "doorpost-pam.socket")
    assert lockers.machine.sh("ls /run/doorpost") == "sessions\n"
    lockers.machine.run("systemctl", "start", "doorpost-pam.socket")
    lockers.machine.sh("rm /etc/pam.d/locker /etc/pam.d/root-at-the-socket; dpkg --remove doorpost")
    assert shown(lockers.machine, "ActiveState", "doorpost-pam.socket") == "inactive"
    assert lockers.machine.sh("find /etc/systemd -name 'doorpost-pam*'") == ""
