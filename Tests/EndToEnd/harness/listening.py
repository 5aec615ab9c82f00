"""The listening socket of doorpost-pam.socket, by systemd's own tool: a helper for each connection."""

import pathlib
import pwd
import subprocess
import sys
import time

from . import processes

PATH = pathlib.Path("/run/doorpost/pam.sock")


def as_unit_does(account):
    """How doorpost-pam@.service starts the helper: as the service, with one capability."""
    entry = pwd.getpwnam(account)
    only_chown = "-all,+chown"
    return ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups",
            f"--bounding-set={only_chown}", f"--inh-caps={only_chown}", f"--ambient-caps={only_chown}",
            "--no-new-privs"]


class Listening:
    def __init__(self, instance, *, as_root=False):
        PATH.parent.mkdir(mode=0o755, exist_ok=True)
        PATH.unlink(missing_ok=True)
        start = [] if as_root else as_unit_does(instance.service_user)
        self._process = subprocess.Popen(
            ["systemd-socket-activate", "--accept", "--inetd", f"--listen={PATH}", *start,
             instance.helper, "--config", instance.config],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not PATH.exists():
            assert self._process.poll() is None and time.monotonic() < deadline, "nobody listens"
            time.sleep(0.01)
        PATH.chmod(0o666)

    def helpers(self):
        return processes.helpers(self._process.pid)

    def stop(self):
        processes.kill_tree(self._process.pid)
        self._process.wait(10)
        PATH.unlink(missing_ok=True)


# What a user without rights can do by hand. Says how many ms it took until the other side ended, and
# what came.
CLIENT = """
import socket, sys, time
peer = socket.socket(socket.AF_UNIX)
peer.settimeout(30)
peer.connect(sys.argv[1])
began, came = time.monotonic(), b""
try:
    peer.sendall(bytes.fromhex(sys.argv[2]))
    while more := peer.recv(4096):
        came += more
except (BrokenPipeError, ConnectionResetError):
    pass
print(round(1000 * (time.monotonic() - began)), came.hex())
"""


def by_hand(uid, data, *, before=()):
    """Sends bytes as `uid`; (milliseconds until the other side ended, what it said)."""
    done = subprocess.run([*before, sys.executable, "-I", "-c", CLIENT, PATH, data.hex()], user=uid,
                          group=uid, extra_groups=[], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    took, _, came = done.stdout.strip("\n").partition(" ")
    return int(took), bytes.fromhex(came)


NONCE = bytes(range(16))


def request(operation, **fields):
    """A request of the module; CModules/CPAMWire/include/doorpost_wire.h says what stands where."""
    tags = {"service": 1, "user": 2, "rhost": 3, "tty": 4, "ruser": 5, "session_file": 6}
    payload = NONCE + bytes((operation, 0)) + (100).to_bytes(2, "big")
    for name, value in fields.items():
        data = value if isinstance(value, bytes) else str(value).encode()
        payload += bytes((tags[name],)) + len(data).to_bytes(2, "big") + data
    return (len(payload) + 1).to_bytes(4, "big") + b"\x01" + payload


def frames(data):
    """What the helper said, as (type, payload)."""
    found = []
    while data:
        length = int.from_bytes(data[:4], "big")
        found.append((data[4], data[5:4 + length]))
        data = data[4 + length:]
    return found


def verdicts(data):
    return [payload[16] for kind, payload in frames(data) if kind == 0x1F and payload[:16] == NONCE]
