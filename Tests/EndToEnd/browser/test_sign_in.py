"""From the address to home, and every way on which that does not work at once."""

import pytest
from browsing import PHONE
from harness.mailbox import other_than
from selenium.webdriver.common.keys import Keys


def sign_in(web, browser, path="/"):
    browser.ask_and_wait(web.url + path, web.email)
    browser.type_code(web.mailbox.code(web.email))


@pytest.mark.parametrize("size", [(1280, 800), PHONE])
@pytest.mark.parametrize("dark", [False, True])
def test_whole_login(web, open_browser, size, dark):
    browser = open_browser(size=size, dark=dark)
    sign_in(web, browser)
    browser.is_home()
    assert browser.url == web.url + "/home"
    assert browser.find("me-email").text == web.email
    assert browser.find("me-time").get_attribute("datetime")
    assert browser.policy_violations() == []


def test_no_script_can_read_the_tokens(web, browser):
    sign_in(web, browser)
    browser.is_home()
    assert browser.script("return document.cookie") == ""
    assert browser.script("return sessionStorage.length + localStorage.length") == 0
    cookies = browser.driver.get_cookies()
    assert cookies and all(c["name"].startswith("__Host-") for c in cookies)
    assert all(c["httpOnly"] and c["secure"] for c in cookies)


def test_an_unknown_address_looks_like_a_known_one(web, browser):
    browser.ask_and_wait(web.url, "nobody@example.org")
    unknown = browser.find("step-code").text.replace("nobody@example.org", web.email)
    browser.go("about:blank")
    browser.ask_and_wait(web.url, web.email)
    steady = [line for line in browser.find("step-code").text.splitlines() if ":" not in line]
    assert steady == [line for line in unknown.splitlines() if ":" not in line]


def test_the_last_digit_submits(web, browser):
    browser.ask_and_wait(web.url, web.email)
    code = web.mailbox.code(web.email)
    browser.find("code").send_keys(code[:-1])
    assert browser.calls("/auth/verify") == 0
    browser.find("code").send_keys(code[-1])
    browser.is_home()


@pytest.mark.parametrize("gap", ["-", " ", "\u2009"])
def test_pasting_with_gaps(web, browser, gap):
    browser.ask_and_wait(web.url, web.email)
    code = web.mailbox.code(web.email)
    browser.paste_code(f" {code[:4]}{gap}{code[4:]}\n")
    browser.is_home()


def test_wrong_code_leaves_tries_and_the_field(web, browser):
    browser.ask_and_wait(web.url, web.email)
    code = web.mailbox.code(web.email)
    browser.type_code(other_than(code))
    browser.says("code-error", "not the code", "2 tries left")
    browser.has_focus("code")
    assert browser.find("code").get_attribute("aria-invalid") == "true"
    browser.type_code(code)
    browser.is_home()


def test_a_refused_code_is_not_sent_twice(web, browser):
    browser.ask_and_wait(web.url, web.email)
    wrong = other_than(web.mailbox.code(web.email))
    browser.type_code(wrong)
    browser.says("code-error", "2 tries left")
    browser.type_code(wrong)
    browser.find("code").send_keys(Keys.ENTER)
    browser.says("code-error", "just refused")
    assert browser.calls("/auth/verify") == 1


def test_tries_used_up_then_a_new_code(web, browser):
    web.configure(code={"attempts": 2})
    browser.ask_and_wait(web.url, web.email)
    code = web.mailbox.code(web.email)
    wrong = other_than(code)
    browser.type_code(wrong)
    browser.says("code-error", "one try left")
    browser.type_code(other_than(wrong) if other_than(wrong) != code else wrong[::-1])
    browser.says("code-error", "No tries are left")
    assert browser.shown("renew") and not browser.find("code-submit").is_displayed()
    browser.has_focus("renew")
    browser.focused().send_keys(Keys.ENTER)
    browser.has_focus("code")
    browser.type_code(web.mailbox.code(web.email, count=2))
    browser.is_home()


def test_an_expired_code(web, browser):
    web.configure(code={"lifetime": "3s", "resend_after": "1s"})
    browser.ask_and_wait(web.url, web.email)
    browser.says("code-error", "expired")
    assert browser.shown("renew")
    assert not browser.find("code").is_enabled()


def test_a_code_that_only_the_server_knows_to_be_expired(web, browser):
    web.configure(code={"lifetime": "2s", "resend_after": "1s"})
    # This browser's clock stands still, so that the page itself finds nothing expired.
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
        "source": "const start = Date.now(); Date.now = () => start;"})
    browser.ask_and_wait(web.url, web.email)
    code = web.mailbox.code(web.email)
    started = browser.script("return performance.now()")
    browser.until(lambda: browser.script("return performance.now()") > started + 2500)
    browser.type_code(code)
    browser.says("code-error", "Send a new code")
    assert browser.shown("renew")


def test_resend_waits_its_time_and_keeps_the_code(web, browser):
    web.configure(code={"resend_after": "2s"})
    browser.ask_and_wait(web.url, web.email)
    code = web.mailbox.code(web.email)
    resend = browser.find("resend")
    assert resend.get_attribute("aria-disabled") == "true"
    browser.says("resend", "Send the code again")
    resend.click()
    browser.until(lambda: "sent again" in browser.find("status").get_attribute("textContent"))
    assert web.mailbox.code(web.email, count=2) == code
    assert "in 0:0" in browser.says("resend", "Send again")
    browser.has_focus("code")
    browser.type_code(code)
    browser.is_home()


def test_resend_does_not_refill_the_tries(web, browser):
    web.configure(code={"resend_after": "1s", "attempts": 2})
    browser.ask_and_wait(web.url, web.email)
    code = web.mailbox.code(web.email)
    browser.type_code(other_than(code))
    browser.says("code-error", "one try left")
    browser.says("resend", "Send the code again")
    browser.find("resend").click()
    web.mailbox.wait(web.email, count=2)
    browser.until(lambda: browser.find("code-error").text == "")
    browser.type_code(other_than(other_than(code)[::-1]))
    browser.says("code-error", "No tries are left")


def test_rate_limited(web, browser):
    web.limits(starts_per_source="1/h")
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


def test_mail_down(web, browser):
    """The answer to initiate tells nothing; at the latest, the first code typed does."""
    web.mail_down()
    browser.ask(web.url, web.email)
    browser.until(lambda: browser.find("address-error").text or browser.find("code").is_displayed())
    if browser.find("code").is_displayed():
        browser.type_code("12345678")
        browser.says("code-error", "cannot send mail")
    else:
        browser.says("address-error", "cannot send mail")


def test_offline(web, browser):
    browser.ask_and_wait(web.url, web.email)
    code = web.mailbox.code(web.email)
    browser.driver.set_network_conditions(offline=True, latency=0, throughput=0)
    browser.type_code(code)
    browser.says("code-error", "offline")
    browser.driver.delete_network_conditions()
    browser.find("code-submit").click()
    browser.is_home()


def test_server_gone(web, browser):
    browser.go(web.url)
    browser.shown("email").send_keys(web.email)
    web.stop()
    browser.focused().send_keys(Keys.ENTER)
    browser.says("address-error", "cannot be reached")


def test_reload_in_the_code_step(web, browser):
    browser.ask_and_wait(web.url, web.email)
    code = web.mailbox.code(web.email)
    browser.find("code").send_keys(code[:3])
    browser.driver.refresh()
    browser.has_focus("code")
    assert browser.find("code-address").text == web.email
    assert browser.find("code").get_attribute("value") == ""
    assert code not in browser.script("return JSON.stringify(sessionStorage)")
    browser.type_code(code)
    browser.is_home()
    assert len(web.mailbox.mails(web.email)) == 1


def test_back_and_forward(web, browser):
    browser.ask_and_wait(web.url, web.email)
    browser.driver.back()
    browser.has_focus("email")
    assert browser.find("email").get_attribute("value") == web.email
    browser.driver.forward()
    browser.has_focus("code")
    browser.type_code(web.mailbox.code(web.email))
    browser.is_home()


def test_another_address(web, browser):
    browser.ask_and_wait(web.url, "wrong@example.org")
    browser.find("other").click()
    browser.has_focus("email")
    assert browser.find("email").get_attribute("value") == ""
    browser.driver.forward()
    browser.has_focus("email")
    browser.focused().send_keys(web.email, Keys.ENTER)
    browser.has_focus("code")
    browser.type_code(web.mailbox.code(web.email))
    browser.is_home()


@pytest.mark.parametrize("address", ["", "ada", "ada@", "@example.org", "a b@example.org"])
def test_what_is_no_address_is_not_sent(web, browser, address):
    browser.go(web.url)
    browser.shown("email").send_keys(address, Keys.ENTER)
    browser.says("address-error", "Enter your mail address")
    assert browser.calls("/auth/initiate") == 0


@pytest.mark.parametrize("alphabet, length", [("digits", 6), ("letters", 8)])
def test_the_server_says_what_a_code_looks_like(web, browser, alphabet, length):
    web.configure(code={"alphabet": alphabet, "length": length})
    browser.ask_and_wait(web.url, web.email)
    field = browser.find("code")
    assert field.get_attribute("inputmode") == ("numeric" if alphabet == "digits" else "text")
    assert len(field.get_attribute("placeholder")) == length
    code = web.mailbox.code(web.email)
    assert len(code) == length
    field.send_keys(code.lower())
    browser.is_home()


def test_logout(web, browser):
    sign_in(web, browser)
    browser.is_home()
    browser.find("logout").click()
    browser.shown("home-out")
    assert browser.find("out-title").text == "You are signed out"
    browser.driver.refresh()
    browser.shown("home-out")
    assert browser.find("out-title").text == "You are not signed in"
    browser.find("home-out").find_element("css selector", "a").click()
    browser.shown("email")


def test_home_refreshes_an_expired_access(web, browser):
    web.configure(tokens={"access": "2s", "id": "2s"})
    sign_in(web, browser)
    browser.is_home()
    started = browser.script("return performance.now()")
    browser.until(lambda: browser.script("return performance.now()") > started + 3000)
    browser.driver.refresh()
    browser.is_home()
    assert browser.calls("/auth/refresh") == 1
