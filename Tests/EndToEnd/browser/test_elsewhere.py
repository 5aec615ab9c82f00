"""Going on to an application, and the page's files on another web server."""

import pytest


@pytest.fixture
def application(static_host):
    (static_host.directory / "app").mkdir()
    (static_host.directory / "app" / "index.html").write_text("<title>The application</title>")
    return f"{static_host.origin}/app/"


def finish(web, browser):
    browser.shown("code")
    browser.type_code(web.mailbox.code(web.email))


def test_continue_to_a_listed_application(web, browser, application):
    web.configure(http={"applications": [application]})
    browser.ask(f"{web.url}/?continue={application}", web.email)
    finish(web, browser)
    browser.until(lambda: browser.driver.title == "The application")
    assert browser.url == application


@pytest.mark.parametrize("wanted", [
    "{application}", "javascript:document.title='bad'", "//evil.example/", "https://evil.example/",
    "data:text/html,bad", "/home", "\\\\evil.example", "http://[", "",
])
def test_continue_to_anything_else_ends_at_home(web, browser, application, wanted):
    web.configure(http={"applications": ["https://app.example.org/"]})
    browser.go(web.url)
    target = browser.script("return '/?continue=' + encodeURIComponent(arguments[0])",
                            wanted.format(application=application))
    browser.ask(web.url + target, web.email)
    finish(web, browser)
    browser.is_home()
    assert browser.url == web.url + "/home"


def test_page_on_another_origin_in_a_sub_folder(web, browser, static_host):
    web.configure(http={"cors_origins": [static_host.origin]})
    page = static_host.publish_page("login", server=web.url)
    browser.ask(page, web.email)
    finish(web, browser)
    browser.is_home()
    assert browser.url == page + "home.html"
    assert browser.find("me-email").text == web.email
    assert browser.driver.get_cookies() == []
    browser.find("logout").click()
    browser.shown("home-out")
    assert browser.script("return sessionStorage.length") == 0
    browser.find("home-out").find_element("css selector", "a").click()
    browser.shown("email")
    assert browser.url == page


def test_page_on_an_origin_that_is_not_listed(web, browser, static_host):
    page = static_host.publish_page("login", server=web.url)
    browser.ask(page, web.email)
    browser.until(lambda: browser.find("address-error").text)
    assert not browser.find("code").is_displayed()
    assert web.mailbox.mails(web.email) == []
