"""A private /etc: users and PAM services of the benchmark, out of the machine's sight."""

import base64
import ctypes
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile

CLONE_NEWNS = 0x00020000
PR_SET_CHILD_SUBREAPER = 36

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / ".build/release"
SERVICE_USER = "doorpost-bench"
PASSWORD_USER = "dpb-password"
PASSWORD = "correct horse battery 9"
FIRST_UID = 53000


def enter():
    """Moves this process into a world of its own; returns a directory there."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise SystemExit("bench: needs root, and a machine or container that allows mounts")
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    # On the disk where a store would be, not in memory: its fsync is part of a login.
    base = pathlib.Path(tempfile.mkdtemp(prefix="doorpost-bench-", dir="/var/tmp"))
    base.chmod(0o755)
    subprocess.run(["cp", "-a", "/etc", base / "etc"], check=True)
    subprocess.run(["mount", "--bind", base / "etc", "/etc"], check=True)
    return base


def leave(base):
    subprocess.run(["umount", "-l", "/etc"], check=False)
    shutil.rmtree(base, ignore_errors=True)


def add_users(count):
    """Linux accounts for the pool, one for a password, one to run the helper as."""
    names = [f"dpb{n:03}" for n in range(count)]
    lines = [f"{name}:x:{FIRST_UID + 10 + n}:{FIRST_UID}::/nonexistent:/bin/false"
             for n, name in enumerate(names)]
    with open("/etc/passwd", "a") as file:
        file.write(f"{SERVICE_USER}:x:{FIRST_UID}:{FIRST_UID}::/nonexistent:/usr/sbin/nologin\n")
        file.write(f"{PASSWORD_USER}:x:{FIRST_UID + 1}:{FIRST_UID}::/nonexistent:/bin/false\n")
        file.write("\n".join(lines) + "\n")
    with open("/etc/group", "a") as file:
        file.write(f"{SERVICE_USER}:x:{FIRST_UID}:\n")
    with open("/etc/shadow", "a") as file:
        file.write(f"{PASSWORD_USER}:*:20000:0:99999:7:::\n")
    # Through common-password, and so as this machine hashes passwords.
    subprocess.run(["chpasswd"], input=f"{PASSWORD_USER}:{PASSWORD}\n", text=True, check=True)
    entry = next(line for line in open("/etc/shadow") if line.startswith(PASSWORD_USER))
    return names, entry.split(":")[1].split("$")[1:3]


def service(name, *lines):
    path = pathlib.Path("/etc/pam.d", name)
    path.write_text("".join(line + "\n" for line in lines))
    return name


def hotp_secret(base):
    """A google-authenticator secret file that counts; returns its path and the secret."""
    secret = secrets.token_bytes(20)
    path = base / "hotp"
    path.write_text(base64.b32encode(secret).decode() + '\n" HOTP_COUNTER 1\n" WINDOW_SIZE 3\n')
    path.chmod(0o400)
    return path, secret


class Instance:
    """A Doorpost as installed: run by a user of its own, mailing through SMTP, all else default."""

    def __init__(self, directory, port, users):
        self.directory = directory
        self.config = directory / "doorpost.yaml"
        self.store = directory / "doorpost.db"
        self.run("init", directory, "--issuer", "https://login.bench.example",
                 "--from", "login@bench.example", config=False)
        settings = self.config.read_text()
        store, keys = (next(line for line in settings.splitlines() if line.startswith(key))
                       for key in ("store:", "keys:"))
        (directory / "sessions").chmod(0o711)
        self.config.write_text(f"""\
issuer: https://login.bench.example
{store}
{keys}
run_as: {SERVICE_USER}
mail:
  from: login@bench.example
  transport: smtp://127.0.0.1:{port}
pam:
  session_directory: {directory}/sessions
""")
        self.config.chmod(0o640)
        subprocess.run(["chown", "-R", f"{FIRST_UID}:{FIRST_UID}", directory], check=True)
        os.chown(self.config, 0, FIRST_UID)
        directory.chmod(0o711)
        for name in users:
            self.run("user", "add", f"{name}@bench.example", "--login", name)

    def run(self, *arguments, config=True):
        tail = ["--config", self.config] if config else []
        subprocess.run([BIN / "doorpost", *arguments, *tail], check=True, capture_output=True)

    def line(self, kind):
        return (f"{kind} required {BIN}/pam_doorpost.so"
                f" config={self.config} helper={BIN}/doorpost-pam")
