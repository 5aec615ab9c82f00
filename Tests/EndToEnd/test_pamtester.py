"""pamtester, as a sysadmin runs it to try a stack."""

import pytest

from harness.mailbox import other_than
from harness.people import ALICE, CAROL
from harness.terminal import Terminal


def pamtester(service, user, *operations, options=()):
    return Terminal("pamtester", [*options, service, user, *operations])


def test_pamtester_signs_in_and_runs_a_session(service, instance, mailbox):
    terminal = pamtester(service, ALICE, "authenticate", "acct_mgmt", "setcred(PAM_ESTABLISH_CRED)",
                         "open_session", "close_session")
    terminal.asks_for_code()
    terminal.types(mailbox.code(instance.emails[ALICE]))
    for said in ("successfully authenticated", "account management done",
                 "credential info has successfully been set", "successfully opened",
                 "session has successfully been closed"):
        terminal.sees(said)
    assert terminal.ends() == 0
    assert not instance.session_files()


def test_the_code_is_hidden_while_it_is_typed_and_shown_where_echo_is_on(
        services, instance, mailbox):
    shown = {}
    for option in ("echo=off", "echo=on"):
        services.write("doorpost-e2e", instance.line(option))
        terminal = pamtester("doorpost-e2e", ALICE, "authenticate")
        terminal.asks_for_code()
        typed = other_than(mailbox.code(instance.emails[ALICE]))
        terminal.types(typed)
        terminal.asks_for_code()
        shown[option] = typed in terminal.transcript
        terminal.abandon()
    assert shown == {"echo=off": False, "echo=on": True}


def test_pamtester_says_why_it_failed(service, instance, mailbox):
    terminal = pamtester(service, ALICE, "authenticate")
    terminal.asks_for_code()
    wrong = other_than(mailbox.code(instance.emails[ALICE]))
    for _ in range(2):
        terminal.types(wrong)
        terminal.asks_for_code()
    terminal.types(wrong)
    assert terminal.ends() == 1
    assert "exhausted maximum number of retries" in terminal.transcript.lower()


def test_an_empty_answer_is_asked_again_and_not_counted(service, instance, mailbox):
    terminal = pamtester(service, ALICE, "authenticate")
    terminal.asks_for_code()
    for _ in range(6):
        terminal.types("")
        terminal.asks_for_code()
    terminal.types(mailbox.code(instance.emails[ALICE]))
    terminal.sees("successfully authenticated")


def test_end_of_file_at_the_prompt_is_no_answer(service, instance, mailbox):
    terminal = pamtester(service, ALICE, "authenticate")
    terminal.asks_for_code()
    terminal.sendeof()
    assert terminal.ends() == 1
    assert not instance.session_files()


def test_a_second_try_from_the_same_place_goes_on_with_the_same_code(
        service, instance, mailbox):
    place = ("-I", "rhost=192.0.2.5")
    first = pamtester(service, ALICE, "authenticate", options=place)
    first.asks_for_code()
    code = mailbox.code(instance.emails[ALICE])
    first.abandon()
    second = pamtester(service, ALICE, "authenticate", options=place)
    second.asks_for_code()
    second.types(code)
    second.sees("successfully authenticated")
    assert len(mailbox.mails()) == 1


def test_a_try_from_elsewhere_gets_a_code_of_its_own(service, instance, mailbox):
    instance.configure({"code": {"resend_after": "0s"}})
    first = pamtester(service, ALICE, "authenticate", options=("-I", "rhost=192.0.2.5"))
    first.asks_for_code()
    code = mailbox.code(instance.emails[ALICE])
    second = pamtester(service, ALICE, "authenticate", options=("-I", "rhost=198.51.100.5"))
    second.asks_for_code()
    mailbox.code(instance.emails[ALICE], 2)
    second.types(code)
    second.asks_for_code()


@pytest.mark.parametrize("option", ["nullok", "config", "timeout=0", "timeout=x", "echo=maybe",
                                    "helper=relative", "debug=1", "unenrolled=deny"])
def test_an_unknown_or_bad_option_denies_and_is_logged(
        services, instance, mailbox, syslog, option):
    mark = syslog.mark()
    services.write("doorpost-e2e", instance.line(option))
    terminal = pamtester("doorpost-e2e", ALICE, "authenticate")
    assert terminal.ends() == 1
    assert "uthenticated" not in terminal.transcript
    syslog.wait_for(f"unknown or bad option: {option}", mark)
    assert not mailbox.mails()


def test_unenrolled_users_are_passed_by_only_where_it_is_asked_for(services, instance, mailbox):
    services.write("doorpost-e2e", instance.line("unenrolled=ignore"))
    passed = pamtester("doorpost-e2e", CAROL, "authenticate")
    assert passed.ends() == 1  # alone in its stack, an ignored module lets nobody in
    assert "code" not in passed.transcript.lower()
    services.write("doorpost-e2e", instance.line())
    asked = pamtester("doorpost-e2e", CAROL, "authenticate")
    asked.asks_for_code()
