"""What a host says to a center, by hand."""

import http.client
import json
import socket
import ssl
import urllib.parse
from typing import NamedTuple

from authority import NAME


class Said(NamedTuple):
    status: int
    raw: bytes

    @property
    def json(self):
        return json.loads(self.raw)


class _Connection(http.client.HTTPSConnection):
    """To an address, which must be the center's by its certificate."""

    def __init__(self, address, ca_file):
        super().__init__(NAME, timeout=30, context=ssl.create_default_context(cafile=ca_file))
        self.address = address

    def connect(self):
        plain = socket.create_connection((self.address, 443), self.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._context.wrap_socket(plain, server_hostname=NAME)


class HostWire:
    """One connection with one host's credential."""

    def __init__(self, center, ca_file, key, host):
        self.key, self.host = key, host
        self._connection = _Connection(center.machine.address, str(ca_file))

    def send(self, path, body, method="POST", **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        chosen = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}",
                  **headers}
        self._connection.request(method, urllib.parse.urljoin("/host/", path), raw, chosen)
        response = self._connection.getresponse()
        return Said(response.status, response.read())

    def initiate(self, login, **claims):
        return self.send("initiate", {"host": self.host, "login": login, "service": "sshd",
                                      "source": "192.0.2.1", "tty": "ssh", **claims})

    def verify(self, session, otp, **claims):
        return self.send("verify", {"host": self.host, "session": session, "otp": otp,
                                    "service": "sshd", "source": "192.0.2.1", "tty": "ssh",
                                    **claims})

    def session(self, session, **claims):
        return self.send("session", {"host": self.host, "session": session, **claims})

    def end_session(self, session, **claims):
        return self.send("end-session", {"host": self.host, "session": session, **claims})

    def account(self, login, **claims):
        return self.send("account", {"host": self.host, "login": login, **claims})

    def close(self):
        self._connection.close()
