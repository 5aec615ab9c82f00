"""What the helper and its courier ask of the kernel during logins, held against the server's unit.

No unit confines the helper: it is a child of sshd, login or sudo. This keeps it fit for one.
"""

import json
import os
import subprocess
import time

import pytest

from harness import processes
from harness.instance import REPOSITORY
from harness.mailbox import other_than
from harness.pam import Code, PamHost
from harness.people import ALICE, BOB, CAROL

CHECKER = REPOSITORY / "scripts/check-syscalls"
# strace becomes neither the helper's parent nor its heir; -o keeps it off the helper's files.
WRAPPER = """\
#!/bin/sh
exec /usr/bin/strace -D -f -qq -s 32 -e signal=none -o {log}.$$ -- {helper} "$@"
"""
# What a server that systemd starts as its user has no need of: it becomes run_as, keeps CAP_CHOWN
# alone, sees that there is no way back, and gives the session file to its owner.
OF_ROOT = {"setgroups", "setresuid", "setuid", "capset", "fchown"}


@pytest.fixture
def traced(machine, services, instance):
    """Puts the traced helper into the service; `traced()` is what check-syscalls finds, once all
    helpers and couriers are gone."""
    place = machine.new_directory("trace")
    place.mkdir()
    wrapper = place / "doorpost-pam"
    wrapper.write_text(WRAPPER.format(log=place / "log", helper=instance.helper))
    wrapper.chmod(0o755)
    services.write("doorpost-e2e", instance.line(helper=wrapper))

    def running():
        return [pid for pid in processes.descendants(os.getpid())
                if any(os.fsencode(place / "log") in word for word in processes.command_line(pid))]

    def found():
        end = time.monotonic() + 60
        while running():
            assert time.monotonic() < end, "a courier does not end"
            time.sleep(0.05)
            processes.reap_orphans()
        logs = [word for log in place.glob("log.*") for word in ("--log", log)]
        done = subprocess.run([CHECKER, *logs, "--report", place / "report"],
                              capture_output=True, text=True, timeout=60)
        assert (place / "report").exists(), done.stderr
        return json.loads((place / "report").read_text())

    return found


def a_login(mailbox, instance):
    """All operations, with a wrong code before the right one and a mail through a real relay."""
    with PamHost("doorpost-e2e", ALICE, items={"rhost": "192.0.2.7"}) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[ALICE])
        host.answer(other_than(code)).prompt()
        assert host.answer(code).result() == Code.SUCCESS
        for call in ("acct_mgmt", "setcred", "open_session", "close_session"):
            assert host.call(call) == Code.SUCCESS, call


def a_login_that_fails(user):
    with PamHost("doorpost-e2e", user) as host:
        host.begin("authenticate")
        for _ in range(3):
            host.prompt()
            host.answer("00000000")
        assert host.result() in (Code.MAXTRIES, Code.AUTH_ERR)


def a_login_without_a_relay(instance):
    instance.use_mail({"transport": "smtp://localhost:1", "tls": "none"})
    with PamHost("doorpost-e2e", BOB) as host:
        assert host.begin("authenticate").nothing_typed_while_asked_for_a_code() is None
        assert host.last["code"] == Code.AUTHINFO_UNAVAIL


def test_the_units_filter_would_let_the_helper_and_its_courier_do_all_but_drop_roots_rights(
        traced, instance, mailbox):
    a_login(mailbox, instance)
    a_login_that_fails(ALICE)
    a_login_that_fails(CAROL)
    a_login_without_a_relay(instance)
    found = traced()
    assert found["refused"].keys() == OF_ROOT
    # It has really been watched: store, session file, courier, relay.
    assert {"flock", "fdatasync", "renameat", "connect", "sendto"} <= found["calls"].keys()
