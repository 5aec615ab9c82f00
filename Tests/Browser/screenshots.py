"""screenshots.py DIRECTORY: takes the pictures of docs/screenshots, with the built program."""

import base64
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Web"))

from browsing import PHONE, Browser, Chromium  # noqa: E402
from doors import Doors, Web  # noqa: E402

PORT = 8080
ADDRESS = f"http://localhost:{PORT}"


def main(target):
    def shoot(browser, name):
        browser.command("Page.bringToFront")
        shot = browser.command("Page.captureScreenshot", format="png")
        (target / name).write_bytes(base64.b64decode(shot["data"]))

    doors = Doors()
    with tempfile.TemporaryDirectory() as profile:
        chromium = Chromium(profile)
        try:
            server = doors.start("--listen", f"127.0.0.1:{PORT}", issuer=ADDRESS)
            ada = Web(server, "ada@example.org", name="Ada Lovelace")
            desk = Browser(chromium.driver)
            desk.go(ADDRESS)
            desk.has_focus("email").send_keys(ada.email)
            shoot(desk, "address.png")
            desk.sign_in(ada, ADDRESS)
            shoot(desk, "home.png")
            desk.close()

            phone = Browser(chromium.driver, size=PHONE, dark=True)
            grace = Web(server, "grace@example.org", name="Grace Hopper")
            phone.ask_and_wait(ADDRESS, grace.email)
            code = grace.code()
            phone.find("code").send_keys(code[:5])
            shoot(phone, "code.png")
            phone.close()

            html = grace.mails()[0].message.get_body(("html",)).get_content()
            mail = Browser(chromium.driver, size=(560, 600))
            mail.go("data:text/html;charset=utf-8;base64,"
                    + base64.b64encode(html.encode()).decode())
            shoot(mail, "mail.png")
            mail.close()
        finally:
            chromium.quit()
            doors.close()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
