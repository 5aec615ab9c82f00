"""A relay in the test's own process: it takes every mail, and knows which server handed it over."""

import socketserver
import threading
import time
from typing import NamedTuple

from .relays import parsed


class Taken(NamedTuple):
    id: str
    code: str
    recipient: str
    life: int


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        # Nothing is delivered before the greeting, so this is the server that delivers.
        self.life = self.server.sink.life
        try:
            self.talk()
        except OSError:
            pass  # it was killed

    def say(self, text):
        self.wfile.write(text + b"\r\n")

    def talk(self):
        self.say(b"220 sink.test ESMTP")
        recipient = None
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line[line.index(b"<") + 1:line.index(b">")].decode()
            if verb == b"QUIT":
                return self.say(b"221 2.0.0 bye")
            if verb != b"DATA":
                self.say(b"250 2.0.0 ok")
                continue
            self.say(b"354 go ahead")
            if not self.take(recipient):
                return None
            self.say(b"250 2.0.0 taken")
        return None

    def take(self, recipient):
        text = b""
        for line in self.rfile:
            if line == b".\r\n":
                self.server.sink.add(text, recipient, self.life)
                return True
            text += line
        return False


class Server(socketserver.ThreadingTCPServer):
    daemon_threads, block_on_close, request_queue_size = True, False, 64


class Sink:
    """`life` numbers the servers; the test raises it before it starts the next.

    `pause` are the seconds for which a mail is taken and its server does not know it yet.
    """

    def __init__(self, pause=0.02, port=0, address="127.0.0.1"):
        self.life, self.pause = 0, pause
        self.mails = []  # Taken, in their order
        self._lock = threading.Lock()
        self._server = Server((address, port), Conversation)
        self._server.sink = self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.settings = {"transport": f"smtp://{address}:{self._server.server_address[1]}",
                         "tls": "none"}

    def add(self, text, recipient, life):
        message_id, code = parsed(text)
        name = message_id.strip("<>").partition("@")[0]
        with self._lock:
            self.mails.append(Taken(name, code, recipient, life))
        time.sleep(self.pause)

    def codes(self, recipient):
        return [mail.code for mail in self.mails if mail.recipient == recipient]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
