"""Drives pamhost.py: PAM calls with exact codes, one question and answer at a time."""

import base64
import enum
import json
import pathlib
import select
import subprocess
import time

PROGRAM = pathlib.Path(__file__).with_name("pamhost.py")


class Code(enum.IntEnum):
    SUCCESS = 0
    SERVICE_ERR = 3
    SYSTEM_ERR = 4
    PERM_DENIED = 6
    AUTH_ERR = 7
    AUTHINFO_UNAVAIL = 9
    USER_UNKNOWN = 10
    MAXTRIES = 11
    ACCT_EXPIRED = 13
    SESSION_ERR = 14
    CRED_ERR = 17
    CONV_ERR = 19
    IGNORE = 25


def encoded(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return base64.b64encode(raw).decode()


class PamHost:
    """One PAM handle in a process of its own."""

    def __init__(self, service, user, *, items=None, umask=None, env=None, **popen):
        self._process = subprocess.Popen(
            ["/usr/bin/python3", "-I", str(PROGRAM)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env={"PATH": "/usr/bin:/bin", **(env or {})}, **popen)
        self.pid = self._process.pid
        self._buffer = b""
        self.messages = []
        settings = {"service": service, "user": encoded(user),
                    "items": {k: encoded(v) for k, v in (items or {}).items()}}
        if umask is not None:
            settings["umask"] = umask
        self._send(settings)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _send(self, message):
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    def _event(self, seconds):
        deadline = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self._process.stdout], [], [], left)[0], \
                f"the host said nothing for {seconds} s; before: {self.messages}"
            read = self._process.stdout.read1(65536)
            assert read, "the host program died"
            self._buffer += read
        line, self._buffer = self._buffer.split(b"\n", 1)
        return json.loads(line)

    def begin(self, call, **more):
        self._send({"do": call, **more})
        event = self._event(10)
        assert event["event"] == "calling"
        self.began = event["clock"]
        return self

    def prompt_or_end(self, seconds=20):
        """The next prompt's text, or None when the call ended (`last` has how).

        Messages that come before it are kept in `messages`.
        """
        while True:
            event = self._event(seconds)
            if event["event"] == "done":
                self.ended, self.last = event["clock"], event
                return None
            self.messages.append((event["style"], event["text"]))
            if event["style"] in ("hidden", "echo"):
                self.asked = event["clock"]
                return event["text"]

    def prompt(self, seconds=20):
        text = self.prompt_or_end(seconds)
        assert text is not None, f"no prompt, but {Code(self.last['code'])!r} {self.messages}"
        return text

    def nothing_typed_while_asked_for_a_code(self):
        """Presses Enter until something else is asked for, which is returned; None at the end.

        A mail that failed is told at the first answer after it has become known.
        """
        for patience in (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8):
            prompt = self.prompt_or_end()
            if prompt is None or "code" not in prompt.lower():
                return prompt
            time.sleep(patience)
            self.answer("")
        raise AssertionError("asked for a code for ever")

    def answer(self, text):
        self._send({"do": "answer", "bytes": encoded(text)})
        return self

    def hang_up(self):
        """The conversation fails: what a host does with Ctrl-D or a lost connection."""
        self._send({"do": "fail"})
        return self

    def result(self, seconds=30):
        while True:
            event = self._event(seconds)
            if event["event"] == "done":
                self.ended, self.last = event["clock"], event
                return Code(event["code"])
            assert event["style"] in ("info", "error"), f"asked again: {event}"
            self.messages.append((event["style"], event["text"]))

    def call(self, name, **more):
        return self.begin(name, **more).result()

    def _order(self, name, **more):
        self._send({"do": name, **more})
        return self._event(10)

    def fresh_handle(self):
        """Goes on as sshd's parent process does: a new handle with the old one's environment."""
        self._order("fresh")

    def set_item(self, item, value):
        return self._order("set", item=item, bytes=encoded(value) if value is not None else None)

    def state(self):
        return self._order("state")["state"]

    def environment(self):
        return dict(e.split("=", 1) for e in self._order("environment")["list"])

    def put_environment(self, assignment):
        return self._order("putenv", bytes=encoded(assignment))
