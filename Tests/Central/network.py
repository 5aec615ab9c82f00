"""Machines made of namespaces: each has a network, a host name and an /etc of its own, and a cable to
the switch, which is the network of the tests. What is here ends with the tests' process."""

import ctypes
import os
import pathlib
import signal
import subprocess

from harness.syslog import Syslog
from harness.world import Services

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWNET = 0x00020000, 0x04000000, 0x40000000
KINDS = ("net", "uts", "mnt")
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)

SWITCH = "10.77.0.1"


def checked(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def enter():
    """Moves the tests into a network of their own: the switch, with an address on it."""
    checked(libc.unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)")
    for command in ("link set lo up", "link add switch type bridge", "link set switch up",
                    f"address add {SWITCH}/24 dev switch"):
        ip(command)


def ip(command):
    subprocess.run(["ip", *command.split()], check=True)


class Namespace:
    """A machine. `inside` is for preexec_fn: it moves a program there."""

    def __init__(self, base, name, address):
        self.name, self.address = name, address
        self.directory = pathlib.Path(base) / name
        self.directory.mkdir(mode=0o755)
        # Sleeps as long as the machine shall be there, and keeps it.
        self._keeper = subprocess.Popen(["sleep", "infinity"], preexec_fn=self._leave)
        self.run("hostname", name)
        self._plug_in()
        self._own_files()

    @staticmethod
    def _leave():
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        checked(libc.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET), "unshare")

    def inside(self):
        places = [os.open(f"/proc/{self._keeper.pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)
                  for kind in KINDS]
        for place in places:
            checked(libc.setns(place, 0), "setns")

    def inside_as(self, become):
        def enter_and_become():
            self.inside()
            become()
        return enter_and_become

    def run(self, *command, check=True, text_in=None, **more):
        done = subprocess.run(command, preexec_fn=self.inside, capture_output=True, text=True,
                              input=text_in, timeout=60, **more)
        assert not check or done.returncode == 0, (command, done)
        return done

    def start(self, *command, **more):
        return subprocess.Popen(command, preexec_fn=self.inside, stdin=subprocess.DEVNULL, **more)

    def _plug_in(self):
        ip(f"link add v-{self.name} type veth peer name eth0 netns {self._keeper.pid}")
        ip(f"link set v-{self.name} master switch up")
        for command in ("link set lo up", "link set eth0 up",
                        f"address add {self.address}/24 dev eth0"):
            self.run("ip", *command.split())

    def _own_files(self):
        self.etc = self.directory / "etc"
        subprocess.run(["cp", "-a", "/etc", self.etc], check=True)
        self.run("mount", "--bind", self.etc, "/etc")
        (self.etc / "hostname").write_text(f"{self.name}\n")
        for service in (self.etc / "pam.d").iterdir():
            if "pam_doorpost" in service.read_text():  # what somebody tries on this machine
                service.unlink()
        self._own_run()
        self.resolve()
        self.syslog = Syslog(str(self.directory / "log"))
        self.run("mount", "--bind", self.directory / "log", "/dev/log")
        self.services = MachineServices(self.etc / "pam.d")

    def _own_run(self):
        own = self.directory / "run"
        for name in ("sshd", "lock", "user"):
            (own / name).mkdir(parents=True, mode=0o755)
        (own / "utmp").touch()
        self.run("mount", "--bind", own, "/run")

    def resolve(self, hosts=None, server=SWITCH):
        """What the machine's resolver knows by itself, and whom it asks for the rest."""
        lines = {"127.0.0.1": f"localhost {self.name}", **(hosts or {})}
        (self.etc / "hosts").write_text("".join(f"{a} {n}\n" for a, n in lines.items()))
        (self.etc / "resolv.conf").write_text(f"nameserver {server}\n")
        (self.etc / "nsswitch.conf").write_text(
            "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n")

    # Cables.

    def unplug(self):
        ip(f"link set v-{self.name} down")

    def plug_in(self):
        ip(f"link set v-{self.name} up")

    def swallow(self, address):
        """What goes from here to `address` is lost, and nobody is told."""
        self.run("nft", "-f", "-", text_in=f"""
            table ip swallowed {{
                chain output {{ type filter hook output priority 0; ip daddr {address} drop; }}
            }}""")

    def close(self, address, port):
        """What goes from here to a port of `address` is refused, as if nobody listened."""
        self.run("nft", "-f", "-", text_in=f"""
            table ip swallowed {{
                chain output {{ type filter hook output priority 0;
                    ip daddr {address} tcp dport {port} reject with tcp reset; }}
            }}""")

    def heal(self):
        self.run("nft", "delete", "table", "ip", "swallowed", check=False)
        self.plug_in()

    def stop(self):
        self._keeper.kill()
        self._keeper.wait()


class MachineServices(Services):
    """The files of one machine's /etc/pam.d."""

    def __init__(self, directory):
        self.directory = directory
        super().__init__()
