"""Every stack of pam.d/, executed: who gets in, who does not, and with which code.

`auth`, `account`, setcred on the same handle (as login and su do it) and setcred on a fresh
handle (as sshd does it) are asked for one after the other.
"""

import pytest

from harness.instance import STACK_NAMES, stack
from harness.mailbox import other_than
from harness.pam import Code, PamHost
from harness.people import ALICE, BOB, CAROL, PASSWORDS

AUTH_STACKS = ("doorpost-or-password", "doorpost-only", "doorpost-second-factor",
               "doorpost-console")
WITH_PASSWORD = ("doorpost-or-password", "doorpost-console")


@pytest.fixture(params=AUTH_STACKS)
def auth_stack(request):
    return request.param


@pytest.fixture
def whole(services, instance):
    """Puts a whole service together from the stacks, as their comments say."""

    def write(auth, **with_options):
        text = (stack(auth) + stack("doorpost-account") + "@include common-account\n"
                + "@include common-session\n" + stack("doorpost-session"))
        return services.write("doorpost-e2e", instance.equip(text, **with_options))

    return write


def is_code_prompt(text):
    return "code" in text.lower()


def test_every_stack_that_we_ship_is_tested_here():
    assert set(STACK_NAMES) == set(AUTH_STACKS) | {
        "doorpost-account", "doorpost-session",
        "doorpost-locker"}  # which test_i3lock runs


@pytest.mark.parametrize("fresh", [False, True], ids=["same-handle", "fresh-handle"])
def test_the_right_code_lets_in_and_a_session_runs_to_its_end(
        whole, auth_stack, fresh, instance, mailbox):
    with PamHost(whole(auth_stack), ALICE) as host:
        assert is_code_prompt(host.begin("authenticate").prompt())
        assert host.answer(mailbox.code(instance.emails[ALICE])).result() == Code.SUCCESS
        assert host.call("acct_mgmt") == Code.SUCCESS
        if fresh:
            host.fresh_handle()
        assert host.call("setcred") == Code.SUCCESS
        assert host.call("open_session") == Code.SUCCESS
        assert instance.session_files()
        assert host.call("close_session") == Code.SUCCESS
        assert host.call("setcred", flags=0x4) == Code.SUCCESS
        assert not instance.session_files()


def denied_for(service, user, answers=("00000000",) * 3):
    with PamHost(service, user) as host:
        host.begin("authenticate")
        for answer in answers:
            assert is_code_prompt(host.prompt())
            host.answer(answer)
        return host.result(), host.messages


def test_tries_used_up_end_in_plain_auth_err(whole, auth_stack):
    code, _ = denied_for(whole(auth_stack), ALICE)
    assert code == Code.AUTH_ERR


@pytest.mark.parametrize("auth", ["doorpost-only", "doorpost-second-factor"])
@pytest.mark.parametrize("stranger", [CAROL, "dpe-nobody"])
def test_a_stranger_ends_as_a_member_whose_tries_are_used_up(whole, auth, stranger, mailbox):
    service = whole(auth)
    assert denied_for(service, stranger) == denied_for(service, BOB)
    # A member's mail is dropped too if the tries are used up before it left.
    assert all(BOB in message["To"] for message in mailbox.mails())


@pytest.mark.parametrize("auth", WITH_PASSWORD)
def test_who_is_not_in_the_pool_goes_the_way_of_the_password(whole, auth, mailbox):
    for fresh in (False, True):
        with PamHost(whole(auth), CAROL) as host:
            assert "assword" in host.begin("authenticate").prompt()
            assert host.answer(PASSWORDS[CAROL]).result() == Code.SUCCESS
            assert host.call("acct_mgmt") == Code.SUCCESS
            if fresh:
                host.fresh_handle()
            assert host.call("setcred") == Code.SUCCESS
            assert host.call("open_session") == Code.SUCCESS
            assert host.call("close_session") == Code.SUCCESS
    assert not mailbox.mails("")


@pytest.mark.parametrize("auth", WITH_PASSWORD)
def test_a_wrong_password_is_denied_where_the_password_counts(whole, auth):
    with PamHost(whole(auth), CAROL) as host:
        assert "assword" in host.begin("authenticate").prompt()
        assert host.answer("not-it").result() == Code.AUTH_ERR


@pytest.mark.parametrize("auth", WITH_PASSWORD)
def test_the_password_of_a_member_does_not_replace_the_code(whole, auth):
    code, messages = denied_for(whole(auth), ALICE, (PASSWORDS[ALICE],) * 3)
    assert code == Code.AUTH_ERR
    assert all(is_code_prompt(text) for style, text in messages if style == "hidden")


def test_without_the_helper_only_the_password_remains(whole, auth_stack):
    service = whole(auth_stack, helper="/usr/libexec/doorpost/not-installed")
    with PamHost(service, ALICE) as host:
        host.begin("authenticate")
        if auth_stack in WITH_PASSWORD:
            assert "assword" in host.prompt()
            assert host.answer(PASSWORDS[ALICE]).result() == Code.SUCCESS
        else:
            assert host.result() == Code.AUTH_ERR


def test_while_the_mail_is_down_only_the_password_remains(whole, auth_stack, instance):
    instance.use_mail({"transport": "smtp://127.0.0.1:1", "tls": "none"})
    with PamHost(whole(auth_stack), ALICE) as host:
        prompt = host.begin("authenticate").nothing_typed_while_asked_for_a_code()
        if auth_stack in WITH_PASSWORD:
            assert prompt is not None and "assword" in prompt, (host.last, host.messages)
            assert host.answer(PASSWORDS[ALICE]).result() == Code.SUCCESS
            assert host.call("acct_mgmt") == Code.SUCCESS
        else:
            assert prompt is None and host.last["code"] == Code.AUTH_ERR


def test_root_comes_in_by_password_where_a_stack_has_one_and_is_kept_out_elsewhere(
        whole, auth_stack, mailbox):
    with PamHost(whole(auth_stack), "root") as host:
        host.begin("authenticate")
        if auth_stack in WITH_PASSWORD:
            assert "assword" in host.prompt()
            assert host.answer(PASSWORDS["root"]).result() == Code.SUCCESS
            assert host.call("acct_mgmt") == Code.SUCCESS
        else:
            for _ in range(3):
                assert is_code_prompt(host.prompt())
                host.answer("12345678")
            assert host.result() == Code.AUTH_ERR
    assert not mailbox.mails("")


def test_a_conversation_that_fails_is_denied(whole, auth_stack, instance):
    with PamHost(whole(auth_stack), ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.hang_up().result() == Code.AUTH_ERR
    assert not instance.session_files()


def test_a_wrong_configuration_is_denied(whole, auth_stack, instance):
    instance.config.write_text("issuer: 5\nnonsense: yes\n")
    with PamHost(whole(auth_stack), ALICE) as host:
        assert host.begin("authenticate").result() == Code.AUTH_ERR


def test_a_wrong_option_is_denied(services, auth_stack, instance):
    text = instance.equip(stack(auth_stack)).replace("config=", "config =")
    with PamHost(services.write("doorpost-e2e", text), ALICE) as host:
        assert host.begin("authenticate").result() == Code.AUTH_ERR


def test_the_account_line_keeps_out_who_is_disabled(whole, instance):
    service = whole("doorpost-or-password")
    with PamHost(service, ALICE) as host:
        assert host.call("acct_mgmt") == Code.SUCCESS
    instance.run("user", "disable", ALICE)
    with PamHost(service, ALICE) as host:
        assert host.call("acct_mgmt") == Code.ACCT_EXPIRED
    instance.run("user", "enable", ALICE)
    with PamHost(service, ALICE) as host:
        assert host.call("acct_mgmt") == Code.SUCCESS


def test_the_account_line_passes_who_is_not_in_the_pool(whole):
    for name in (CAROL, "root"):
        with PamHost(whole("doorpost-or-password"), name) as host:
            assert host.call("acct_mgmt") == Code.SUCCESS


@pytest.mark.parametrize("broken", ["store", "configuration", "helper"])
def test_a_broken_account_line_keeps_out_all_but_root(whole, instance, broken):
    helper = "/nonexistent" if broken == "helper" else None
    service = whole("doorpost-or-password", helper=helper)
    if broken == "store":
        instance.store.write_bytes(b"nonsense" * 4096)
    elif broken == "configuration":
        instance.config.write_text("nonsense: [")
    with PamHost(service, "root") as host:
        assert host.call("acct_mgmt") == Code.SUCCESS
    with PamHost(service, ALICE) as host:
        assert host.call("acct_mgmt") not in (Code.SUCCESS, Code.IGNORE)


def test_the_session_line_never_stands_in_the_way_of_other_logins(services, instance):
    text = "session required pam_permit.so\n" + instance.equip(
        stack("doorpost-session"), helper="/nonexistent")
    with PamHost(services.write("doorpost-e2e", text), CAROL) as host:
        assert host.call("open_session") == Code.SUCCESS
        assert host.call("close_session") == Code.SUCCESS


@pytest.mark.parametrize("auth", ["doorpost-only", "doorpost-second-factor"])
def test_setcred_without_authentication_works_as_cron_and_a_public_key_need_it(whole, auth):
    for name in (ALICE, CAROL, "root"):
        with PamHost(whole(auth), name) as host:
            assert host.call("setcred") == Code.SUCCESS
            assert host.call("open_session") == Code.SUCCESS
            assert host.call("close_session") == Code.SUCCESS


@pytest.mark.parametrize("auth", WITH_PASSWORD)
def test_setcred_without_authentication_is_left_to_the_lines_of_common_auth(whole, auth):
    for name in (ALICE, CAROL, "root"):
        with PamHost(whole(auth), name) as host:
            assert host.call("setcred") == Code.SUCCESS


def test_a_wrong_code_is_not_made_good_by_the_password(whole, instance, mailbox):
    with PamHost(whole("doorpost-or-password"), ALICE) as host:
        host.begin("authenticate").prompt()
        wrong = other_than(mailbox.code(instance.emails[ALICE]))
        host.answer(wrong).prompt()
        host.answer(wrong).prompt()
        assert host.answer(wrong).result() == Code.AUTH_ERR
