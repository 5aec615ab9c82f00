"""Run as root with `run_as`: nothing that root makes stays root's."""

import os
import pwd
import subprocess

import pytest
from conftest import BINARY, doorpost

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def service(instance):
    """An instance as a package installs it: configuration root's, all else the account's."""
    account = pwd.getpwnam("nobody")
    instance.edit("# run_as: doorpost", "run_as: nobody")
    for top, directories, files in os.walk(instance.path):
        for name in directories + files:
            os.chown(os.path.join(top, name), account.pw_uid, account.pw_gid)
    os.chown(instance.path, account.pw_uid, account.pw_gid)
    os.chown(instance.config, 0, account.pw_gid)
    os.chmod(instance.config, 0o640)
    return instance


def owners(instance):
    return {
        os.path.join(top, name): os.stat(os.path.join(top, name)).st_uid
        for top, directories, files in os.walk(instance.path) for name in directories + files
        if name != "doorpost.yaml"
    }


def test_no_file_of_roots_is_left(service):
    for suffix in (".lock", "-wal", "-shm", ""):
        try:
            os.unlink(f"{service.path}/doorpost.db{suffix}")
        except FileNotFoundError:
            pass
    for words in (("user", "add", "a@example.org"), ("user", "list"), ("audit",), ("key", "rotate"),
                  ("mail", "test", "a@example.org"), ("doctor",), ("store", "migrate"),
                  ("session", "list"), ("mail", "queue")):
        result = service(*words)
        assert result.code in (0, 1), result
    assert set(owners(service).values()) == {pwd.getpwnam("nobody").pw_uid}, owners(service)


def test_key_init_for_an_installed_configuration(service):
    keys = service.path / "keys"
    for path in keys.iterdir():
        path.unlink()
    keys.rmdir()
    assert service("key", "init").code == 0
    assert set(owners(service).values()) == {pwd.getpwnam("nobody").pw_uid}


def test_an_account_that_is_not_there_is_78(service):
    service.edit("run_as: nobody", "run_as: no-such-account")
    result = service("user", "list")
    assert result.code == 78 and "there is no account 'no-such-account'" in result.err


def test_a_configuration_of_somebody_else_is_78(service):
    os.chown(service.config, pwd.getpwnam("nobody").pw_uid, -1)
    result = service("user", "list")
    assert result.code == 78 and "must belong to root" in result.err


@pytest.mark.parametrize("text", [None, "# issuer: https://login.example.org\nmail: {}\n"])
def test_a_stack_that_asks_for_codes_nobody_gets_is_said(service, text):
    """As when the profile is switched on before doorpost.yaml is written."""
    config, stacks = service.path / "machine.yaml", service.path / "pam.d"
    if text:
        config.write_text(text)
    stacks.mkdir()
    (stacks / "common-auth").write_text(
        f"auth [success=end default=die] pam_doorpost.so config={config}\n"
        "auth required pam_unix.so\n")
    done = subprocess.run(
        ["unshare", "-m", "--propagation", "private", "sh", "-ec",
         'mount --bind "$0" /etc/pam.d; exec "$@"', stacks, BINARY, "doctor", "--config",
         service.config], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done
    assert f"common-auth asks for codes that nobody gets, and locks people out: {config}" \
        in done.stdout
    assert "pam-auth-update --disable doorpost" in done.stdout


def test_who_did_it_is_who_was_root(service):
    service("user", "add", "a@example.org", env={"SUDO_USER": "alice"})
    [record] = service("audit", "--json").json
    assert record["detail"].endswith("by root (sudo alice)")
