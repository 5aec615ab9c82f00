"""Codes, tokens, keys and passwords stay where they belong."""

import pathlib
import pwd
import re

import pytest

from harness import processes
from harness.mailbox import other_than
from harness.pam import Code, PamHost
from harness.people import ALICE, PASSWORDS, SERVICE_USER


def of_helpers(pid):
    """What any process of this machine could show about the helpers below `pid`."""
    names = ("cmdline", "environ", "comm", "status", "stat", "maps", "mountinfo")
    views = [processes.look(helper, lambda process, name=name: process.joinpath(name).read_bytes())
             for helper in processes.helpers(pid) for name in names]
    return b"".join(view for view in views if view)


def test_the_command_line_and_environment_of_the_helper_say_nothing(
        service, instance, mailbox, machine):
    with PamHost(service, ALICE, items={"rhost": "192.0.2.77"}) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[ALICE])
        seen = of_helpers(host.pid)
        assert b"doorpost-pam" in seen
        for secret in (code, ALICE, instance.emails[ALICE], "192.0.2.77"):
            assert secret.encode() not in seen
        host.answer(other_than(code)).prompt()
        assert other_than(code).encode() not in of_helpers(host.pid)
        assert host.answer(code).result() == Code.SUCCESS


def standing_of(process):
    """What a process may do, and whose its files in /proc are."""
    status = dict(line.split(":\t", 1)
                  for line in process.joinpath("status").read_text().splitlines())
    return status, process.joinpath("limits").read_text(), process.joinpath("mem").stat().st_uid


def test_the_helper_runs_as_its_own_user_and_nobody_may_look_into_it(
        service, instance, mailbox):
    account = pwd.getpwnam(SERVICE_USER)
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        seen = [processes.look(helper, standing_of) for helper in processes.helpers(host.pid)]
        assert any(seen)
        for status, limits, owner in filter(None, seen):
            assert status["Uid"].split() == [str(account.pw_uid)] * 4
            assert status["Gid"].split() == [str(account.pw_gid)] * 4
            assert status["Groups"].split() in ([], [str(account.pw_gid)])
            allowed = 1 << 0  # CAP_CHOWN, for the session file
            for kind in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
                assert int(status[kind], 16) & ~allowed == 0, kind
            assert status["NoNewPrivs"] == "1"
            assert re.search(r"Max core file size +0 +0", limits)
            # Not dumpable: its files in /proc are root's, so its own account cannot look in.
            assert owner == 0


def test_a_password_typed_for_a_code_is_not_logged(service, instance, syslog):
    mark = syslog.mark()
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        host.answer(PASSWORDS[ALICE]).prompt()
    assert PASSWORDS[ALICE].encode() not in syslog.raw(mark)
    audit = instance.run("audit", "--json").stdout
    assert PASSWORDS[ALICE] not in audit


def test_the_store_holds_no_code_and_no_token(service, instance, mailbox, machine):
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[ALICE])
        files = lambda: b"".join(  # noqa: E731
            p.read_bytes() for p in instance.store.parent.glob(instance.store.name + "*"))
        assert code.encode() not in files()
        assert f"{code[:4]} {code[4:]}".encode() not in files()
        assert host.answer(code).result() == Code.SUCCESS
    token = instance.session_files()[0].read_text().strip()
    assert token.split(".")[2].encode() not in files()


def test_the_most_talkative_module_tells_no_secret(services, instance, mailbox, syslog):
    services.write("doorpost-e2e", instance.line("debug"))
    mark = syslog.mark()
    with PamHost("doorpost-e2e", ALICE) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[ALICE])
        host.answer(other_than(code)).prompt()
        assert host.answer(code).result() == Code.SUCCESS
        token = pathlib.Path(host.environment()["DOORPOST_SESSION_FILE"]).read_text().strip()
        said = " ".join(text for _, text in host.messages)
    raw = syslog.raw(mark)
    for secret in (code, other_than(code), token, token.split(".")[2]):
        assert secret.encode() not in raw and secret not in said


def test_log_lines_go_to_authpriv(service, instance, mailbox, syslog):
    mark = syslog.mark()
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        host.answer(other_than(mailbox.code(instance.emails[ALICE]))).prompt()
    priority, _ = syslog.wait_for("pam_doorpost", mark)
    assert priority >> 3 == 10, "LOG_AUTHPRIV"


def test_only_the_module_writes_to_the_systems_log(service, instance, mailbox, syslog):
    """What a library of the helper's logs by itself goes to the wrong place, unescaped."""
    mark = syslog.mark()
    for _ in range(5):
        with PamHost(service, ALICE) as host:
            host.begin("authenticate").prompt()
            host.answer("").prompt()
    strays = [line for line in syslog.lines(mark) if "doorpost-pam:" in line]
    assert strays == [], strays


@pytest.mark.last
def test_no_code_and_no_token_of_the_whole_run_stands_in_any_log(
        service, instance, mailbox, machine, relay):
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.answer(mailbox.code(instance.emails[ALICE])).result() == Code.SUCCESS
    machine.secrets.update(p.read_text().strip() for p in instance.session_files())
    logs = {"syslog": machine.syslog.raw(), "sshd": "\n".join(machine.sshd_logs).encode(),
            "relay": pathlib.Path(relay.told["log"]).read_bytes()}
    for log in pathlib.Path("/var/log").rglob("*"):
        if log.is_file():
            logs[str(log)] = log.read_bytes()
    assert len(machine.secrets) >= 2
    for name, text in logs.items():
        # Eight digits may be a part of a longer number that is none of ours.
        words = set(re.findall(rb"(?<![0-9A-Fa-f.])[0-9]{6,}(?![0-9A-Fa-f])", text))
        for secret in map(str.encode, machine.secrets):
            found = secret in words if secret.isdigit() else secret in text
            assert not found, f"a secret stands in {name}"
