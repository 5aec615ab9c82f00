"""Doorpost's HTTP door and its peers as servers beside us, and the traffic of http/loadgen.c."""

import json
import os
import pathlib
import select
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

import fill
from glewlwyd import Glewlwyd

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "Tests/Bench/http"
BUILT = ROOT / ".build/bench"
DOORPOST = ROOT / ".build/release/doorpost"
# The Swift toolchain's clang, as for the PAM module: it is there wherever Doorpost is built.
COMPILER = [shutil.which("clang") or "cc", "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra",
            "-Wformat=2", "-Wshadow", "-Wconversion", "-Werror"]
SMALL = 1000
# By logins in flight: how many of them make a run, and how many more come before it.
RUNS = {1: (150, 10), 32: (1000, 100), 256: (1000, 300)}
# Where the Cognito API is measured, too; its triggers at the most.
COGNITO_IN_FLIGHT = (1, 32)
PATIENCE = 60  # seconds until a server must be ready, or gone


def compile_generator():
    """Compiles the generator and checks what it reads mails with; returns its path."""
    BUILT.mkdir(parents=True, exist_ok=True)
    parts = sorted(path for path in SOURCES.glob("*.c") if path.name != "check.c")
    generator, check = BUILT / "loadgen", BUILT / "loadgen-check"
    subprocess.run([*COMPILER, "-o", generator, *parts], check=True)
    subprocess.run([*COMPILER, "-o", check, SOURCES / "check.c", SOURCES / "mail_code.c",
                    SOURCES / "json.c"], check=True)
    subprocess.run([check], check=True)
    return generator


class Door:
    """`doorpost serve` over a store of a size; all default but the limits, which would stop us."""

    label = "doorpost"
    # In doorpost.yaml, beside what every door of ours has.
    more_settings = ""

    def __init__(self, directory, users):
        self.users = users
        self.next_login = 0
        self.sink = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = free_port()
        self.config = directory / "doorpost.yaml"
        self.log = directory / "serve.log"
        subprocess.run([DOORPOST, "init", directory, "--issuer", "https://login.bench.example",
                        "--from", "login@bench.example"], check=True, capture_output=True)
        self._configure()
        self.client = json.loads(subprocess.run(
            [DOORPOST, "client", "add", "bench", "--json", "--config", self.config], check=True,
            capture_output=True, text=True).stdout)["client_id"]
        self.fill(directory, time.time_ns() // 1_000_000)
        self.server = self.serve(self.port)
        try:
            self.await_ready(self.port, self.server)
        except BaseException:
            self.stop()
            raise

    def serve(self, port):
        with open(self.log, "ab") as log:
            return subprocess.Popen(
                [DOORPOST, "serve", "--config", self.config, "--listen", f"127.0.0.1:{port}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def fill(self, directory, now):
        fill.fill(directory / "doorpost.db", self.users, self.users, now, domain="bench.example")

    def store(self, line):
        """The line of doorpost.yaml that says where the store is, from what `init` wrote."""
        return line

    def _configure(self):
        kept = [self.store(line) if line.startswith("store:") else line
                for line in self.config.read_text().splitlines()
                if line.startswith(("store:", "keys:"))]
        # Every login has an address of its own as its source, which the generator puts into
        # X-Forwarded-For.
        self.config.write_text("\n".join(kept) + f"""
issuer: https://login.bench.example
mail:
  from: login@bench.example
  transport: smtp://127.0.0.1:{self.sink.getsockname()[1]}
  tls: none
code: {{ resend_after: 0s }}
limits:
  mails_per_address: 1000000/h
  starts_per_source: 1000000/h
  mails_total: 1000000/h
http:
  trusted_proxies: [127.0.0.1]
{self.more_settings}""")

    @property
    def own_api(self):
        return Speech(self.label, {}, has_refreshes=True)

    @property
    def cognito_api(self):
        return Speech(f"{self.label}, Cognito API", {"--cognito": self.client})

    def await_ready(self, port, server):
        until = time.monotonic() + PATIENCE
        is_probed = False
        while time.monotonic() < until and server.poll() is None:
            is_probed = self._answer_probe() or is_probed
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                    if is_probed:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise SystemExit(f"bench: doorpost serve is not ready:\n{self.last_words()}")

    def _answer_probe(self):
        """The server asks first whether its relay is there; the generator is not, yet."""
        if not select.select([self.sink], [], [], 0.05)[0]:
            return False
        connection, _ = self.sink.accept()
        with connection, connection.makefile("rwb", 0) as lines:
            lines.write(b"220 bench\r\n")
            for line in lines:
                lines.write(b"221 bye\r\n" if line[:4].upper() == b"QUIT" else b"250 good\r\n")
                if line[:4].upper() in (b"NOOP", b"QUIT"):
                    return True
        return False

    def last_words(self):
        return self.log.read_text(errors="replace")[-2000:]

    def peak(self):
        """The most memory that the server has had, in bytes."""
        status = pathlib.Path(f"/proc/{self.server.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines()
                    if line.startswith("VmHWM:"))

    def stop(self):
        self.server.terminate()
        try:
            self.server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        self.sink.close()


class TriggerDoor(Door):
    """The same with a program of the administrator's for the challenge: one kept for each core."""

    label = "doorpost, triggers"

    def __init__(self, directory, users):
        directory.mkdir()
        place = directory / "codes"
        self.codes = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.codes.bind(str(place))
        program = json.dumps({
            "command": ["/usr/bin/python3", "-I", "-S", str(ROOT / "Tests/Bench/triggers.py")],
            "environment": {"CODES": str(place)}, "runners": os.cpu_count()})
        self.more_settings = "triggers:\n" + "".join(
            f"  {name}: {program}\n" for name in (
                "define_auth_challenge", "create_auth_challenge", "verify_auth_challenge_response"))
        super().__init__(directory / "instance", users)

    @property
    def cognito_api(self):
        return Speech(self.label, {"--cognito": self.client, "--codes-fd": self.codes.fileno()})

    def stop(self):
        super().stop()
        self.codes.close()


@dataclass
class Speech:
    """What the generator says to a door."""

    label: str
    options: dict
    has_refreshes: bool = False


@dataclass
class Traffic:
    """So many logins at a time at a door. A login() is a run of them, and returns its figures."""

    generator: pathlib.Path
    door: Door | Glewlwyd
    speech: Speech
    in_flight: int

    @property
    def name(self):
        return self.speech.label, self.door.users, self.in_flight

    def login(self):
        logins, warm_up = RUNS[self.in_flight]
        return self.generate(logins, warm_up, logins if self.speech.has_refreshes else 0)

    def generate(self, logins, warm_up=0, refreshes=0, port=None):
        """The generator's figures of so many logins more."""
        first = self.door.next_login
        self.door.next_login += logins + warm_up
        sink = self.door.sink.fileno()
        options = {
            "--http": port or self.door.port, "--sink-fd": sink,
            "--server-pid": self.door.server.pid, "--in-flight": self.in_flight,
            "--users": self.door.users, "--logins": logins, "--warm-up": warm_up, "--first": first,
            "--refreshes": refreshes, **self.speech.options}
        run = subprocess.run(
            [self.generator, *(str(word) for option in options.items() for word in option)],
            pass_fds=[sink, *filter(None, [options.get("--codes-fd")])], stdout=subprocess.PIPE, text=True)
        if run.returncode != 0:
            raise SystemExit(
                f"bench: {self.speech.label}, {self.in_flight} in flight, {self.door.users:,} users: "
                f"{run.stdout}\nthe server's last words:\n{self.door.last_words()}")
        return json.loads(run.stdout)


@dataclass
class Disk:
    """What no login can go below: writes of a page, each synced, where the stores are."""

    path: pathlib.Path
    name = "disk"
    writes = 200

    def login(self):
        page = os.urandom(4096)
        file = os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            wall, cpu = time.monotonic(), time.thread_time()
            for number in range(self.writes):
                # Over the same pages, as a write-ahead log that has its length.
                os.pwrite(file, page, number % 64 * len(page))
                os.fdatasync(file)
            return ((time.monotonic() - wall) / self.writes,
                    (time.thread_time() - cpu) / self.writes)
        finally:
            os.close(file)


class Street:
    """The doors with stores of some sizes, a peer, and all the traffic there is to be.

    The Cognito API is spoken to the door of the smallest store, beside its own API. Without
    `peers`, both of that are all.
    """

    def __init__(self, base, sizes, in_flights, peers=True):
        self.generator = compile_generator()
        self.doors = []
        self.traffic = []
        try:
            doors = [self._open(Door(base / f"door-{size}", size)) for size in sizes]
            triggers = self._open(TriggerDoor(base / "triggers", SMALL))
            glewlwyd = self._open(Glewlwyd(base / "glewlwyd", SMALL)) if peers else None
        except BaseException:
            self.stop()
            raise
        for in_flight in in_flights:
            speeches = [(door, door.own_api) for door in doors]
            if in_flight in COGNITO_IN_FLIGHT:
                speeches.insert(1, (doors[0], doors[0].cognito_api))
            if in_flight == max(COGNITO_IN_FLIGHT):
                speeches.append((triggers, triggers.cognito_api))
            if glewlwyd:
                speeches.append((glewlwyd, Speech("glewlwyd", {"--glewlwyd": 1})))
            self.traffic += [Traffic(self.generator, door, speech, in_flight)
                             for door, speech in speeches]
        self.traffic.append(Disk(base / "disk"))

    def _open(self, door):
        self.doors.append(door)
        return door

    def peak(self):
        return max(door.peak() for door in self.doors if isinstance(door, Door))

    def stop(self):
        for door in self.doors:
            door.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
