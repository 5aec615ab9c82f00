"""From the address to home, and every way on which that does not work at once."""

import pytest
from browsing import PHONE, SMALL_PHONE, other_than
from doors import Web
from selenium.webdriver.common.keys import Keys

COOKIES = {"__Host-doorpost-id": "Lax", "__Host-doorpost-access": "Lax",
           "__Host-doorpost-refresh": "Strict"}


@pytest.mark.parametrize("size", [(1280, 800), PHONE])
@pytest.mark.parametrize("dark", [False, True])
def test_whole_login(web, open_browser, size, dark):
    browser = open_browser(size=size, dark=dark)
    browser.sign_in(web)
    assert browser.url == web.url + "/home"
    assert browser.find("me-email").text == web.email
    assert browser.find("me-time").get_attribute("datetime")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_cookies_that_the_browser_keeps(web, browser, host):
    browser.sign_in(web, web.at(host))
    kept = browser.cookies()
    assert {name: kept[name]["sameSite"] for name in kept} == COOKIES
    for cookie in kept.values():
        assert cookie["secure"] and cookie["httpOnly"] and cookie["path"] == "/"
        assert cookie["domain"] == host and cookie["expires"] > 0
    browser.driver.refresh()
    browser.is_home()
    assert browser.find("me-email").text == web.email
    assert browser.calls("/auth/refresh") == 0
    # Whoever comes back later, in a new tab, is still known.
    browser.driver.switch_to.new_window("tab")
    browser.go(web.at(host) + "/home")
    browser.is_home()
    assert browser.find("me-email").text == web.email
    browser.find("logout").click()
    browser.shown("home-out")
    assert browser.cookies() == {}


def test_no_script_can_read_the_tokens(web, browser):
    browser.sign_in(web)
    assert browser.script("return document.cookie") == ""
    assert browser.script("return sessionStorage.length + localStorage.length") == 0
    assert not any(c["value"] in browser.driver.page_source for c in browser.cookies().values())


def test_an_unknown_address_looks_like_a_known_one(web, browser):
    browser.ask_and_wait(web.url, "nobody@example.org")
    unknown = browser.find("step-code").text.replace("nobody@example.org", web.email)
    browser.go("about:blank")
    browser.ask_and_wait(web.url, web.email)
    steady = [line for line in browser.find("step-code").text.splitlines() if ":" not in line]
    assert steady == [line for line in unknown.splitlines() if ":" not in line]


def test_the_last_digit_submits(web, browser):
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    browser.find("code").send_keys(code[:-1])
    assert browser.calls("/auth/verify") == 0
    browser.leave(lambda: browser.focused().send_keys(code[-1]))
    browser.is_home()


@pytest.mark.parametrize("gap", ["-", " ", "\u2009"])
def test_pasting_with_gaps(web, browser, gap):
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    browser.paste_code(f" {code[:4]}{gap}{code[4:]}\n")
    browser.is_home()


def test_wrong_code_leaves_tries_and_the_field(web, browser):
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    browser.type_code(other_than(code))
    browser.says("code-error", "not the code", "2 tries left")
    browser.has_focus("code")
    assert browser.find("code").get_attribute("aria-invalid") == "true"
    browser.type_code(code)
    browser.is_home()


def test_a_refused_code_is_not_sent_twice(web, browser):
    browser.ask_and_wait(web.url, web.email)
    wrong = other_than(web.code())
    browser.type_code(wrong)
    browser.says("code-error", "2 tries left")
    browser.type_code(wrong)
    browser.find("code").send_keys(Keys.ENTER)
    browser.says("code-error", "just refused")
    assert browser.calls("/auth/verify") == 1


def test_tries_used_up_then_a_new_code(web, browser):
    browser.take_clock()
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    for by, answer in enumerate(["2 tries left", "one try left", "No tries are left"], start=1):
        browser.type_code(other_than(code, by))
        browser.says("code-error", answer)
    assert browser.shown("renew") and not browser.find("code-submit").is_displayed()
    browser.has_focus("renew")
    # So long no new mail goes out.
    web.age(61)
    browser.advance(61)
    browser.can_press("renew")
    browser.focused().send_keys(Keys.ENTER)
    browser.has_focus("code")
    browser.type_code(web.code(after=1))
    browser.is_home()


def test_an_expired_code(web, browser):
    browser.take_clock()
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    assert "expires in" in browser.find("code-expiry").text
    web.age(300)
    browser.advance(300)
    browser.says("code-error", "expired")
    assert browser.find("code-expiry").text == ""
    assert not browser.find("code").is_enabled()
    browser.has_focus("renew")
    browser.focused().send_keys(Keys.ENTER)
    browser.has_focus("code")
    new = web.code(after=1)
    assert new != code
    browser.type_code(new)
    browser.is_home()


def test_a_code_that_only_the_server_knows_to_be_expired(web, browser):
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    web.age(300)
    browser.type_code(code)
    browser.says("code-error", "Send a new code")
    assert browser.shown("renew")
    assert not browser.find("code").is_enabled()


def test_resend_waits_its_time_and_keeps_the_code(web, browser):
    browser.take_clock()
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    resend = browser.find("resend")
    assert resend.get_attribute("aria-disabled") == "true"
    browser.says("resend", "Send again in 0:")
    resend.click()
    assert browser.calls("/auth/resend") == 0
    web.age(61)
    browser.advance(61)
    browser.says("resend", "Send the code again")
    resend.click()
    browser.says("status", "sent again")
    assert web.code(after=1) == code
    browser.says("resend", "Send again in")
    browser.has_focus("code")
    browser.type_code(code)
    browser.is_home()


def test_resend_before_its_time_is_refused_and_says_when(web, browser):
    """A page whose clock is ahead of the server's."""
    browser.take_clock()
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    browser.advance(61)
    browser.says("resend", "Send the code again")
    browser.find("resend").click()
    browser.says("resend", "Send again in 0:")
    assert browser.calls("/auth/resend") == 1 and len(web.mails()) == 1
    browser.type_code(code)
    browser.is_home()


def test_resend_does_not_refill_the_tries(web_with, browser):
    web = web_with(code={"resend_after": "0s"})
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    browser.type_code(other_than(code))
    browser.says("code-error", "2 tries left")
    browser.says("resend", "Send the code again")
    browser.find("resend").click()
    browser.says("status", "sent again")
    assert browser.find("code-error").text == ""
    browser.type_code(other_than(code, by=2))
    browser.says("code-error", "one try left")


def test_rate_limited(web_with, browser):
    web = web_with(limits={"starts_per_source": "1/h"})
    browser.command("Network.enable")
    browser.command("Network.setExtraHTTPHeaders", headers={"X-Forwarded-For": "192.0.2.1"})
    browser.ask_and_wait(web.url, web.email)
    browser.go("about:blank")
    browser.ask(web.url, web.email)
    browser.says("address-error", "too many tries")
    waiting = browser.says("address-wait", "You can try again in")
    assert "minute" in waiting or "hour" in waiting
    button = browser.script("return document.querySelector('#address-form button')")
    assert button.get_attribute("aria-disabled") == "true"
    before = browser.calls("/auth/initiate")
    button.click()
    assert browser.calls("/auth/initiate") == before


def test_the_relay_is_down(doors, browser):
    web = Web(doors.without_mail())
    browser.ask(web.url, web.email)
    browser.says("address-error", "cannot send mail")
    browser.says("address-wait", "You can try again in", "second")
    assert not browser.find("code").is_displayed()
    assert browser.find("email").get_attribute("aria-invalid") is None


def test_offline(web, browser):
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    browser.driver.set_network_conditions(offline=True, latency=0, throughput=0)
    try:
        browser.type_code(code)
        browser.says("code-error", "offline")
    finally:
        browser.driver.delete_network_conditions()
    browser.find("code-submit").click()
    browser.is_home()


def test_server_gone(doors, browser):
    web = Web(doors.start())
    browser.go(web.url)
    browser.shown("email").send_keys(web.email)
    web.server.stop()
    browser.focused().send_keys(Keys.ENTER)
    browser.says("address-error", "cannot be reached")


def test_reload_in_the_code_step(web, browser):
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    browser.find("code").send_keys(code[:3])
    browser.driver.refresh()
    browser.has_focus("code")
    assert browser.find("code-address").text == web.email
    assert browser.find("code").get_attribute("value") == ""
    assert code not in browser.script("return JSON.stringify(sessionStorage)")
    browser.type_code(code)
    browser.is_home()
    assert len(web.mails()) == 1


def test_back_and_forward(web, browser):
    browser.ask_and_wait(web.url, web.email)
    browser.driver.back()
    browser.has_focus("email")
    assert browser.find("email").get_attribute("value") == web.email
    browser.driver.forward()
    browser.has_focus("code")
    browser.type_code(web.code())
    browser.is_home()


def test_asking_again_goes_on_with_the_same_code(web, browser):
    """A second start within the code's life mails nothing, and what was mailed works."""
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    browser.go("about:blank")
    browser.ask_and_wait(web.url, web.email)
    browser.type_code(code)
    browser.is_home()
    assert len(web.mails()) == 1


def test_another_address(web, browser):
    browser.ask_and_wait(web.url, "wrong@example.org")
    browser.find("other").click()
    browser.has_focus("email")
    assert browser.find("email").get_attribute("value") == ""
    browser.driver.forward()
    browser.has_focus("email")
    browser.focused().send_keys(web.email, Keys.ENTER)
    browser.has_focus("code")
    browser.type_code(web.code())
    browser.is_home()


def test_what_is_no_address_is_not_sent(web, browser):
    browser.go(web.url)
    for address in ("", "ada", "ada@", "@example.org", "a b@example.org"):
        browser.script("document.getElementById('address-error').textContent = ''")
        field = browser.shown("email")
        field.clear()
        field.send_keys(address, Keys.ENTER)
        browser.says("address-error", "Enter your mail address")
        browser.has_focus("email")
    assert browser.calls("/auth/initiate") == 0


def test_an_address_that_only_the_server_refuses(web, browser):
    browser.ask(web.url, "ada@exa..mple")
    browser.says("address-error", "Check what you typed")
    assert browser.find("email").get_attribute("aria-invalid") == "true"


@pytest.mark.parametrize("alphabet, length", [("digits", 6), ("letters", 8), ("digits", 12)])
def test_the_server_says_what_a_code_looks_like(web_with, open_browser, alphabet, length):
    web = web_with(code={"alphabet": alphabet, "length": length})
    browser = open_browser(size=SMALL_PHONE)
    browser.ask_and_wait(web.url, web.email)
    field = browser.find("code")
    assert field.get_attribute("inputmode") == ("numeric" if alphabet == "digits" else "text")
    assert len(field.get_attribute("placeholder")) == length
    code = web.code()
    assert len(code) == length
    field.send_keys(code[:-1].lower())
    assert browser.script("return arguments[0].scrollWidth <= arguments[0].clientWidth", field), \
        "the code does not fit its field"
    browser.leave(lambda: field.send_keys(code[-1].lower()))
    browser.is_home()


def test_logout(web, browser):
    browser.sign_in(web)
    browser.find("logout").click()
    browser.shown("home-out")
    assert browser.find("out-title").text == "You are signed out"
    browser.driver.refresh()
    browser.shown("home-out")
    assert browser.find("out-title").text == "You are not signed in"
    browser.find("home-out").find_element("css selector", "a").click()
    browser.shown("email")


def test_cookies_copied_before_logout_are_worth_nothing_after_it(web, browser):
    browser.sign_in(web)
    copied = list(browser.cookies().values())
    browser.find("logout").click()
    browser.shown("home-out")
    for cookie in copied:
        browser.command("Network.setCookie", url=web.url, secure=True, httpOnly=True, path="/",
                        name=cookie["name"], value=cookie["value"])
    assert set(browser.cookies()) == set(COOKIES)
    browser.driver.refresh()
    browser.shown("home-out")


def test_home_refreshes_an_expired_access(web, browser):
    browser.sign_in(web)
    # Chromium drops these itself when their time has come.
    before = browser.cookies()
    for name in ("__Host-doorpost-id", "__Host-doorpost-access"):
        browser.command("Network.deleteCookies", name=name, url=web.url)
    assert set(browser.cookies()) == {"__Host-doorpost-refresh"}
    browser.driver.refresh()
    browser.is_home()
    assert browser.find("me-email").text == web.email
    assert browser.calls("/auth/refresh") == 1
    after = browser.cookies()
    assert set(after) == set(COOKIES)
    assert all(after[name]["value"] != before[name]["value"] for name in COOKIES)
