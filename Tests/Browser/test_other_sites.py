"""Going on to an application, and the page's files on another web server."""

import looks
import pytest
from browsing import other_than
from doors import Web


def finish(web, browser):
    browser.shown("code")
    browser.type_code(web.code())


@pytest.fixture
def web(doors, static_host):
    return Web(doors.get(http={"applications": [static_host.application],
                               "cors_origins": [static_host.origin]}))


@pytest.mark.parametrize("deeper", ["", "index.html?a=b#c"])
def test_continue_to_a_listed_application(web, browser, static_host, deeper):
    wanted = static_host.application + deeper
    browser.go(web.url)
    target = browser.script("return '/?continue=' + encodeURIComponent(arguments[0])", wanted)
    browser.ask(web.url + target, web.email)
    finish(web, browser)
    browser.until(lambda: browser.driver.title == "The application", "the application")
    assert browser.url == wanted


@pytest.mark.parametrize("wanted", [
    "{origin}/", "{origin}/app/../", "javascript:document.title='bad'", "//evil.example/",
    "https://evil.example/", "data:text/html,bad", "/home", "\\\\evil.example", "http://[", "",
])
def test_continue_to_anything_else_ends_at_home(web, browser, static_host, wanted):
    browser.go(web.url)
    target = browser.script("return '/?continue=' + encodeURIComponent(arguments[0])",
                            wanted.format(origin=static_host.origin))
    browser.ask(web.url + target, web.email)
    finish(web, browser)
    browser.is_home()
    assert browser.url == web.url + "/home"


def test_page_on_another_origin_in_a_sub_folder(web, browser, static_host):
    page = static_host.publish_page("login", server=web.url)
    browser.ask(page, web.email)
    assert browser.script(looks.WITHOUT_PURPOSE) == []
    finish(web, browser)
    browser.is_home()
    assert browser.url == page + "home.html"
    assert browser.find("me-email").text == web.email
    assert browser.cookies() == {}
    browser.driver.refresh()
    browser.is_home()
    browser.find("logout").click()
    browser.shown("home-out")
    assert browser.script("return sessionStorage.length") == 0
    browser.find("home-out").find_element("css selector", "a").click()
    browser.shown("email")
    assert browser.url == page


def test_a_new_code_is_held_back_until_it_would_be_mailed(web, browser, static_host):
    page = static_host.publish_page("waiting", server=web.url)
    browser.take_clock()
    browser.ask_and_wait(page, web.email)
    code = web.code()
    for by, answer in enumerate(["2 tries left", "one try left", "No tries are left"], start=1):
        browser.type_code(other_than(code, by))
        browser.says("code-error", answer)
    browser.says("code-wait", "You can try again in", "second")
    browser.has_focus("renew")
    browser.find("renew").click()
    assert browser.calls("/auth/initiate") == 1
    assert looks.faults(browser) == {}
    web.age(61)
    browser.advance(61)
    browser.can_press("renew")
    browser.says("code-error", "No tries are left")
    browser.find("renew").click()
    browser.has_focus("code")
    browser.type_code(web.code(after=1))
    browser.is_home()


def test_page_on_an_origin_that_is_not_listed(doors, browser, static_host):
    web = Web(doors.get())
    page = static_host.publish_page("unlisted", server=web.url)
    browser.ask(page, web.email)
    browser.until(lambda: browser.find("address-error").text)
    assert not browser.find("code").is_displayed()
    assert web.mails() == []
