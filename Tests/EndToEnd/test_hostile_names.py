"""Names and places that somebody chose to hurt us with."""

import pexpect
import pytest

from harness.pam import Code, PamHost
from harness.mailbox import text_of
from harness.people import ALICE, BOB
from harness.terminal import CODE

HOSTILE = {
    "path": "../x", "slashes": "a/b", "absolute": "/etc/passwd", "option": "-froot",
    "long-option": "--config=/tmp/evil", "ten-kilobytes": "x" * 10_240, "spaces": "a b",
    "escape": "\x1b]0;owned\x07", "newline": f"{ALICE}\nroot", "carriage": f"x\r{ALICE}",
    "del": "x\x7f", "bad-utf8": b"\xff\xfe\x80abc", "overlong-utf8": b"\xc0\xaf\xc1\xbf",
    "bidi": "x\u202e\u2066y", "format": "%n%s%n%x%s", "quotes": "'; DROP TABLE users; --",
    "percent": f"{ALICE}%00", "upper": ALICE.upper(), "realm": f"{ALICE}@example.org",
    "space-after": f"{ALICE} ", "dot": ".", "dots": "..", "star": "*", "json": '{"a":1}',
    "wide": "\uff44\uff50\uff45", "wildcard": f"{ALICE[:-1]}_", "number": "0", "shell": "$(id)"}


def denied(service, user, items=None):
    with PamHost(service, user, items=items) as host:
        host.begin("authenticate")
        for _ in range(3):
            if len(user) > 255:
                break
            assert "code" in host.prompt().lower()
            host.answer("12345678")
        return host.result(), host.messages


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_user_name_is_a_stranger_like_any_other(
        service, instance, mailbox, syslog, name):
    mark = syslog.mark()
    code, messages = denied(service, name)
    assert code == Code.AUTH_ERR
    assert not mailbox.mails("") and not instance.session_files()
    assert not list(instance.sessions.parent.glob("x*"))
    # Never in a prompt, and harmless in the log.
    if isinstance(name, str) and len(name) > 3:
        assert all(name not in text for _, text in messages)
    for line in map(str.rstrip, syslog.lines(mark)):
        assert not set(line) & set("\x1b\x07\x7f\r\n\u202e\u2066"), line


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("item", ["rhost", "tty", "ruser"])
def test_a_hostile_place_changes_nothing_for_a_member(
        service, instance, mailbox, syslog, item, name):
    if item == "tty" and isinstance(name, bytes):
        name = name[:255]
    mark = syslog.mark()
    with PamHost(service, ALICE, items={item: name}) as host:
        prompt = host.begin("authenticate").prompt()
        assert "evil" not in prompt and "owned" not in prompt
        result = host.answer(mailbox.code(instance.emails[ALICE])).result()
        if len(name) > 4096:  # beyond what libpam can report to the kernel's audit log
            assert result in (Code.SUCCESS, Code.SYSTEM_ERR)
            return
        assert result == Code.SUCCESS
        assert host.call("close_session") == Code.SUCCESS
    assert b"\x1b" not in syslog.raw(mark)
    assert len(mailbox.mails("")) == 1
    body = text_of(mailbox.wait(instance.emails[ALICE]))
    assert "\x1b" not in body and "\u202e" not in body


def test_a_hostile_place_cannot_add_to_the_mail(service, instance, mailbox):
    lure = "192.0.2.1\n\nYour code is void. Go to http://evil.example/"
    with PamHost(service, ALICE, items={"rhost": lure}) as host:
        host.begin("authenticate").prompt()
        message = mailbox.wait(instance.emails[ALICE])
    assert "\nYour code is void" not in text_of(message)
    assert len(message.keys()) == len(set(message.keys()))
    assert not message.is_multipart() or len(list(message.iter_parts())) <= 2


@pytest.mark.parametrize("name", ["path", "option", "ten-kilobytes", "escape", "bad-utf8",
                                  "format", "bidi", "upper", "quotes"])
def test_a_hostile_user_name_over_ssh_is_refused_like_any_other(sshd, instance, mailbox, name):
    value = HOSTILE[name]
    value = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
    server = sshd(MaxAuthTries=1)
    terminal = server.ssh(value[:900], "id", options=["NumberOfPasswordPrompts=1"])
    assert ends_denied(terminal) == 255
    assert "Accepted" not in server.log and not mailbox.mails("")
    again = server.ssh(BOB, "id", options=["NumberOfPasswordPrompts=1"])
    again.asks_for_code()


def ends_denied(terminal):
    while terminal.expect([CODE, pexpect.EOF]) == 0:
        terminal.types("12345678")
    terminal.wait()
    return terminal.exitstatus


@pytest.mark.parametrize("answer", [
    b"", b" ", b"-" * 8, b"\xff" * 8, b"1" * 64, b"1" * 65, b"1" * 511, b"A" * 100_000,
    "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668".encode(), b"12345678\n", b"%n%n%n%n",
    b"\b\n\r\x7fINCORRECT", b"'; DELETE FROM challenges; --", b"\x00", b"1234567", b"123456789"],
    ids=lambda a: repr(a[:16]))
def test_an_odd_answer_is_a_wrong_answer_or_none(service, instance, mailbox, answer):
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        host.answer(answer).prompt()
        assert host.answer(mailbox.code(instance.emails[ALICE])).result() == Code.SUCCESS


def test_a_code_with_something_after_it_is_wrong(service, instance, mailbox):
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[ALICE])
        host.answer(code + "0").prompt()
        host.answer(code[:-1]).prompt()
        assert host.answer(code).result() == Code.SUCCESS
