"""What a person meets at the prompt, with exact PAM codes, through the real libpam."""

from harness import processes
from harness.mailbox import other_than
from harness.pam import Code, PamHost
from harness.people import ALICE


def test_the_mailed_code_lets_in(service, instance, mailbox):
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.answer(mailbox.code(instance.emails[ALICE])).result() == Code.SUCCESS
        assert host.call("acct_mgmt") == Code.SUCCESS
        assert host.call("setcred") == Code.SUCCESS
        assert host.call("open_session") == Code.SUCCESS
        assert host.call("close_session") == Code.SUCCESS


def test_a_wrong_code_is_asked_for_again_while_tries_are_left(service, instance, mailbox):
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[ALICE])
        host.answer(other_than(code)).prompt()
        host.answer(other_than(code)).prompt()
        assert host.answer(code).result() == Code.SUCCESS


def test_three_wrong_codes_end_it_and_the_right_one_comes_too_late(service, instance, mailbox):
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[ALICE])
        host.answer(other_than(code)).prompt()
        host.answer(other_than(code)).prompt()
        assert host.answer(other_than(code)).result() == Code.MAXTRIES


def test_an_answer_after_the_deadline_is_too_late_and_the_code_is_good_for_the_next_login(
        service, instance, mailbox):
    """No module can break off a host's read from the terminal, but the helper ends in time."""
    instance.configure({"pam": {"deadline": "10s"}})
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[ALICE])
        assert processes.wait_gone(processes.helpers(host.pid), seconds=15)
        assert host.answer(code).result() == Code.AUTHINFO_UNAVAIL
    assert not instance.session_files()
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.answer(code).result() == Code.SUCCESS
