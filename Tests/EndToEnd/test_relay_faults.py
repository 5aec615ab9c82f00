"""The mail relay in trouble: what the person sees, what the log says, and that nobody gets in."""

import re
import time

import pytest

from harness.pam import Code, PamHost
from harness.people import ALICE, CAROL

FAULTS = {
    "down": None,
    "refuses-at-greeting": ["--reply", "greeting=554 5.7.1 go away"],
    "temporary-at-rcpt": ["--reply", "rcpt=451 4.7.1 greylisted"],
    "permanent-at-rcpt": ["--reply", "rcpt=550 5.1.1 no such mailbox"],
    "permanent-at-dot": ["--reply", "dot=554 5.6.0 looks like spam"],
    "drops-at-data": ["--drop", "data"],
    "not-smtp": ["--reply", "greeting=SSH-2.0-OpenSSH_9.2"],
}
GUESS = "12345678"


@pytest.fixture
def broken_relay(peer, instance):
    def use(kind):
        if FAULTS[kind] is None:
            instance.use_mail({"transport": "smtp://127.0.0.1:1", "tls": "none"})
            return None
        return peer(*FAULTS[kind])
    return use


def answer_until_told(service, user=ALICE):
    """The code and the messages of a login whose mail fails."""
    with PamHost(service, user) as host:
        prompt = host.begin("authenticate").nothing_typed_while_asked_for_a_code()
        assert prompt is None
        # How often Enter was pressed until then is chance.
        return Code(host.last["code"]), [m for m in host.messages if m[0] != "hidden"]


@pytest.mark.parametrize("kind", FAULTS)
def test_a_relay_that_takes_no_mail_is_told_and_logged_and_lets_nobody_in(
        service, instance, broken_relay, syslog, kind):
    broken_relay(kind)
    mark, began = syslog.mark(), time.monotonic()
    code, messages = answer_until_told(service)
    assert code == Code.AUTHINFO_UNAVAIL
    assert time.monotonic() - began < 30
    assert any(style == "error" and "mail" in text.lower() for style, text in messages)
    for _, text in messages:
        assert "127.0.0.1" not in text and "554" not in text and "550" not in text
    syslog.wait_for(r"mail", mark)
    assert instance.emails[ALICE] not in "\n".join(syslog.lines(mark))
    assert not instance.session_files()


def test_a_stranger_is_told_the_same_when_the_relay_is_down(service, broken_relay):
    broken_relay("down")
    assert answer_until_told(service, CAROL) == answer_until_told(service, ALICE)


def test_the_administrator_sees_what_the_server_said(service, instance, broken_relay):
    broken_relay("permanent-at-rcpt")
    answer_until_told(service)
    assert "no such mailbox" in instance.run("mail", "queue").stdout


def test_a_slow_relay_delays_no_prompt_and_the_code_still_lets_in(
        service, instance, peer, machine):
    server = peer("--slow", "300")
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.asked - host.began < 5
        code = code_heard_by(server)
        machine.secrets.add(code)
        assert host.answer(code).result() == Code.SUCCESS


def code_heard_by(server, seconds=30):
    deadline = time.monotonic() + seconds
    pattern = re.compile(rb"code:\r?\n\r?\n +(\d{4} ?\d{4})\r?\n")
    while not (match := pattern.search(server.heard())):
        assert time.monotonic() < deadline, server.heard()
        time.sleep(0.02)
    return match[1].decode().replace(" ", "")


@pytest.mark.slow
def test_a_relay_that_says_nothing_for_twenty_seconds_holds_nobody_up(
        service, instance, peer, machine):
    peer("--silent", "greeting")
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.asked - host.began < 1
        began = time.monotonic()
        host.answer(GUESS)
        host.prompt(seconds=5)  # wrong, asked again: nobody waits for the mail
        assert time.monotonic() - began < 5
        assert host.hang_up().result() in (Code.CONV_ERR, Code.AUTHINFO_UNAVAIL)
    assert not instance.session_files()


TLS_FAULTS = {
    "expired": ["--tls", "starttls", "--certificate", "expired"],
    "wrong-host": ["--tls", "starttls", "--certificate", "wrong-host"],
    "self-signed": ["--tls", "starttls", "--certificate", "self-signed"],
    "no-starttls": ["--tls", "none"],
    "starttls-refused": ["--tls", "starttls", "--reply", "starttls=454 4.7.0 not now"],
}


@pytest.mark.parametrize("kind", TLS_FAULTS)
def test_a_relay_whose_tls_is_wrong_gets_no_code_and_nobody_in(
        service, instance, peer, syslog, kind):
    server = peer(*TLS_FAULTS[kind], tls="required")
    mark = syslog.mark()
    code, _ = answer_until_told(service)
    assert code == Code.AUTHINFO_UNAVAIL
    syslog.wait_for(r"(?i)tls|certificate|ssl|starttls", mark)
    heard = server.heard()
    assert b"MAIL FROM" not in heard and b"sign-in" not in heard.lower()


def test_a_mail_that_failed_goes_out_with_the_same_code_once_the_relay_is_back(
        service, instance, relay, broken_relay, mailbox):
    broken_relay("temporary-at-rcpt")
    answer_until_told(service)
    instance.use_mail(relay.settings)
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.answer(mailbox.code(instance.emails[ALICE])).result() == Code.SUCCESS
    assert len(mailbox.mails(instance.emails[ALICE])) == 1


def test_a_mail_is_delivered_though_its_login_was_given_up_at_once(
        service, instance, mailbox):
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.hang_up().result() == Code.CONV_ERR
    code = mailbox.code(instance.emails[ALICE])
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.answer(code).result() == Code.SUCCESS
    assert len(mailbox.mails(instance.emails[ALICE])) == 1
