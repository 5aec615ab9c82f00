"""su and sudo: setuid programs that start with whatever their caller prepared."""

import os
import pathlib

import pytest

from harness import processes
from harness.instance import host_service
from harness.mailbox import other_than, text_of
from harness.people import ALICE, BOB, CAROL
from harness.terminal import Terminal, as_user

HOSTILE = {
    "LD_PRELOAD": "/tmp/evil.so", "LD_LIBRARY_PATH": "/tmp", "LD_AUDIT": "/tmp/evil.so",
    "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9", "SSL_CERT_FILE": "/tmp/evil.pem",
    "SSL_CERT_DIR": "/tmp", "CURL_CA_BUNDLE": "/tmp/evil.pem", "OPENSSL_CONF": "/tmp/evil.cnf",
    "TZ": "../../etc/shadow", "TMPDIR": "/nonexistent", "HOME": "/tmp", "LOCALDOMAIN": "evil",
    "RES_OPTIONS": "debug", "HOSTALIASES": "/tmp/evil", "SWIFT_BACKTRACE": "enable=yes",
    "SWIFT_DEBUG_HELP": "YES", "MALLOC_CHECK_": "3", "MALLOC_TRACE": "/tmp/evil",
    "LC_ALL": "../../../tmp/evil", "LANG": "\udcff", "NLSPATH": "/tmp/%N", "GCONV_PATH": "/tmp",
    "DOORPOST_SESSION_FILE": "/etc/shadow", "DOORPOST_CONFIG": "/tmp/evil.yaml",
    "PATH": "/usr/bin:/bin", "TERM": "dumb"}


@pytest.fixture
def su(services, instance):
    def start(caller, *arguments, auth="doorpost-only", **options):
        services.write("su", host_service(instance, "su", auth))
        return Terminal("/usr/bin/su", arguments, preexec_fn=as_user(caller), **options)
    return start


@pytest.fixture
def sudo(services, instance):
    rules = pathlib.Path("/etc/sudoers.d/doorpost-e2e")
    rules.write_text(f"{ALICE} ALL=(ALL) ALL\n{BOB} ALL=(ALL) ALL\nDefaults !lecture\n"
                     "Defaults timestamp_timeout=0\n")
    rules.chmod(0o440)

    def start(caller, *arguments, auth="doorpost-only", **options):
        services.write("sudo", host_service(instance, "sudo", auth))
        return Terminal("/usr/bin/sudo", arguments, preexec_fn=as_user(caller), **options)

    yield start
    rules.unlink()


def test_su_lets_in_with_the_code_of_whom_one_becomes(su, instance, mailbox):
    terminal = su(CAROL, "-", ALICE, "-c", "id -un; echo file=$DOORPOST_SESSION_FILE")
    terminal.asks_for_code()
    terminal.types(mailbox.code(instance.emails[ALICE]))
    terminal.sees(rf"{ALICE}\r\n")
    assert terminal.ends() == 0
    assert not instance.session_files()


def test_su_denies_after_three_wrong_codes(su, instance, mailbox):
    terminal = su(CAROL, ALICE, "-c", "id -un")
    terminal.asks_for_code()
    wrong = other_than(mailbox.code(instance.emails[ALICE]))
    for _ in range(2):
        terminal.types(wrong)
        terminal.asks_for_code()
    terminal.types(wrong)
    assert terminal.ends() == 1
    assert "uthentication failure" in terminal.transcript


def test_sudo_lets_in_with_the_code_of_who_asks(sudo, instance, mailbox):
    terminal = sudo(ALICE, "id", "-un")
    terminal.asks_for_code()
    terminal.types(mailbox.code(instance.emails[ALICE]))
    terminal.sees(r"root\r\n")
    assert terminal.ends() == 0


def test_the_session_of_a_sudo_ends_with_its_command(sudo, instance, mailbox):
    """sudo closes the session as the user it became: PAM_USER is root then, not who asked."""
    terminal = sudo(ALICE, "id", "-un")
    terminal.asks_for_code()
    terminal.types(mailbox.code(instance.emails[ALICE]))
    terminal.sees(r"root\r\n")
    assert terminal.ends() == 0
    assert not instance.session_files()


def test_a_code_for_ssh_is_refused_by_sudo(sudo, sshd, instance, mailbox):
    instance.configure({"code": {"resend_after": "0s"}})
    ssh = sshd().ssh(ALICE, "id -un")
    ssh.asks_for_code()
    for_ssh = mailbox.code(instance.emails[ALICE])
    terminal = sudo(ALICE, "id", "-un")
    terminal.asks_for_code()
    terminal.types(for_ssh)
    terminal.asks_for_code()
    terminal.types(mailbox.code(instance.emails[ALICE], 2))
    terminal.sees(r"root\r\n")
    assert terminal.ends() == 0
    ssh.types(for_ssh)  # the wrong door cost it nothing
    ssh.sees(rf"{ALICE}\r\n")


def test_the_mail_says_what_the_code_is_for(sudo, instance, mailbox):
    terminal = sudo(ALICE, "id")
    terminal.asks_for_code()
    body = text_of(mailbox.wait(instance.emails[ALICE]))
    assert "sudo" in body and os.uname().nodename in body


def world_of(process):
    """Environment, mappings and open files of a process."""
    return (process.joinpath("environ").read_bytes(), process.joinpath("maps").read_text(),
            [os.readlink(fd) for fd in process.joinpath("fd").iterdir()])


@pytest.mark.parametrize("program", ["su", "sudo"])
def test_nothing_of_the_callers_world_reaches_the_helper(
        su, sudo, program, instance, mailbox, syslog):
    evil = pathlib.Path("/tmp/evil.cnf")
    descriptors = [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]
    secret = os.memfd_create("of-the-caller", 0)
    for fd in [*descriptors, secret]:
        os.set_inheritable(fd, True)
    mark = syslog.mark()
    try:
        terminal = (su(CAROL, ALICE, "-c", "id -un", env=HOSTILE) if program == "su"
                    else sudo(ALICE, "id", "-un", env=HOSTILE))
        terminal.asks_for_code()
        # The courier ends when the mail is out; the helper that asks stays.
        seen = [processes.look(pid, world_of) for pid in processes.helpers(terminal.pid)]
        assert any(seen)
        for environment, maps, targets in filter(None, seen):
            assert environment == b""
            assert "evil" not in maps
            assert not [t for t in targets if "of-the-caller" in t]
            assert len(targets) < 40
        terminal.types(mailbox.code(instance.emails[ALICE]))
        terminal.sees(r"root\r\n" if program == "sudo" else rf"{ALICE}\r\n")
        assert terminal.ends() == 0
    finally:
        for fd in [*descriptors, secret]:
            os.close(fd)
    assert not evil.exists()
    assert b"evil" not in syslog.raw(mark).replace(b"TTY", b"")


def test_sudo_without_a_standard_error_lets_in_all_the_same(sudo, instance, mailbox):
    """Descriptor 2 is closed: nothing of ours may land there and be written to."""
    sudo(ALICE, "--version").ends()
    become = as_user(ALICE)

    def bare():
        become()
        os.close(2)

    terminal = Terminal("/usr/bin/sudo", ["id", "-un"], preexec_fn=bare)
    terminal.asks_for_code()
    terminal.types(mailbox.code(instance.emails[ALICE]))
    terminal.sees(r"root\r\n")
    assert terminal.ends() == 0
