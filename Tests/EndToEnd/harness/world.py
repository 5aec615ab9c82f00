"""A machine of our own inside the machine.

The test process moves into a private mount namespace in which /etc, /home, /run, /var/log and
/dev are copies or empty. So `login`, `su`, `sudo` and `sshd` read *our* PAM services and users
under their real names, while the machine's own files are out of reach: whatever a test breaks,
and however it is killed, nothing is left behind when the process ends.
"""

import ctypes
import os
import pathlib
import shutil
import stat
import subprocess

CLONE_NEWNS = 0x00020000
NODES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9),
         "tty": (5, 0)}


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def enter(base):
    """Moves this process, and so all it starts, into a world of its own below `base`."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWNS): is this container privileged?")
    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "-o", "mode=0711", "doorpost-e2e", base)
    _copy_over("/etc", base)
    _copy_over("/usr/share/pam-configs", base)
    _copy_over("/var/lib/pam", base)
    _copy_over("/var/cache/debconf", base)
    _empty_over("/home", base)
    _empty_over("/run", base)
    _empty_over("/var/log", base)
    for name in ("sshd", "lock", "user"):
        pathlib.Path("/run", name).mkdir()
    pathlib.Path("/run/utmp").touch()
    for name in ("wtmp", "btmp", "lastlog"):
        pathlib.Path("/var/log", name).touch()
    _own_devices(base)


def _copy_over(path, base):
    copy = pathlib.Path(base, path.strip("/").replace("/", "-"))
    subprocess.run(["cp", "-a", path, copy], check=True)
    mount("--bind", copy, path)


def _empty_over(path, base):
    empty = pathlib.Path(base, path.strip("/").replace("/", "-"))
    empty.mkdir(mode=0o755)
    mount("--bind", empty, path)


def _own_devices(base):
    """Our /dev has terminals of its own, and a /dev/log that we listen on."""
    dev = pathlib.Path(base, "dev")
    dev.mkdir(mode=0o755)
    umask = os.umask(0)
    for name, (major, minor) in NODES.items():
        os.mknod(dev / name, 0o666 | stat.S_IFCHR, os.makedev(major, minor))
    os.umask(umask)
    (dev / "pts").mkdir()
    mount("-t", "devpts", "-o", "newinstance,ptmxmode=0666,mode=620,gid=5", "pts", dev / "pts")
    (dev / "ptmx").symlink_to("pts/ptmx")
    (dev / "shm").mkdir(mode=0o1777)
    (dev / "fd").symlink_to("/proc/self/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        (dev / name).symlink_to(f"/proc/self/fd/{number}")
    mount("--rbind", dev, "/dev")


def add_user(name, *, system=False, password=None, home=True):
    """A Linux user, as an administrator makes one. Returns the uid."""
    command = ["useradd", "--shell", "/bin/sh", "-K", "UID_MIN=52000", "-K", "SYS_UID_MIN=800"]
    command += ["--system", "--no-create-home"] if system else []
    command += ["--create-home"] if home and not system else []
    subprocess.run([*command, name], check=True)
    if password is not None:
        subprocess.run(["chpasswd", "-c", "SHA256", "-s", "1000"],
                       input=f"{name}:{password}", text=True, check=True)
    return int(subprocess.run(["id", "-u", name], check=True, capture_output=True).stdout)


class Services:
    """The files of /etc/pam.d, brought back to the machine's own after each test."""

    directory = pathlib.Path("/etc/pam.d")

    def __init__(self):
        self._pristine = {p.name: p.read_bytes() for p in self.directory.iterdir()}

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        path.chmod(0o644)
        return name

    def restore(self):
        for path in self.directory.iterdir():
            if path.name not in self._pristine:
                path.unlink()
        for name, content in self._pristine.items():
            if (self.directory / name).read_bytes() != content:
                (self.directory / name).write_bytes(content)


def remove_tree(path):
    shutil.rmtree(path, ignore_errors=True)
