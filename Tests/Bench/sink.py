"""An SMTP server on loopback that takes every mail and hands its code over at once."""

import queue
import re
import socket
import threading

CODE = re.compile(rb"^ +(\d[\d -]*\d)\r?$", re.MULTILINE)


class Sink:
    def __init__(self):
        self._mails = queue.Queue()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def next_code(self, timeout=10):
        """Blocks until a mail is there; its code, as a person would type it."""
        return CODE.search(self._mails.get(timeout=timeout)).group(1).decode()

    def _serve(self):
        while True:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._session, args=(connection,), daemon=True).start()

    def _session(self, connection):
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 bench\r\n")
            for line in lines:
                verb = line[:4].upper()
                if verb == b"EHLO":
                    connection.sendall(b"250-bench\r\n250 8BITMIME\r\n")
                elif verb == b"DATA":
                    connection.sendall(b"354 go on\r\n")
                    mail = b""
                    while not mail.endswith(b"\r\n.\r\n"):
                        mail += lines.readline()
                    connection.sendall(b"250 taken\r\n")
                    self._mails.put(mail)
                elif verb == b"QUIT":
                    connection.sendall(b"221 bye\r\n")
                    return
                else:
                    connection.sendall(b"250 good\r\n")
