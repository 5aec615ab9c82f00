"""Chromium, and the login page in it as a person sees it."""

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

# For a test that is about to fail; a busy machine is slow.
SECONDS = 60
DESK, PHONE, SMALL_PHONE = (1280, 800), (390, 844), (320, 640)


class Chromium:
    def __init__(self, profile):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                         "--disable-dev-shm-usage", "--lang=en", f"--user-data-dir={profile}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)

    def quit(self):
        self.driver.quit()


class Browser:
    """A tab. What is said to it (emulation, scripts) and what it stores ends with it."""

    def __init__(self, driver, size=DESK, dark=False, javascript=True):
        self.driver = driver
        [self._first] = driver.window_handles
        driver.switch_to.new_window("tab")
        driver.get_log("browser")
        self.command("Network.clearBrowserCookies")
        self.command("Page.bringToFront")
        # Headless windows cannot be as narrow as phones; what is emulated can.
        self.command("Emulation.setDeviceMetricsOverride",
                     width=size[0], height=size[1], deviceScaleFactor=1, mobile=False)
        self.command("Emulation.setScriptExecutionDisabled", value=not javascript)
        self.prefers("prefers-color-scheme", "dark" if dark else "light")

    def close(self):
        """Ends the tab and tells what the browser complained of."""
        complaints = [entry["message"] for entry in self.driver.get_log("browser")
                      if "Content Security Policy" in entry["message"]
                      or "Uncaught" in entry["message"]]
        for handle in self.driver.window_handles:
            if handle != self._first:
                self.driver.switch_to.window(handle)
                self.driver.close()
        self.driver.switch_to.window(self._first)
        return complaints

    def command(self, name, /, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def prefers(self, feature, value):
        self.command("Emulation.setEmulatedMedia", features=[{"name": feature, "value": value}])

    # Time, as the page reads it

    def take_clock(self):
        """The next pages' clock can be moved. (The server has one of its own.)"""
        self.command("Page.addScriptToEvaluateOnNewDocument", source="""
            const now = Date.now.bind(Date);
            window.ahead = 0;
            Date.now = () => now() + window.ahead * 1000;
        """)

    def advance(self, seconds):
        self.script("window.ahead += arguments[0]", seconds)

    # What is there

    def find(self, name):
        return self.driver.find_element(By.ID, name)

    def shown(self, name):
        """The element, once it can be seen."""
        return self.until(lambda: self.script(
            "const e = document.getElementById(arguments[0]); return e?.checkVisibility() && e",
            name), f"{name} to show")

    def says(self, name, *words):
        """The element's text, once it holds all of `words`."""
        def text():
            now = self.script("return document.getElementById(arguments[0])?.textContent", name)
            return now and all(word in now for word in words) and now
        return self.until(text, f"{name} to say {words}")

    def until(self, condition, what=""):
        """What is asked while a page gives way to the next is asked again."""
        return WebDriverWait(self.driver, SECONDS, 0.05, [WebDriverException]).until(
            lambda _: condition(), what)

    def has_focus(self, name):
        self.until(lambda: self.script("return document.activeElement?.id") == name,
                   f"focus on {name}")
        return self.focused()

    def focused(self):
        return self.driver.switch_to.active_element

    @property
    def url(self):
        return self.driver.current_url

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def can_press(self, name):
        return self.until(lambda: self.shown(name).get_attribute("aria-disabled") is None,
                          f"{name} to be let go")

    def calls(self, path):
        """How often the page called `path`, since it was loaded."""
        return self.script("return performance.getEntriesByType('resource')"
                           ".filter(e => new URL(e.name).pathname === arguments[0]).length", path)

    def cookies(self):
        """All that are stored, whatever page is open: name → what Chromium knows of it."""
        return {c["name"]: c for c in self.command("Network.getAllCookies")["cookies"]}

    # What a person does

    def go(self, url):
        self.driver.get(url)

    def ask(self, url, email):
        """Opens the page and gives the address."""
        self.go(url)
        field = self.shown("email")
        # Who comes back finds the address of last time.
        field.clear()
        field.send_keys(email)
        self.script("document.querySelector('#address-form button').click()")

    def ask_and_wait(self, url, email):
        """... and is at the code field."""
        self.ask(url, email)
        self.shown("code")
        self.has_focus("code")

    def sign_in(self, web, url=None):
        self.ask_and_wait(url or web.url, web.email)
        self.type_code(web.code())
        self.is_home()

    def type_code(self, code):
        field = self.find("code")
        field.clear()
        self.leave(lambda: field.send_keys(code))

    def paste_code(self, text):
        """As the clipboard does: the whole text in one input event."""
        self.find("code").clear()
        self.leave(lambda: self.command("Input.insertText", text=text))

    def leave(self, action):
        """Does what may end the page before the driver has an answer from it."""
        try:
            action()
        except WebDriverException as error:
            if "navigat" not in error.msg:
                raise

    def is_home(self):
        return self.shown("home-in")


def other_than(code, by=1):
    """A code of digits that is not this one."""
    return code[:-1] + str((int(code[-1]) + by) % 10)
