"""The Debian package on a Debian: installed, upgraded, removed, purged. After each step somebody
with a password must still come in through the stack that every service includes."""

import hashlib
import re
import subprocess

import pytest

from conftest import ROOT, VERSION, build
from debian_machine import Machine

CONFIG = "/etc/doorpost/doorpost.yaml"
MODULE = "/usr/lib/*-linux-gnu/security/pam_doorpost.so"
WHO, PASSWORD = "doorposttester", "correct horse 7"


@pytest.fixture(scope="module")
def newer_with_another_default(tmp_path_factory, newer):
    """As a version would be that brings new lines in its doorpost.yaml."""
    place = tmp_path_factory.mktemp("repacked")
    subprocess.run(["dpkg-deb", "-R", str(newer), str(place / "root")], check=True)
    config = place / f"root{CONFIG}"
    config.write_text("# a new first line\n" + config.read_text())
    file = place / newer.name
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", str(place / "root"), str(file)],
                   check=True, capture_output=True)
    return file


class Doorpost:
    """What the tests ask of the machine."""

    def __init__(self, machine):
        self.machine = machine
        machine.sh(f"useradd --create-home {WHO}; echo '{WHO}:{PASSWORD}' | chpasswd -c SHA256 -s 1000")
        # What login, su, sudo and sshd have in theirs.
        machine.write("/etc/pam.d/doorposttest", "".join(
            f"@include {name}\n" for name in ("common-auth", "common-account", "common-session")))

    def install(self, package, *options, check=True):
        return self.machine.dpkg("-i", *options, self.machine.bring(package), check=check)

    def state(self):
        done = self.machine.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}",
                                "doorpost", check=False)
        return done.stdout.strip() or "not-installed"

    def is_real(self):
        """Or a stand-in that a packaging engineer put into .build/release."""
        done = self.machine.run("doorpost", "--version", check=False)
        return done.stdout.strip() == VERSION

    def configure(self):
        self.machine.sh(rf"""sed -i -e 's|^# issuer:.*|issuer: https://login.example.org|' \
            -e 's|^  # from:.*|  from: login@example.org|' {CONFIG}""")
        if self.is_real():
            self.machine.run("doorpost", "key", "init")

    def enable_profile(self):
        self.machine.run("pam-auth-update", "--package", "--enable", "doorpost")
        assert "pam_doorpost.so" in self.machine.read("/etc/pam.d/common-auth")

    def password_works(self):
        right = self._sign_in(PASSWORD)
        assert right.returncode == 0, right.stdout + right.stderr
        return True

    def another_password_does_not(self):
        return self._sign_in("wrong").returncode != 0

    def _sign_in(self, password):
        calls = ["authenticate"]
        if self.is_real() or not self.state().startswith("installed"):
            calls.append("acct_mgmt")
        return self.machine.run("pamtester", "doorposttest", WHO, *calls, check=False,
                                stdin=f"{password}\n")

    def pam_is_as_before(self):
        done = self.machine.run("diff", "-r", "--exclude=doorposttest", "/var/tmp/pam.d-before",
                                "/etc/pam.d", check=False)
        return [line for line in done.stdout.splitlines() if "pam-old" not in line] == []


@pytest.fixture
def machine():
    made = Machine()
    yield made
    made.close()


@pytest.fixture
def doorpost(machine):
    return Doorpost(machine)


def test_lintian_finds_no_error_and_no_warning(package):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", str(package)],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_version_is_the_same_everywhere(package):
    field = subprocess.run(["dpkg-deb", "-f", str(package), "Version"], capture_output=True,
                           text=True, check=True).stdout.strip()
    sources = "".join(path.read_text() for path in (ROOT / "Sources/DoorpostCommands").glob("*.swift"))
    assert field == VERSION
    assert re.findall(r'version: "([^"]+)"', sources) in ([VERSION], [])
    assert f"doorpost ({VERSION})" in (ROOT / "packaging/debian/changelog").read_text()


def test_the_same_tree_makes_the_same_package(package, tmp_path):
    again = build(tmp_path)
    assert hashlib.sha256(again.read_bytes()).digest() == \
        hashlib.sha256(package.read_bytes()).digest()


def test_it_holds_what_make_install_installs(package):
    """And every file but the configuration and what Debian wants on top."""
    listing = subprocess.run(["dpkg-deb", "-c", str(package)], capture_output=True, text=True,
                             check=True).stdout
    rows = {line.split()[5]: line.split()[:2] for line in listing.splitlines()}
    assert {owner for _, owner in rows.values()} == {"root/root"}
    assert not [path for path, (mode, _) in rows.items() if "s" in mode or mode[5] == "w" or mode[8] == "w"]
    for path, mode in (("./usr/bin/doorpost", "-rwxr-xr-x"),
                       ("./usr/libexec/doorpost/doorpost-pam", "-rwxr-xr-x"),
                       ("./usr/lib/systemd/system/doorpost.service", "-rw-r--r--"),
                       ("./usr/lib/systemd/system/doorpost.socket", "-rw-r--r--"),
                       ("./usr/lib/systemd/system/doorpost-pam.socket", "-rw-r--r--"),
                       ("./usr/lib/systemd/system/doorpost-pam@.service", "-rw-r--r--"),
                       ("./usr/share/doorpost/grafana/doorpost.json", "-rw-r--r--"),
                       ("./usr/share/doorpost/prometheus/alerts.yml", "-rw-r--r--"),
                       ("./usr/share/man/man8/doorpost.8.gz", "-rw-r--r--")):
        assert rows[path][0] == mode, path
    assert not [path for path in rows if path.startswith(("./var", "./run", "./etc/pam.d"))]


def test_installing_changes_no_login_and_starts_nothing(doorpost, machine, package):
    doorpost.install(package)
    assert doorpost.state() == f"installed {VERSION}"
    assert doorpost.pam_is_as_before() and doorpost.password_works()
    assert machine.stat(CONFIG) == "root:doorpost 640"
    assert machine.stat("/var/lib/doorpost") == "doorpost:doorpost 700"
    assert machine.stat("/run/doorpost/sessions") == "doorpost:doorpost 711"
    assert machine.sh("getent passwd doorpost").strip().endswith(":/usr/sbin/nologin")
    assert machine.sh("find /etc/systemd -name 'doorpost*'") == ""
    # The profile is known, and off.
    assert "doorpost" in machine.sh("cat /var/lib/pam/seen")


def test_an_upgrade_keeps_configuration_profile_and_passwords(doorpost, machine, package, newer):
    doorpost.install(package)
    doorpost.configure()
    machine.sh(f"echo '# mine' >> {CONFIG}; chmod 0600 {CONFIG}; chown root:root {CONFIG}")
    doorpost.enable_profile()
    assert doorpost.password_works() and doorpost.another_password_does_not()
    stack, config = machine.read("/etc/pam.d/common-auth"), machine.read(CONFIG)
    doorpost.install(newer)
    assert doorpost.state() == f"installed {VERSION}+1"
    assert machine.read(CONFIG) == config
    assert machine.stat(CONFIG) == "root:root 600"
    assert machine.read("/etc/pam.d/common-auth") == stack


# Takes a store one step back, as the version before would have left it.
STEP_BACK = """
import sqlite3
db = sqlite3.connect("/var/lib/doorpost/doorpost.db")
db.executescript(
    "DROP TABLE hosts; DROP INDEX sessions_source; PRAGMA user_version = 6;"
    "CREATE INDEX sessions_source ON sessions (source_key) WHERE source_key IS NOT NULL;"
    "DELETE FROM grdb_migrations WHERE identifier = '7-hosts'")
"""


def test_an_upgrade_brings_the_store_up_to_date(doorpost, machine, package, newer):
    doorpost.install(package)
    if not doorpost.is_real():
        pytest.skip("a stand-in has no store")
    doorpost.configure()
    machine.run("doorpost", "user", "add", "ann@example.org")
    machine.run("/usr/bin/python3", "-c", STEP_BACK)
    assert "store migrate" in machine.run("doorpost", "user", "list", check=False).stderr
    assert "doorpost: WARNING" not in doorpost.install(newer).stderr
    assert "ann@example.org" in machine.run("doorpost", "user", "list").stdout


def test_an_upgrade_with_another_default_asks_and_keeps_what_was_edited(
        doorpost, machine, package, newer_with_another_default):
    doorpost.install(package)
    doorpost.configure()
    config = machine.read(CONFIG)
    doorpost.install(newer_with_another_default, "--force-confdef", "--force-confold")
    assert machine.read(CONFIG) == config
    assert machine.read(f"{CONFIG}.dpkg-dist").startswith("# a new first line")
    assert machine.stat(CONFIG) == "root:doorpost 640"


def test_the_profile_never_stands_between_a_password_and_its_owner(doorpost, package, newer):
    """Through every step that apt takes."""
    doorpost.install(package)
    doorpost.configure()
    doorpost.enable_profile()
    assert doorpost.password_works()
    doorpost.install(newer)
    assert doorpost.password_works() and doorpost.another_password_does_not()
    doorpost.install(package)  # and back
    assert doorpost.password_works()
    doorpost.machine.dpkg("--remove", "doorpost")
    assert doorpost.password_works() and doorpost.another_password_does_not()
    doorpost.install(newer)
    assert doorpost.password_works()
    doorpost.machine.dpkg("--purge", "doorpost")
    assert doorpost.password_works() and doorpost.another_password_does_not()


def test_a_profile_that_nobody_configured_is_warned_of(doorpost, package, newer):
    assert "doorpost: WARNING" not in doorpost.install(package).stderr
    if not doorpost.is_real():
        pytest.skip("a stand-in checks no configuration")
    doorpost.enable_profile()
    assert "people are locked out" in doorpost.install(newer).stderr
    doorpost.configure()
    assert "doorpost: WARNING" not in doorpost.install(package).stderr


def test_removing_takes_the_profile_out_before_the_module(doorpost, machine, package):
    doorpost.install(package)
    doorpost.configure()
    doorpost.enable_profile()
    machine.write("/var/lib/doorpost/doorpost.db", "the pool")
    # Looks at the module at the moment when the stack is written anew.
    machine.sh(f"""
        mv /usr/sbin/pam-auth-update /usr/sbin/pam-auth-update.real
        printf '#!/bin/sh\\nls {MODULE} >> /var/tmp/there\\nexec pam-auth-update.real "$@"\\n' \
            > /usr/sbin/pam-auth-update
        chmod 0755 /usr/sbin/pam-auth-update""")
    machine.dpkg("--remove", "doorpost")
    assert "pam_doorpost.so" in machine.read("/var/tmp/there")
    assert machine.sh(f"ls {MODULE} 2>/dev/null || true") == ""
    assert doorpost.pam_is_as_before() and doorpost.password_works()
    assert doorpost.state().startswith("config-files")
    assert machine.stat(CONFIG) == "root:doorpost 640"
    assert machine.read("/var/lib/doorpost/doorpost.db") == "the pool"


@pytest.mark.parametrize("line", ["@include doorpost-or-password", "auth required pam_doorpost.so"])
def test_removing_is_refused_while_a_stack_names_us(doorpost, machine, package, line):
    doorpost.install(package)
    doorpost.configure()
    doorpost.enable_profile()
    machine.sh("cp /usr/share/doorpost/pam.d/doorpost-or-password /etc/pam.d/")
    machine.write("/etc/pam.d/sshd", f"{line}\n@include common-account\n")
    before = machine.read("/etc/pam.d/common-auth")
    refused = machine.dpkg("--remove", "doorpost", check=False)
    assert refused.returncode != 0
    assert "/etc/pam.d/sshd" in refused.stderr and "common-auth" not in refused.stderr
    assert doorpost.state() == f"installed {VERSION}"
    assert machine.read("/etc/pam.d/common-auth") == before
    assert doorpost.password_works()
    # A stack of ours that nobody includes is in nobody's way.
    machine.write("/etc/pam.d/sshd", "@include common-auth\n")
    machine.dpkg("--remove", "doorpost")
    assert doorpost.password_works()


def test_removing_is_refused_while_common_auth_names_us_by_hand(doorpost, machine, package):
    """pam-auth-update touches no common-auth that somebody edited."""
    doorpost.install(package)
    doorpost.configure()
    machine.sh("sed -i '1i auth optional pam_doorpost.so unenrolled=ignore' /etc/pam.d/common-auth")
    refused = machine.dpkg("--remove", "doorpost", check=False)
    assert refused.returncode != 0 and "/etc/pam.d/common-auth" in refused.stderr
    assert machine.sh(f"ls {MODULE}") != ""


def test_purging_takes_the_state_and_leaves_what_is_not_ours(doorpost, machine, package):
    doorpost.install(package)
    doorpost.configure()
    machine.sh("mkdir -p /var/lib/doorpost/keys; touch /var/lib/doorpost/keys/secret.key;"
               "echo relay > /etc/doorpost/mail.password")
    purged = machine.dpkg("--purge", "doorpost")
    said = purged.stdout + purged.stderr
    assert "deleting /var/lib/doorpost" in said and "mail.password" in said
    assert machine.stat("/var/lib/doorpost") is machine.stat("/run/doorpost") is None
    assert machine.stat(CONFIG) is None
    assert machine.read("/etc/doorpost/mail.password") == "relay\n"
    assert "doorpost" in machine.sh("getent passwd doorpost")
    assert doorpost.pam_is_as_before() and doorpost.password_works()
    doorpost.install(package)
    assert doorpost.state() == f"installed {VERSION}"


def test_purging_leaves_nothing_where_nothing_was_put(doorpost, machine, package):
    doorpost.install(package)
    machine.dpkg("--purge", "doorpost")
    assert doorpost.state() == "not-installed"
    assert machine.sh("""find /etc /usr /var/lib -xdev -name '*doorpost*' -newer /var/tmp/pam.d-before \
        ! -path '*/pam.d/doorposttest' ! -path '/usr/src/*' 2>/dev/null || true""") == ""


def test_installing_again_takes_up_what_removing_left(doorpost, machine, package):
    doorpost.install(package)
    doorpost.configure()
    config = machine.read(CONFIG)
    machine.write("/var/lib/doorpost/doorpost.db", "the pool")
    machine.dpkg("--remove", "doorpost")
    doorpost.install(package)
    assert machine.read(CONFIG) == config
    assert machine.read("/var/lib/doorpost/doorpost.db") == "the pool"


def test_removing_leaves_no_unit_enabled(doorpost, machine, package):
    doorpost.install(package)
    assert machine.sh("find /etc/systemd -name 'doorpost*'") == ""
    machine.run("systemctl", "enable", "doorpost.service", "doorpost.socket", "doorpost-pam.socket")
    assert machine.sh("find /etc/systemd -name 'doorpost*' | wc -l").strip() == "3"
    doorpost.install(package)
    assert machine.sh("find /etc/systemd -name 'doorpost*' | wc -l").strip() == "3"
    machine.dpkg("--remove", "doorpost")
    assert machine.sh("find /etc/systemd -name 'doorpost*'") == ""
