"""util-linux login(1) on a terminal: the console."""

import json
import os
import re

import pexpect
import pytest

from harness import processes
from harness.instance import host_service
from harness.mailbox import other_than
from harness.people import ALICE, BOB, CAROL, PASSWORDS
from harness.terminal import CODE, PASSWORD, Terminal


@pytest.fixture
def console(services, instance, request):
    """Starts login with the stack for the console, as getty does once it has a name."""
    def start(name=None, auth="doorpost-console", text=None):
        services.write("login", text or host_service(instance, "login", auth))
        return Terminal("/usr/bin/login", ["--", name] if name else [])

    return start


def signs_in(terminal, mailbox, address, count=1):
    terminal.asks_for_code()
    terminal.types(mailbox.code(address, count))


def test_login_lets_in_with_the_mailed_code(console, instance, mailbox):
    terminal = console(ALICE)
    signs_in(terminal, mailbox, instance.emails[ALICE])
    assert terminal.shell("id -un") == ALICE
    terminal.types("exit")
    assert terminal.ends() == 0


def test_the_session_file_lives_from_login_to_logout(console, instance, mailbox, machine):
    terminal = console(ALICE)
    signs_in(terminal, mailbox, instance.emails[ALICE])
    named = terminal.shell("echo $DOORPOST_SESSION_FILE")
    assert [named] == [str(f) for f in instance.session_files()]
    token = terminal.shell("cat $DOORPOST_SESSION_FILE")
    machine.secrets.add(token)
    assert token.count(".") == 2
    claims = json.loads(instance.run("token", "verify", "-", text_in=token).stdout)
    assert claims["preferred_username"] == ALICE and claims["service"] == "login"
    assert claims["tty"] and claims["rhost"] == ""
    terminal.types("exit")
    assert terminal.ends() == 0
    assert not instance.session_files()


def test_root_logs_in_by_password_and_is_never_asked_for_a_code(console):
    terminal = console("root")
    assert "code" not in terminal.sees(PASSWORD).lower()
    terminal.types(PASSWORDS["root"])
    assert terminal.shell("id -un") == "root"
    terminal.types("exit")
    assert terminal.ends() == 0


@pytest.mark.parametrize("broken", ["configuration", "option", "helper", "store", "keys"])
def test_root_logs_in_by_password_whatever_is_broken(console, services, instance, broken):
    text = host_service(instance, "login", "doorpost-console")
    if broken == "configuration":
        instance.config.write_text("{{{ no: yaml")
    elif broken == "option":
        text = text.replace("config=", "confgi=")
    elif broken == "helper":
        text = text.replace("doorpost-pam", "no-such-helper")
    elif broken == "store":
        instance.store.write_bytes(b"nonsense" * 4096)
    else:
        os.rename(instance.keys, f"{instance.keys}-gone")
    terminal = console("root", text=text)
    terminal.sees(PASSWORD)
    terminal.types(PASSWORDS["root"])
    assert terminal.shell("id -un") == "root"
    terminal.types("exit")
    assert terminal.ends() == 0


def test_who_is_not_in_the_pool_is_asked_for_the_password_alone(console, instance, mailbox):
    terminal = console(CAROL)
    assert "code" not in terminal.sees(PASSWORD).lower()
    terminal.types(PASSWORDS[CAROL])
    assert terminal.shell("id -un") == CAROL
    assert not mailbox.mails("")


def test_the_user_may_change_between_tries_and_nobody_gets_in_as_another(
        console, instance, mailbox):
    terminal = console(ALICE)
    terminal.asks_for_code()
    code = mailbox.code(instance.emails[ALICE])
    for _ in range(2):
        terminal.types(other_than(code))
        terminal.asks_for_code()
    terminal.types(other_than(code))
    terminal.sees(r"login: ?$")
    terminal.types(BOB)
    terminal.asks_for_code()
    terminal.types(code)  # Alice's
    terminal.asks_for_code()
    terminal.types(mailbox.code(instance.emails[BOB]))
    assert terminal.shell("id -un") == BOB
    files = instance.session_files()
    assert [f.parent.name for f in files] == [str(os.stat(f"/home/{BOB}").st_uid)]


@pytest.mark.parametrize("key", ["eof", "interrupt"])
def test_leaving_at_the_prompt_lets_nobody_in(console, instance, mailbox, key):
    terminal = console(ALICE)
    terminal.asks_for_code()
    helpers = processes.helpers(terminal.pid)
    if key == "eof":
        terminal.sendeof()
    else:
        terminal.sendintr()
    seen = terminal.expect([pexpect.EOF, r"login: ?$", CODE], timeout=20)
    terminal.abandon() if seen else terminal.wait()
    assert processes.wait_gone(helpers)
    assert not instance.session_files()


def test_a_login_that_timed_out_goes_on_with_the_same_code(console, instance, mailbox):
    """login(1) gives a login LOGIN_TIMEOUT seconds; a mail often takes longer."""
    defs = open("/etc/login.defs").read()
    short = re.sub(r"(?m)^LOGIN_TIMEOUT.*$", "LOGIN_TIMEOUT 2", defs)
    try:
        open("/etc/login.defs", "w").write(short)
        terminal = console(ALICE)
        terminal.asks_for_code()
        helpers = processes.helpers(terminal.pid)
        terminal.expect(pexpect.EOF, timeout=20)
        terminal.wait()
        assert processes.wait_gone(helpers)
    finally:
        open("/etc/login.defs", "w").write(defs)
    again = console(ALICE)
    signs_in(again, mailbox, instance.emails[ALICE])
    assert again.shell("id -un") == ALICE
    assert len(mailbox.mails(instance.emails[ALICE])) == 1


def test_an_odd_locale_changes_nothing(services, instance, mailbox):
    services.write("login", host_service(instance, "login", "doorpost-console"))
    terminal = Terminal("/usr/bin/login", ["--", ALICE], env={
        "LC_ALL": "xx_YY.broken", "LANG": "tr_TR.UTF-8", "TZ": ":/etc/shadow", "TERM": "dumb"})
    terminal.asks_for_code()
    terminal.types(mailbox.code(instance.emails[ALICE]))
    assert terminal.shell("id -un") == ALICE
    terminal.abandon()
