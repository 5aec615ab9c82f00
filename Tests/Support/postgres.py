"""A PostgreSQL of the test's own, on a socket in a directory of its own."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

PROGRAMS = max(pathlib.Path("/usr/lib/postgresql").glob("[0-9]*/bin"),
               key=lambda path: int(path.parent.name), default=None)
PATIENCE = 30


class Postgres:
    """Waits for the disk, as in earnest. It refuses to run as root, so root runs it as nobody."""

    def __init__(self, copy_of=None, machine=None):
        """A new one, or a standby of another; here, or on a machine of its own (network.py)."""
        assert PROGRAMS, "run: apt install postgresql-15"
        # Not below TMPDIR, which nobody else may enter.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="doorpost-postgres-", dir="/tmp"))
        self.directory.chmod(0o711)  # services connect by the socket in it
        self.log = self.directory / "log"
        self.identity = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.directory, nobody.pw_uid, nobody.pw_gid)
            self.identity = dict(user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
        self.process = None
        self.settings = {"listen_addresses": "", "shared_buffers": "32MB"}
        self.machine = machine
        if copy_of:
            self.call("pg_basebackup", "-D", "data", "-h", str(copy_of.directory), "-U", "doorpost",
                      "-R", "-X", "stream", "--checkpoint=fast", "--no-sync")
            return
        self.call("initdb", "-D", "data", "-U", "doorpost", "-A", "trust", "-E", "UTF8",
                  "--locale=C", "--no-sync")
        with open(self.directory / "data/pg_hba.conf", "a", encoding="utf-8") as rules:
            rules.write("host all all samenet trust\n")
        if machine:
            self.settings["listen_addresses"] = machine.address

    @property
    def port(self):
        return str(self.settings.get("port", 5432))

    @property
    def url(self):
        if self.machine:
            return f"postgres://doorpost@{self.machine.address}/postgres?sslmode=disable"
        return f"postgres://doorpost@/postgres?host={self.directory}"

    def call(self, program, *words):
        return subprocess.run([PROGRAMS / program, *words], cwd=self.directory, check=True,
                              capture_output=True, text=True, timeout=300, **self.identity).stdout

    def start(self):
        before, identity = [], self.identity
        if self.machine:  # whoever goes there must be root still
            before = [*self.machine.enter, "setpriv", f"--reuid={identity['user']}",
                      f"--regid={identity['group']}", "--clear-groups"]
            identity = {}
        with open(self.log, "ab") as log:
            settings = [f"-c{name}={value}" for name, value in self.settings.items()]
            self.process = subprocess.Popen(
                [*before, PROGRAMS / "postgres", "-D", "data", "-k", str(self.directory), *settings],
                cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **identity)
        end = time.monotonic() + PATIENCE
        ready = [PROGRAMS / "pg_isready", "-q", "-h", self.directory, "-p", self.port]
        while subprocess.run(ready, check=False).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)
        return self

    def stop(self, number=signal.SIGINT):
        """`SIGINT` sends everybody away, `SIGQUIT` is a crash."""
        if self.process:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)
            self.process = None

    def promote(self):
        """Makes a standby the one that takes writes, and waits for that."""
        self.call("pg_ctl", "promote", "-D", "data", "-w")

    def query(self, sql, database="postgres"):
        """Rows of text, as psql shows them."""
        return self.call("psql", "-h", str(self.directory), "-p", self.port, "-U", "doorpost", "-d", database,
                         "-X", "-A", "-t", "-c", sql).splitlines()


@contextlib.contextmanager
def postgres(copy_of=None, machine=None, **settings):
    server = Postgres(copy_of, machine)
    server.settings |= settings
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(server.directory)
