"""Fixtures of the end-to-end tests: real host programs, a real module, a real helper, real mail.

They run as root, in a private mount namespace (harness/world.py), and touch nothing of the
machine's own. What they drive is taken from DOORPOST_BIN_DIR (default .build/release) and
DOORPOST_PAM_MODULE (default .build/release/pam_doorpost.so).
"""

import itertools
import os
import pathlib
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness import processes, world  # noqa: E402
from harness.instance import BIN, MODULE, Instance, host_service  # noqa: E402
from harness.people import ALICE, BOB, CAROL, PASSWORDS, SERVICE_USER  # noqa: E402
from harness.relay import Peer, Postfix  # noqa: E402
from harness.sshd import KeyRing, Sshd  # noqa: E402
from harness.syslog import Syslog  # noqa: E402
from harness.terminal import Terminal  # noqa: E402

def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures time, so nothing else may run beside it")
    config.addinivalue_line("markers", "last: run after all the others")
    config.addinivalue_line("markers", "slow: takes more than ten seconds")
    missing = [p for p in (BIN / "doorpost", BIN / "doorpost-pam", MODULE) if not p.exists()]
    if os.geteuid() != 0:
        pytest.exit("the end-to-end tests need root: they run login, su, sudo and sshd", 2)
    if missing:
        pytest.exit(f"not built: {', '.join(map(str, missing))}; run `make build`", 2)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


class Machine:
    """What the session's tests share: our world, its users, its log, and secrets seen so far."""

    def __init__(self, base):
        self.base = pathlib.Path(base)
        world.enter(base)
        processes.adopt_orphans()
        self.syslog = Syslog()
        self.secrets = set()
        self.sshd_logs = []
        self.uids = {name: world.add_user(name, password=PASSWORDS[name])
                     for name in (ALICE, BOB, CAROL)}
        world.add_user(SERVICE_USER, system=True)
        subprocess.run(["chpasswd", "-c", "SHA256", "-s", "1000"],
                       input=f"root:{PASSWORDS['root']}", text=True, check=True)
        self.services = world.Services()
        self.keyring = KeyRing(self.base / "keyring")
        self._numbers = itertools.count(1)

    def new_directory(self, kind):
        return self.base / f"{kind}{next(self._numbers)}"


@pytest.fixture(scope="session")
def machine():
    base = tempfile.mkdtemp(prefix="doorpost-e2e-")
    try:
        yield Machine(base)
    finally:
        subprocess.run(["umount", "-l", base], check=False)
        os.rmdir(base)


@pytest.fixture(autouse=True)
def no_leftovers(machine):
    """Ends what a test left running, as a failed one does."""
    yield
    Terminal.abandon_all()
    processes.reap_orphans()


@pytest.fixture
def syslog(machine):
    return machine.syslog


@pytest.fixture
def services(machine):
    yield machine.services
    machine.services.restore()


@pytest.fixture(scope="session")
def relay(machine):
    """A real mail server."""
    server = Postfix(machine.new_directory("relay"), SERVICE_USER)
    yield server
    server.stop()


@pytest.fixture
def peer(machine, instance):
    """Puts an SMTP server that misbehaves in the place of the relay."""
    started = []

    def start(*arguments, tls="none"):
        started.append(Peer(machine.new_directory("peer"), *arguments))
        instance.use_mail(started[-1].settings(tls))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def instance(machine, relay):
    """An instance with two users in its pool; each test has its own."""
    made = Instance(machine.new_directory("instance"), SERVICE_USER)
    made.use_mail(relay.settings)
    made.add_user(ALICE)
    made.add_user(BOB)
    yield made
    for path in made.session_files():
        machine.secrets.add(path.read_text().strip())


@pytest.fixture
def mailbox(machine, relay, instance):
    """What the mail server delivers during this test."""
    return relay.mailbox(machine.secrets, instance.directory.name)


@pytest.fixture
def service(services, instance):
    """The module alone under a service name of our own."""
    return services.write("doorpost-e2e", instance.line())


@pytest.fixture
def sshd(machine, services, instance):
    """Starts an sshd whose PAM service has our stacks where their comments say to put them."""
    running = []

    def start(auth="doorpost-only", text=None, **settings):
        services.write("sshd", text or host_service(instance, "sshd", auth))
        running.append(Sshd(machine.keyring, machine.new_directory("sshd"), **settings))
        return running[-1]

    yield start
    for server in running:
        server.stop()
        machine.sshd_logs.append(server.log)
