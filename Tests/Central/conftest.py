"""Fixtures of the fleet's tests: a center and three hosts, each a machine made of namespaces.

They run as root, in the same private world as the end-to-end tests (Tests/EndToEnd/harness), and in a
network of their own. What is driven is taken from DOORPOST_BIN_DIR and DOORPOST_PAM_MODULE.
"""

import itertools
import os
import pathlib
import pwd
import subprocess
import sys
import tempfile

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "Central"), str(TESTS / "EndToEnd")]

import network  # noqa: E402
from authority import NAME, Authority  # noqa: E402
from harness import processes, world  # noqa: E402
from harness.instance import BIN, MODULE  # noqa: E402
from harness.mailbox import Mailbox  # noqa: E402
from harness.people import ALICE, BOB, CAROL, PASSWORDS, SERVICE_USER  # noqa: E402
from harness.sshd import KeyRing  # noqa: E402
from harness.syslog import Syslog  # noqa: E402
from harness.terminal import Terminal  # noqa: E402
from machines import Center, Host  # noqa: E402
from proxy import Proxy  # noqa: E402
from wire import HostWire  # noqa: E402

ACCOUNT = "doorpost"  # the package's
HOSTS = {"web1": "10.77.0.11", "web2": "10.77.0.12", "db1": "10.77.0.13"}


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures time, so nothing else may run beside it")
    missing = [p for p in (BIN / "doorpost", BIN / "doorpost-pam", MODULE) if not p.exists()]
    if os.geteuid() != 0:
        pytest.exit("the fleet's tests need root: they make namespaces and run sshd", 2)
    if missing:
        pytest.exit(f"not built: {', '.join(map(str, missing))}; run `make build`", 2)


class Fleet:
    """The machines and the switch, which all tests share. Each has a center's program of its own."""

    def __init__(self, base):
        self.base = pathlib.Path(base)
        world.enter(base)
        network.enter()
        processes.adopt_orphans()
        self.syslog = Syslog()
        for name in (ALICE, BOB, CAROL):
            world.add_user(name, password=PASSWORDS[name])
        world.add_user(SERVICE_USER, system=True)
        if ACCOUNT not in {entry.pw_name for entry in pwd.getpwall()}:
            world.add_user(ACCOUNT, system=True)
        self.authority = Authority(self.base / "authority")
        self.certificate = self.authority.certificate("center")
        keyring = KeyRing(self.base / "keyring")
        self.center = network.Namespace(self.base, "center", "10.77.0.2")
        self.hosts = {name: Host(network.Namespace(self.base, name, address), keyring)
                      for name, address in HOSTS.items()}
        self._numbers = itertools.count(1)

    def new_directory(self, kind):
        return self.base / f"{kind}{next(self._numbers)}"

    def stop(self):
        for machine in (self.center, *(h.machine for h in self.hosts.values())):
            machine.stop()


@pytest.fixture(scope="session")
def fleet():
    base = tempfile.mkdtemp(prefix="doorpost-fleet-")
    made = None
    try:
        made = Fleet(base)
        yield made
    finally:
        if made:
            made.stop()
        subprocess.run(["umount", "-l", base], check=False)
        os.rmdir(base)


@pytest.fixture(autouse=True)
def no_leftovers(fleet):
    yield
    Terminal.abandon_all()
    processes.reap_orphans()


@pytest.fixture
def center(fleet):
    """With two users in its pool; each test has its own."""
    made = Center(fleet.new_directory("center"), fleet.center, fleet.certificate)
    made.add_user(ALICE)
    made.add_user(BOB)
    made.start()
    yield made
    made.stop()
    fleet.center.heal()


@pytest.fixture
def keys(center):
    """The credentials of the three hosts."""
    return {name: center.enroll(name) for name in HOSTS}


@pytest.fixture
def hosts(fleet, keys):
    """The three hosts, enrolled and set up."""
    for name, host in fleet.hosts.items():
        host.machine.resolve({fleet.center.address: NAME})
        host.ask(keys[name], fleet.authority.file)
    yield fleet.hosts
    for host in fleet.hosts.values():
        host.clear()


@pytest.fixture
def web1(hosts):
    return hosts["web1"]


@pytest.fixture
def db1(hosts):
    return hosts["db1"]


@pytest.fixture
def mailbox(center):
    return Mailbox(center.outbox)


@pytest.fixture
def alice(center):
    """Her address."""
    return center.emails[ALICE]


@pytest.fixture
def wire(fleet, center, keys):
    """Speaks to the center as one of the hosts would, or with a credential of the test's."""
    opened = []

    def connect(name="web1", key=None):
        opened.append(HostWire(center, fleet.authority.file, key or keys[name], name))
        return opened[-1]

    yield connect
    for each in opened:
        each.close()


@pytest.fixture
def proxy(fleet):
    running = Proxy(network.SWITCH, {NAME: fleet.center.address})
    yield running
    running.stop()
