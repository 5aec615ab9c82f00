"""The center cannot be reached: nobody comes in, within two seconds, nobody is mailed, and the stack goes
on. When it can be reached again, all works without a restart."""

import os
import re
import signal
import socket

import pytest

from authority import NAME
from harness import processes
from harness.mailbox import other_than
from harness.pam import Code
from harness.people import ALICE, CAROL, PASSWORDS
from harness.terminal import PASSWORD
from machines import HTTPS, until
from network import SWITCH

SOON = 2.0
FAULTS = ("unplugged", "swallowed", "port closed", "center unplugged", "center stopped",
          "center killed", "name server silent", "name unknown")


class NameServer:
    """Hears questions; answers none, or that there is no such name."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((SWITCH, 53))

    def stop(self):
        self.socket.close()


@pytest.fixture
def name_server():
    server = NameServer()
    yield server
    server.stop()


@pytest.fixture
def cut(fleet, center, web1, name_server):
    """cut(fault) cuts web1 off; it returns what heals that."""
    address = fleet.center.address
    known = {address: NAME}

    def stopped():
        center.process.send_signal(signal.SIGSTOP)
        return lambda: center.process.send_signal(signal.SIGCONT)

    def killed():
        center.stop(signal.SIGKILL)
        return center.start

    def unnamed(server):
        web1.machine.resolve(server=server)
        return lambda: web1.machine.resolve(known)

    def after(done, heal):
        return heal

    return lambda fault: {
        "unplugged": lambda: after(web1.machine.unplug(), web1.machine.heal),
        "swallowed": lambda: after(web1.machine.swallow(address), web1.machine.heal),
        "port closed": lambda: after(web1.machine.close(address, HTTPS), web1.machine.heal),
        "center unplugged": lambda: after(fleet.center.unplug(), fleet.center.heal),
        "center stopped": stopped,
        "center killed": killed,
        "name server silent": lambda: unnamed(SWITCH),
        "name unknown": lambda: unnamed("127.0.0.1"),
    }[fault]()


def signs_in(host, code, service=None):
    with host.pam(ALICE, service) as pam:
        prompt = pam.begin("authenticate").prompt()
        assert pam.answer(code()).result() == Code.SUCCESS
        return prompt


@pytest.mark.alone
@pytest.mark.parametrize("fault", FAULTS)
def test_a_center_out_of_reach_is_told_soon_and_lets_nobody_in(
        cut, web1, center, mailbox, alice, fault, record_property):
    heal = cut(fault)
    for user in (ALICE, CAROL):
        mark = web1.syslog.mark()
        with web1.pam(user) as pam:
            assert pam.call("authenticate") == Code.AUTHINFO_UNAVAIL
            took = pam.ended - pam.began
            record_property(f"{fault}, {user}", took)
            print(f"{fault}: {took:.2f} s")
            assert took < SOON
            assert [text for style, text in pam.messages if style == "error"]
            assert not re.search(f"{NAME}|10\\.77|curl", str(pam.messages))
        web1.syslog.wait_for(f"https://{NAME} gave no answer: .+", mark)
    with web1.pam(ALICE) as pam:
        assert pam.call("acct_mgmt") == Code.AUTHINFO_UNAVAIL
        assert pam.ended - pam.began < SOON
    assert not web1.session_files()
    heal()
    assert not mailbox.mails()
    signs_in(web1, lambda: mailbox.code(alice))


@pytest.mark.parametrize("fault", ["unplugged", "swallowed", "center stopped", "port closed"])
def test_the_next_module_lets_in_meanwhile(cut, web1, mailbox, fault):
    service = web1.service(web1.equip(
        "auth [success=2 authinfo_unavail=ignore default=die] pam_doorpost.so\n"
        "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n"
        "auth required pam_permit.so\n"))
    heal = cut(fault)
    with web1.pam(ALICE, service) as pam:
        assert "assword" in pam.begin("authenticate").prompt()
        assert pam.answer(PASSWORDS[ALICE]).result() == Code.SUCCESS
    heal()
    with web1.pam(ALICE, service) as pam:
        assert "ode" in pam.begin("authenticate").prompt()


@pytest.mark.parametrize("account", [False, True])
def test_ssh_asks_for_the_password_while_the_center_is_away(
        fleet, web1, center, mailbox, alice, account):
    """The stacks as we ship them. doorpost-account says in its comment whom it lets pass then."""
    server = web1.sshd("doorpost-or-password", account=account)
    fleet.center.unplug()
    terminal = server.ssh(ALICE, "id -un")
    terminal.sees(PASSWORD)
    terminal.types(PASSWORDS[ALICE])
    if not account:
        terminal.sees(rf"{ALICE}\r\n")
    assert (terminal.ends() == 0) == (not account)
    fleet.center.heal()
    terminal = server.ssh(ALICE, "id -un")
    terminal.asks_for_code()
    terminal.types(mailbox.code(alice))
    terminal.sees(rf"{ALICE}\r\n")
    assert terminal.ends() == 0


@pytest.mark.alone
@pytest.mark.parametrize("fault", ["unplugged", "swallowed", "center stopped", "center killed",
                                   "port closed", "name server silent"])
def test_cut_off_at_the_prompt_the_code_is_still_good_afterwards(
        cut, web1, center, mailbox, alice, fault):
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        code = mailbox.code(alice)
        heal = cut(fault)
        pam.answer(code)
        began = pam.asked
        assert pam.result() == Code.AUTHINFO_UNAVAIL
        assert pam.ended - began < SOON
    heal()
    assert not center.logins() and not center.audit("signed_in")
    assert not [e for e in center.audit() if e["kind"] == "code_wrong"]
    signs_in(web1, lambda: code)
    assert len(mailbox.mails(alice)) == 1 and len(center.logins()) == 1


def test_a_wrong_code_typed_while_cut_off_costs_no_attempt(fleet, web1, center, mailbox, alice):
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        code = mailbox.code(alice)
        fleet.center.unplug()
        assert pam.answer(other_than(code)).result() == Code.AUTHINFO_UNAVAIL
    fleet.center.heal()
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        for left in (2, 1):
            assert str(left) in pam.answer(other_than(code)).prompt()
        assert pam.answer(code).result() == Code.SUCCESS


def test_an_answer_that_is_lost_on_its_way_lets_nobody_in_and_is_not_asked_again(
        fleet, web1, keys, proxy, center, mailbox, alice):
    """The center took the code; the host never hears of it."""
    web1.ask(keys["web1"], fleet.authority.file, proxy=proxy.url)
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        code, asked = mailbox.code(alice), len(proxy.targets)
        proxy.drops_answers = True
        pam.answer(code)
        until(lambda: center.audit("signed_in"))
        proxy.hang_up()
        assert pam.result() == Code.AUTHINFO_UNAVAIL
        assert len(proxy.targets) == asked + 1
    proxy.drops_answers = False
    assert not web1.session_files()
    assert len(center.audit("signed_in")) == 1
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        pam.answer(code).prompt()  # it is spent
        assert mailbox.code(alice, 2) != code
        assert pam.answer(mailbox.code(alice, 2)).result() == Code.SUCCESS


@pytest.mark.alone
@pytest.mark.parametrize("call, patience", [("acct_mgmt", 8), ("authenticate", 15)])
def test_a_center_that_takes_the_question_and_is_silent_is_given_up(
        fleet, web1, keys, proxy, call, patience):
    web1.ask(keys["web1"], fleet.authority.file, proxy=proxy.url)
    proxy.drops_answers = True
    with web1.pam(ALICE) as pam:
        assert pam.call(call) == Code.AUTHINFO_UNAVAIL
        assert pam.ended - pam.began < patience + 1
    assert len(proxy.targets) == 1


def test_who_signs_out_while_cut_off_leaves_no_session_file(
        fleet, web1, center, mailbox, alice):
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        assert pam.answer(mailbox.code(alice)).result() == Code.SUCCESS
        assert web1.session_files()
        fleet.center.unplug()
        mark = web1.syslog.mark()
        assert pam.call("close_session") == Code.SESSION_ERR
        assert pam.ended - pam.began < SOON
        web1.syslog.wait_for("gave no answer", mark)
    assert not web1.session_files()
    fleet.center.heal()
    assert len(center.logins()) == 1  # it ends by its own expiry


def test_no_helper_stays_behind(cut, web1):
    heal = cut("swallowed")
    with web1.pam(ALICE) as pam:
        pam.call("authenticate")
    until(lambda: not processes.helpers(os.getpid()))
    heal()
