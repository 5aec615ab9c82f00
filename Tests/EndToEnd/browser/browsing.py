"""Chromium, and the login page in it as a person sees it."""

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

SECONDS = 15
DESK, PHONE, SMALL_PHONE = (1280, 800), (390, 844), (320, 640)


class Browser:
    def __init__(self, profile, size=DESK, dark=False, javascript=True):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu",
                         "--disable-dev-shm-usage", "--lang=en", f"--user-data-dir={profile}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        if not javascript:
            options.add_experimental_option(
                "prefs", {"profile.managed_default_content_settings.javascript": 2})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        # Headless windows cannot be as narrow as phones; what is emulated can.
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False})
        self.scheme("dark" if dark else "light")

    def quit(self):
        self.driver.quit()

    def scheme(self, name):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": name}]})

    # What is there

    def find(self, name):
        return self.driver.find_element(By.ID, name)

    def shown(self, name):
        """The element, once it can be seen."""
        return self.until(lambda: (e := self.find(name)).is_displayed() and e)

    def says(self, name, *words):
        """The element's text, once it holds all of `words`."""
        def text():
            now = self.find(name).text
            return all(word in now for word in words) and now
        return self.until(text, f"{name} to say {words}")

    def until(self, condition, what=""):
        return WebDriverWait(self.driver, SECONDS, 0.05).until(lambda _: condition(), what)

    def has_focus(self, name):
        return self.until(lambda: self.driver.switch_to.active_element == self.find(name),
                          f"focus on {name}")

    def focused(self):
        return self.driver.switch_to.active_element

    @property
    def url(self):
        return self.driver.current_url

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def calls(self, path):
        """How often the page called `path`, since it was loaded."""
        return self.script("return performance.getEntriesByType('resource')"
                           ".filter(e => new URL(e.name).pathname === arguments[0]).length", path)

    def policy_violations(self):
        return [entry["message"] for entry in self.driver.get_log("browser")
                if "Content Security Policy" in entry["message"]]

    # What a person does

    def go(self, url):
        self.driver.get(url)

    def ask(self, url, email):
        """Opens the page, gives the address, and is at the code field."""
        self.go(url)
        field = self.shown("email")
        # Who comes back finds the address of last time.
        field.clear()
        field.send_keys(email)
        self.script("document.querySelector('#address-form button').click()")

    def ask_and_wait(self, url, email):
        self.ask(url, email)
        self.shown("code")
        self.has_focus("code")

    def type_code(self, code):
        field = self.find("code")
        field.clear()
        field.send_keys(code)

    def paste_code(self, text):
        """As the clipboard does: the whole text in one input event."""
        self.find("code").clear()
        self.driver.execute_cdp_cmd("Input.insertText", {"text": text})

    def is_home(self):
        return self.shown("home-in")
