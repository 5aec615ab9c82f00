#!/usr/bin/python3
"""capture.py [NAME...]: has the bounces of Postfix made again, by a Postfix that runs.

A mail as Doorpost sends it is handed to Tests/Support/smtp/relay.py, behind which a server answers
to RCPT as in ANSWERS. What comes back to the sender is written beside this file as NAME.dsn, byte
for byte but for Postfix's line ends. Takes root; run it when Postfix's words have changed.
"""

import json
import pathlib
import smtplib
import ssl
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SMTP = HERE.parent / "smtp"
MAIL = "00112233445566778899aabbccddeeff"
SENDER, RECIPIENT = f"bounces+{MAIL}@login.example.org", "alice@refused.example"
# What is answered to RCPT TO, in the words of servers that are in use.
ANSWERS = {
    "postfix": "550 5.1.1 <alice@refused.example>: Recipient address rejected: "
               "User unknown in virtual mailbox table",
    "postfix-full": "552 5.2.2 <alice@refused.example> Quota exceeded (mailbox for user is full)",
    "postfix-policy": "550 5.7.1 Our system has detected that this message is likely unsolicited "
                      "mail",
    "postfix-delayed": "450 4.2.0 <alice@refused.example>: Recipient address rejected: Greylisted",
}
SETTINGS = ["myhostname=relay.example.org", "smtpd_banner=localhost ESMTP",
            "delay_warning_time=1s"]
TEXT = f"""\
Date: Sat, 21 Nov 2026 11:29:58 +0000
From: Example sign-in <login@login.example.org>
To: {RECIPIENT}
Subject: Sign-in code for login.example.org
Message-ID: <{MAIL}@login.example.org>
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

Your sign-in code: gone
"""


class Program:
    """A program of Tests/Support/smtp; it ends when its standard input closes."""

    def __init__(self, name, *words):
        self.process = subprocess.Popen(["/usr/bin/python3", "-B", SMTP / name, *words],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return json.loads(self.process.stdout.readline())

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def submit(relay):
    context = ssl.create_default_context(cafile=relay["ca_file"])
    with smtplib.SMTP("localhost", relay["port"], timeout=20) as client:
        client.starttls(context=context)
        client.login(relay["user"], relay["password"])
        client.sendmail(SENDER, [RECIPIENT], TEXT)


def bounce(answer):
    """What Postfix sends back when the next server says `answer`."""
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    with Program("peer.py", "--reply", f"rcpt={answer}") as peer, \
            Program("relay.py", "--route", f"refused.example={peer['port']}", *settings) as relay:
        submit(relay)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for path in pathlib.Path(relay["maildir"]).glob("new/*"):
                return path.read_bytes()
            time.sleep(0.1)
        raise SystemExit(f"nothing came back:\n{pathlib.Path(relay['log']).read_text()}")


def main():
    for name in sys.argv[1:] or ANSWERS:
        (HERE / f"{name}.dsn").write_bytes(bounce(ANSWERS[name]))
        print(f"{name}.dsn")


if __name__ == "__main__":
    main()
