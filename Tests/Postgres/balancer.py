"""HAProxy with the configuration of docs/scaling.md in front of a fleet, and clients that come through it."""

import http.client
import pathlib
import re
import socket
import ssl
import subprocess

from harness.client import Client
from harness.server import ROOT, until

PAGE = ROOT / "docs/scaling.md"
NAME = "login.example.org"
PATIENCE = 12  # seconds: docs/scaling.md promises an answer by then


def snippet(language):
    [text] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return text


def certificate(place):
    """What the `bind` line wants: chain and key in one file."""
    key, chain, both = place / "key.pem", place / "chain.pem", place / "login.example.org.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext",
                    f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", chain],
                   check=True, capture_output=True)
    both.write_text(chain.read_text() + key.read_text())
    return chain, both


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Balancer:
    """In front of the servers of a fleet, which are running. They see it come from 127.0.0.1."""

    def __init__(self, place, servers):
        place = pathlib.Path(place)
        place.mkdir()
        chain, both = certificate(place)
        self.port, self.output = free_port(), place / "output"
        configuration = snippet("haproxy")
        for old, new in (("/etc/haproxy/login.example.org.pem", str(both)),
                         ("bind :80\n", f"bind 127.0.0.1:{free_port()}\n"),
                         ("bind :443 ", f"bind 127.0.0.1:{self.port} "),
                         *((f"10.0.0.1{n}:8425", server.url.removeprefix("http://"))
                           for n, server in enumerate(servers, 1))):
            assert configuration.count(old) == 1, f"the snippet has no longer {old!r}"
            configuration = configuration.replace(old, new)
        file = place / "haproxy.cfg"
        file.write_text(configuration)
        self.context = ssl.create_default_context(cafile=str(chain))
        with open(self.output, "wb") as output:
            # `-db`: in the foreground.
            self.process = subprocess.Popen(["/usr/sbin/haproxy", "-db", "-f", file],
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        until(self.is_ready)

    def is_ready(self):
        assert self.process.poll() is None, self.output.read_text()
        try:
            return self.client().get("/").status == 200
        except ConnectionError:
            return False

    def client(self, number=1):
        """One of many, each with an address of its own: the whole of 127.0.0.0/8 is this machine."""
        return Visitor(self, f"127.66.{number // 250}.{number % 250 + 1}")

    def stop(self):
        self.process.kill()
        self.process.wait()


class Visitor(Client):
    """Comes by TLS, as a browser does, and waits no longer than a person is promised."""

    def __init__(self, balancer, address):  # pylint: disable=super-init-not-called
        self.balancer, self.here = balancer, address
        self.source, self.timeout = None, PATIENCE

    def connection(self):
        plain = socket.create_connection(("127.0.0.1", self.balancer.port), self.timeout,
                                         (self.here, 0))
        link = http.client.HTTPSConnection(NAME, timeout=self.timeout)
        link.sock = self.balancer.context.wrap_socket(plain, server_hostname=NAME)
        return link
