"""The page for eyes of every kind, for ears, and for hands without a mouse."""

import looks
import pytest
from browsing import DESK, PHONE, SMALL_PHONE, other_than
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

LONG = "a-rather-long-name-for-a-mailbox.of-somebody@a-department.of-a-company.example.org"


@pytest.mark.parametrize("size", [DESK, PHONE, SMALL_PHONE])
@pytest.mark.parametrize("dark", [False, True])
def test_every_step_can_be_read(web, open_browser, size, dark):
    browser = open_browser(size=size, dark=dark)
    browser.go(web.url)
    browser.has_focus("email")
    assert browser.script(looks.IS_DARK) == dark
    assert looks.faults(browser) == {}
    browser.focused().send_keys("no address", Keys.ENTER)
    browser.says("address-error", "Enter")
    assert looks.faults(browser) == {}

    browser.go("about:blank")
    browser.ask_and_wait(web.url, LONG)
    assert looks.faults(browser) == {}

    browser.go("about:blank")
    browser.ask_and_wait(web.url, web.email)
    code = web.code()
    browser.type_code(other_than(code))
    browser.says("code-error", "left")
    assert looks.faults(browser) == {}
    browser.type_code(code)
    browser.is_home()
    assert looks.faults(browser) == {}
    browser.find("logout").click()
    browser.shown("home-out")
    assert looks.faults(browser) == {}


@pytest.mark.parametrize("dark", [False, True])
def test_used_up_and_waiting_can_be_read(web_with, open_browser, dark):
    web = web_with(code={"attempts": 1}, limits={"starts_per_source": "1/h"})
    browser = open_browser(size=SMALL_PHONE, dark=dark)
    browser.command("Network.enable")
    browser.command("Network.setExtraHTTPHeaders",
                    headers={"X-Forwarded-For": f"192.0.2.{2 + dark}"})
    browser.ask_and_wait(web.url, web.email)
    browser.type_code(other_than(web.code()))
    browser.shown("renew")
    assert looks.faults(browser) == {}
    browser.has_focus("renew")
    browser.focused().send_keys(Keys.ENTER)
    browser.says("code-wait", "You can try again in")
    assert browser.find("renew").get_attribute("aria-disabled") == "true"
    assert looks.faults(browser) == {}


def test_keyboard_alone(web, browser):
    def press(*keys):
        ActionChains(browser.driver).send_keys(*keys).perform()

    browser.go(web.url)
    browser.has_focus("email")
    assert browser.script(looks.OUTLINE) >= 2
    press(web.email, Keys.TAB)
    assert browser.focused().text == "Mail me a code"
    assert browser.script(looks.OUTLINE) >= 2
    press(Keys.SPACE)
    browser.has_focus("code")
    reached = []
    for _ in range(3):
        press(Keys.TAB)
        reached.append(browser.focused().get_attribute("id"))
        assert browser.script(looks.OUTLINE) >= 2
    assert reached == ["code-submit", "resend", "other"]
    for _ in range(3):
        ActionChains(browser.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(
            Keys.SHIFT).perform()
    browser.has_focus("code")
    code = web.code()
    browser.leave(lambda: press(code))
    browser.is_home()
    browser.has_focus("in-title")
    press(Keys.TAB)
    browser.has_focus("logout")
    assert browser.script(looks.OUTLINE) >= 2
    press(Keys.ENTER)
    browser.shown("home-out")
    browser.has_focus("out-title")


def test_what_a_screen_reader_is_told(web, browser):
    browser.go(web.url)
    browser.shown("email")
    assert browser.find("email").accessible_name == "Your mail address"
    assert browser.driver.title == "Sign in"
    status = browser.find("status")
    assert status.get_attribute("role") == "status"
    for name in ("address-error", "code-error"):
        assert browser.find(name).get_attribute("role") == "alert"
    browser.find("email").send_keys(web.email, Keys.ENTER)
    browser.has_focus("code")
    browser.says("status", web.email)
    assert browser.driver.title == "Enter your code"
    field = browser.find("code")
    assert field.accessible_name == "Code"
    assert field.get_attribute("autocomplete") == "one-time-code"
    assert field.get_attribute("aria-describedby").split() == ["code-hint", "code-error"]
    assert "8 digits" in browser.find("code-hint").get_attribute("textContent")
    for ticking in ("code-expiry", "resend", "code-wait"):
        assert browser.script(
            "return document.getElementById(arguments[0])"
            ".closest('[role=alert], [role=status], [aria-live]')", ticking) is None


def test_nothing_moves_when_an_error_comes(web, browser):
    browser.ask_and_wait(web.url, web.email)
    places = ("code", "code-submit", "resend")
    before = [browser.find(name).location for name in places]
    browser.type_code(other_than(web.code()))
    browser.says("code-error", "left")
    assert [browser.find(name).location for name in places] == before


def test_no_motion_for_who_wants_none(web, browser):
    browser.prefers("prefers-reduced-motion", "reduce")
    browser.go(web.url)
    browser.shown("email")
    assert browser.script(
        "return [...document.querySelectorAll('*')].map((e) => getComputedStyle(e))"
        ".filter((s) => parseFloat(s.transitionDuration) || s.animationName !== 'none').length"
    ) == 0


@pytest.mark.parametrize("path", ["/", "/home"])
def test_without_javascript_it_says_so(web, open_browser, path):
    browser = open_browser(javascript=False)
    browser.go(web.url + path)
    text = browser.driver.find_element("css selector", "main").text
    assert "needs JavaScript" in text
    assert not browser.driver.find_elements("css selector", "input:not([hidden] *)")
