"""The section "Fifty hosts" of docs/scaling.md, typed block by block, on a center and three hosts.

What its reader has and a test has not (packages, systemd, an agent's keys) is put in its place."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from authority import NAME
from harness.instance import BIN, MODULE, REPOSITORY, STACKS
from harness.pam import Code
from harness.people import ALICE

PAGE = (REPOSITORY / "docs/scaling.md").read_text()
ACCOUNT = "doorpost"
STACKS_THERE = "/usr/share/doorpost"


def blocks():
    """(language, text) of the section's blocks, in their order."""
    section, = re.findall(r"^## Fifty hosts\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    return re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def put(directory, name, script):
    directory.mkdir(exist_ok=True, mode=0o755)
    file = directory / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


class Admin:
    """Somebody at the center, with a shell, who may ssh to the hosts as root."""

    def __init__(self, fleet, center, directory, stacks):
        self.center, self.stacks = center, stacks
        self.programs, self.home = directory / "bin", directory / "home"
        self.home.mkdir(parents=True)
        keys = next(iter(fleet.hosts.values())).keyring.directory
        shutil.copy(keys / "user", directory / "user")
        (directory / "user").chmod(0o600)
        host_key = (keys / "host.pub").read_text()
        ports = {name: daemon.port for name, daemon in fleet.daemons.items()}
        (directory / "known_hosts").write_text(
            "".join(f"[{name}]:{port} {host_key}" for name, port in ports.items()))
        config = directory / "ssh_config"
        config.write_text("".join(f"Host {n}\nPort {p}\n" for n, p in ports.items()) + f"""
            Host *
            IdentityFile {directory}/user
            IdentitiesOnly yes
            PreferredAuthentications publickey
            StrictHostKeyChecking yes
            UserKnownHostsFile {directory}/known_hosts
            """)
        put(self.programs, "doorpost", f'exec "{BIN}/doorpost" "$@" --config "{center.config}"')
        put(self.programs, "sudo", 'exec "$@"')
        for program in ("ssh", "scp"):
            put(self.programs, program, f'exec /usr/bin/{program} -F "{config}" "$@"')

    def follow(self):
        """Does what the page says; yields after each block, with what it printed."""
        for language, text in blocks():
            text = text.replace("https://login.example.org", f"https://{NAME}")
            text = text.replace(STACKS_THERE, str(self.stacks))
            if language == "yaml":
                (self.home / "doorpost.yaml").write_text(text)
                continue
            assert language == "sh", language
            yield text, self.types(text)

    def types(self, text):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120, preexec_fn=self._at_home,
            env={"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(self.home)})
        assert done.returncode == 0, f"{text}\n--- said\n{done.stdout}\n---\n{done.stderr}"
        return done.stdout

    def _at_home(self):
        self.center.machine.inside()
        os.chdir(self.home)


def install(host):
    """What the package leaves on a host."""
    machine = host.machine
    (machine.etc / "doorpost").mkdir(mode=0o755)
    run = machine.directory / "run/doorpost"
    for place in (run, run / "sessions"):
        place.mkdir()
        place.chmod(0o711)
        shutil.chown(place, ACCOUNT, ACCOUNT)
    programs = machine.directory / "bin"
    put(programs, "doorpost", f'exec "{BIN}/doorpost" "$@"')
    put(programs, "systemctl", "exec /usr/sbin/sshd -t")
    machine.run("mount", "--bind", programs, "/usr/local/bin")


def uninstall(host):
    host.machine.run("umount", "/usr/local/bin", check=False)
    for place in (host.machine.etc / "doorpost", host.machine.directory / "run/doorpost"):
        shutil.rmtree(place, ignore_errors=True)
    (host.machine.etc / "ssh/sshd_config.d/doorpost.conf").unlink(missing_ok=True)


@pytest.fixture
def trusted(fleet):
    """The hosts' system trusts the authority of the center's certificate, as of any web server's."""
    digest = subprocess.run(["openssl", "x509", "-noout", "-hash", "-in", fleet.authority.file],
                            capture_output=True, text=True, check=True).stdout.strip()
    installed = [host.machine.etc / f"ssl/certs/{digest}.0" for host in fleet.hosts.values()]
    for place in installed:
        shutil.copy(fleet.authority.file, place)
    yield
    for place in installed:
        place.unlink()


@pytest.fixture
def admin(fleet, center, trusted):
    """Hosts with nothing but the package, and the administrator of their center."""
    stacks = fleet.new_directory("share")
    (stacks / "pam.d").mkdir(parents=True)
    for stack in STACKS.iterdir():
        there = (f"{MODULE} config=/etc/doorpost/doorpost.yaml "
                 f"helper={pathlib.Path(BIN) / 'doorpost-pam'}")
        (stacks / "pam.d" / stack.name).write_text(
            re.sub(r"pam_doorpost\.so", there, stack.read_text()))
    fleet.center.resolve({h.machine.address: n for n, h in fleet.hosts.items()})
    fleet.daemons = {}
    for name, host in fleet.hosts.items():
        host.machine.resolve({fleet.center.address: NAME})
        install(host)
        fleet.daemons[name] = host.sshd("doorpost-only")
        host.machine.services.restore()
    made = Admin(fleet, center, fleet.new_directory("admin"), stacks)
    (made.home / "hosts").write_text("".join(f"{name}\n" for name in fleet.hosts))
    yield made
    for host in fleet.hosts.values():
        uninstall(host)
        host.clear()
    fleet.center.resolve()


def signs_in(host, daemon, mailbox, address, count):
    terminal = daemon.ssh(ALICE)
    terminal.asks_for_code()
    terminal.types(mailbox.code(address, count))
    assert terminal.shell("hostname") == host.name
    return terminal


def test_the_page_is_typed_and_people_sign_in_on_every_host(
        admin, fleet, center, mailbox, alice):
    typed = admin.follow()
    text, listed = next(typed)
    assert "host add" in text and all(name in listed for name in fleet.hosts)
    for host in fleet.hosts.values():
        key = host.machine.etc / "doorpost/host.key"
        assert key.stat().st_mode & 0o777 == 0o640 and key.owner() == "root"
        assert key.group() == ACCOUNT and key.read_text().startswith("dph_")
    text, checked = next(typed)
    assert "config check" in text and checked.count(": right") == len(fleet.hosts)
    text, examined = next(typed)
    assert "doctor" in text and examined.count(f"https://{NAME}") >= len(fleet.hosts)
    terminals = [signs_in(host, fleet.daemons[name], mailbox, alice, count)
                 for count, (name, host) in enumerate(fleet.hosts.items(), 1)]
    assert {s["host"] for s in center.logins()} == set(fleet.hosts)
    # The last block revokes web1.
    text, told = next(typed)
    assert "host revoke web1" in text and "web2" in told and "revoke" in told
    assert {s["host"] for s in center.logins()} == {"web2", "db1"}
    assert not list(typed)
    with fleet.hosts["web1"].pam(ALICE, "sshd", {"rhost": "192.0.2.4"}) as pam:
        assert "assword" in pam.begin("authenticate").prompt()  # no code is mailed
        assert pam.hang_up().result() != Code.SUCCESS
    assert len(mailbox.mails(alice)) == len(terminals)
