"""OpenSSH: keyboard-interactive, after a public key, sftp, and what must not happen there."""

import re

import pytest

from harness import processes
from harness.mailbox import other_than
from harness.people import ALICE, BOB, CAROL, PASSWORDS
from harness.terminal import without_times

KEY_THEN_CODE = {"AuthenticationMethods": "publickey,keyboard-interactive:pam"}


def sign_in(terminal, mailbox, address, count=1):
    terminal.asks_for_code()
    terminal.types(mailbox.code(address, count))


def test_ssh_lets_in_with_the_mailed_code(sshd, instance, mailbox):
    terminal = sshd().ssh(ALICE, "id -un")
    sign_in(terminal, mailbox, instance.emails[ALICE])
    assert ALICE in terminal.sees(r"dpe-alice\r\n")
    assert terminal.ends() == 0


def test_the_code_may_be_typed_with_spaces_and_dashes(sshd, instance, mailbox):
    terminal = sshd().ssh(ALICE, "id -un")
    terminal.asks_for_code()
    code = mailbox.code(instance.emails[ALICE])
    terminal.types(f" {code[:2]}-{code[2:4]} {code[4:]} ")
    terminal.sees(ALICE)
    assert terminal.ends() == 0


def test_a_wrong_then_an_empty_then_the_right_code_lets_in(sshd, instance, mailbox):
    terminal = sshd().ssh(ALICE, "id -un")
    terminal.asks_for_code()
    code = mailbox.code(instance.emails[ALICE])
    for answer in (other_than(code), "", "", "", "", other_than(code), code):
        terminal.types(answer)
        if answer != code:
            terminal.asks_for_code()
    terminal.sees(ALICE)
    assert terminal.ends() == 0


def test_three_wrong_codes_are_denied_and_the_connection_ends_sanely(sshd, instance, mailbox):
    server = sshd(MaxAuthTries=1)
    terminal = server.ssh(ALICE, "id -un", options=["NumberOfPasswordPrompts=1"])
    terminal.asks_for_code()
    code = mailbox.code(instance.emails[ALICE])
    for _ in range(2):
        terminal.types(other_than(code))
        terminal.asks_for_code()
    terminal.types(other_than(code))
    assert terminal.ends() == 255
    assert ("Permission denied" in terminal.transcript
            or "Too many authentication failures" in terminal.transcript)
    assert "fatal" not in server.log
    assert not instance.session_files()


def test_a_used_code_does_not_let_in_again(sshd, instance, mailbox):
    server = sshd()
    first = server.ssh(ALICE, "true")
    sign_in(first, mailbox, instance.emails[ALICE])
    assert first.ends() == 0
    second = server.ssh(ALICE, "id -un", options=["NumberOfPasswordPrompts=1"])
    second.asks_for_code()
    second.types(mailbox.code(instance.emails[ALICE]))
    second.asks_for_code()
    second.abandon()
    assert ALICE not in second.transcript.replace(f"({ALICE}@", "")


def test_a_second_connection_asks_for_the_code_already_mailed(sshd, instance, mailbox):
    server = sshd()
    first = server.ssh(ALICE, "id -un")
    first.asks_for_code()
    code = mailbox.code(instance.emails[ALICE])
    first.abandon()
    second = server.ssh(ALICE, "id -un")
    second.asks_for_code()
    second.types(code)
    second.sees(ALICE)
    assert second.ends() == 0
    assert len(mailbox.mails(instance.emails[ALICE])) == 1


def test_a_key_and_then_a_code_let_in_with_one_mail(sshd, instance, mailbox):
    terminal = sshd("doorpost-second-factor", **KEY_THEN_CODE).ssh(
        ALICE, "id -un", methods="publickey,keyboard-interactive", key="user")
    sign_in(terminal, mailbox, instance.emails[ALICE])
    terminal.sees(ALICE)
    assert terminal.ends() == 0
    assert len(mailbox.mails(instance.emails[ALICE])) == 1


def test_a_wrong_key_sends_no_mail(sshd, instance, mailbox):
    terminal = sshd("doorpost-second-factor", **KEY_THEN_CODE).ssh(
        ALICE, "id -un", methods="publickey,keyboard-interactive", key="other")
    assert terminal.ends() == 255
    assert re.search(r"Permission denied \(publickey", terminal.transcript)
    assert not mailbox.mails(instance.emails[ALICE])


def test_a_code_without_the_key_is_not_enough(sshd, instance, mailbox):
    terminal = sshd("doorpost-second-factor", **KEY_THEN_CODE).ssh(ALICE, "id -un")
    assert terminal.ends() == 255
    assert not mailbox.mails(instance.emails[ALICE])


def test_sftp_works_and_nothing_strays_into_it(sshd, instance, mailbox, machine):
    terminal = sshd().sftp(ALICE)
    sign_in(terminal, mailbox, instance.emails[ALICE])
    terminal.sees(r"sftp> ")
    terminal.types("pwd")
    assert f"/home/{ALICE}" in terminal.sees(r"sftp> ")
    terminal.types("bye")
    assert terminal.ends() == 0


def test_a_guessed_password_sends_no_mail_where_sending_is_confirmed(sshd, instance, mailbox):
    text = instance.equip("auth [success=1 default=ignore] pam_doorpost.so confirm_send "
                          "setcred=always\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
                          "account required pam_permit.so\nsession required pam_permit.so\n")
    server = sshd(text=text, PasswordAuthentication="yes")
    terminal = server.ssh(ALICE, "id -un", methods="password",
                          options=["NumberOfPasswordPrompts=2"])
    for _ in range(2):
        terminal.sees(r"password: ?$")
        terminal.types(PASSWORDS[ALICE])
    assert terminal.ends() == 255
    server.wait_for("Failed password")
    assert not mailbox.mails(instance.emails[ALICE])


def test_sending_is_confirmed_by_enter_and_then_the_code_lets_in(sshd, instance, mailbox):
    text = instance.equip("auth [success=1 default=ignore] pam_doorpost.so confirm_send "
                          "setcred=always\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
                          "account required pam_permit.so\nsession required pam_permit.so\n")
    terminal = sshd(text=text).ssh(ALICE, "id -un")
    terminal.sees(r"(?i)enter[^\r\n]*$")
    assert not mailbox.mails(instance.emails[ALICE])
    terminal.types("")
    sign_in(terminal, mailbox, instance.emails[ALICE])
    terminal.sees(ALICE)
    assert terminal.ends() == 0


def refused(server, user, answers=("12345678",) * 3):
    """What somebody sees who answers wrongly to the end, and what the client says then."""
    terminal = server.ssh(user, "id -un", options=["NumberOfPasswordPrompts=1"])
    for answer in answers:
        terminal.asks_for_code()
        terminal.types(answer)
    assert terminal.ends() == 255
    return without_times(terminal.transcript.replace(user, "USER"))


@pytest.mark.parametrize("who", [CAROL, "dpe-nobody-at-all", "root"])
def test_who_is_not_in_the_pool_sees_what_a_member_sees_and_no_mail_is_sent(
        sshd, instance, mailbox, who):
    server = sshd(MaxAuthTries=1)
    assert refused(server, who) == refused(server, BOB)
    assert all(BOB in message["To"] for message in mailbox.mails())


def test_root_in_the_pool_is_not_mailed_where_sshd_forbids_root(sshd, instance, mailbox):
    instance.add_user("root", f"root-{instance.directory.name}@e2e.example")
    server = sshd(MaxAuthTries=1, PermitRootLogin="no")
    assert refused(server, "root")
    assert "Accepted" not in server.log
    assert not instance.session_files()


def test_a_disabled_user_does_not_get_in_by_public_key(sshd, instance, mailbox):
    server = sshd("doorpost-or-password")
    ok = server.ssh(ALICE, "id -un", methods="publickey", key="user")
    ok.sees(ALICE)
    assert ok.ends() == 0
    instance.run("user", "disable", ALICE)
    terminal = server.ssh(ALICE, "id -un", methods="publickey", key="user")
    assert terminal.ends() != 0
    assert "Accepted" not in server.log.split("Access denied")[-1]


def test_a_public_key_login_makes_no_session_file(sshd, instance, mailbox):
    terminal = sshd("doorpost-or-password").ssh(
        ALICE, "echo file=$DOORPOST_SESSION_FILE.", methods="publickey", key="user")
    terminal.sees(r"file=\.\r\n")
    assert terminal.ends() == 0
    assert not instance.session_files()


def test_root_gets_in_by_public_key_while_the_store_is_broken(sshd, instance):
    instance.store.write_bytes(b"this is no database at all, not even a little" * 100)
    terminal = sshd("doorpost-or-password").ssh("root", "id -un", methods="publickey", key="user")
    terminal.sees(r"root\r\n")
    assert terminal.ends() == 0


@pytest.mark.parametrize("leave", ["interrupted", "cut"])
def test_a_login_given_up_at_the_prompt_leaves_no_helper_behind(sshd, instance, mailbox, leave):
    server = sshd()
    terminal = server.ssh(ALICE, "id -un")
    terminal.asks_for_code()
    helpers = processes.helpers(server.pid)
    assert helpers
    if leave == "cut":
        terminal.abandon()
    else:
        assert terminal.interrupts() != 0
    assert processes.wait_gone(helpers)
    assert not instance.session_files()
