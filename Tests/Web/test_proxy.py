"""A whole sign-in through nginx with the configuration of docs/deploy.md, and TLS."""

import http.client
import json
import socket
import ssl
import subprocess
import sys

import pytest

from harness.server import ROOT, Server, temporary, until

sys.path.insert(0, str(ROOT / "Tests/Packaging"))

import test_docs_proxy as docs  # noqa: E402

ALICE = "alice@example.org"
ISSUER = f"https://{docs.NAME}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    place = tmp_path_factory.mktemp("tls")
    key, chain = place / "privkey.pem", place / "fullchain.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    f"/CN={docs.NAME}", "-addext", f"subjectAltName=DNS:{docs.NAME}",
                    "-keyout", str(key), "-out", str(chain)], check=True, capture_output=True)
    return key, chain


class Nginx:
    """In front of one server. It sees us come from 127.0.0.1, or whatever `source` we bind."""

    def __init__(self, place, server, certificate):
        place.chmod(0o755)
        upstream = server.url.rpartition(":")[2]
        command, self.port = docs.nginx(place, upstream, certificate)
        self.server, self.place = server, place
        self.context = ssl.create_default_context(cafile=str(certificate[1]))
        with open(place / "output", "wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, cwd=place,
                                            env={"PATH": "/usr/bin:/bin", "HOME": str(place)})
        docs.wait_for(self.port, self.process, place / "output")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def call(self, method, path, body=None, source="127.0.0.1", raw=None, **headers):
        plain = socket.create_connection(("127.0.0.1", self.port), 20, (source, 0))
        link = http.client.HTTPSConnection(docs.NAME, timeout=20)
        link.sock = self.context.wrap_socket(plain, server_hostname=docs.NAME)
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            raw = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        try:
            link.request(method, path, raw, fields)
            answer = link.getresponse()
            answer.text = answer.read()
            return answer
        finally:
            link.close()

    def post(self, path, body, **more):
        return self.call("POST", path, body, **more)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory, certificate):
    with temporary() as directory:
        server = Server(directory, lambda c: c.update(issuer=ISSUER),
                        users=[ALICE, "bob@example.org"])
        try:
            proxy = Nginx(tmp_path_factory.mktemp("nginx"), server.start(), certificate)
            try:
                yield proxy
            finally:
                proxy.stop()
        finally:
            server.kill()


def sign_in(proxy, to=ALICE, cookie=True, **more):
    before = len(proxy.server.mails(to))
    started = proxy.post("/auth/initiate", {"email": to}, **more)
    assert started.status == 200, started.text
    answer = proxy.post("/auth/verify", {
        "session": json.loads(started.text)["session"], "otp": proxy.server.code(to, before),
        "cookie": cookie}, **more)
    assert answer.status == 200, answer.text
    return answer


def cookies(answer):
    return [[part.strip() for part in line.split(";")]
            for line in answer.headers.get_all("Set-Cookie") or []]


def jar(answer):
    return "; ".join(pair for pair, *_ in cookies(answer))


def test_a_whole_sign_in_with_cookies_as_a_browser_does_it(proxied):
    page = proxied.call("GET", "/")
    assert page.status == 200 and b"<form" in page.text
    answer = sign_in(proxied, Origin=ISSUER, Sec_Fetch_Site="same-origin")
    assert len(cookies(answer)) == 3
    for pair, *attributes in cookies(answer):
        assert pair.startswith("__Host-doorpost-")
        assert {"secure", "httponly", "path=/"} <= {a.lower() for a in attributes}
    me = proxied.call("GET", "/auth/me", Cookie=jar(answer))
    assert json.loads(me.text)["email"] == ALICE
    renewed = proxied.call("POST", "/auth/refresh", Cookie=jar(answer), Origin=ISSUER)
    assert renewed.status == 200 and len(cookies(renewed)) == 3
    assert proxied.call("POST", "/auth/logout", Cookie=jar(renewed), Origin=ISSUER).status == 204
    assert proxied.call("GET", "/auth/me", Cookie=jar(renewed)).status == 401


def test_a_page_of_another_origin_is_refused_through_the_proxy(proxied):
    answer = proxied.call("POST", "/auth/initiate", {"email": ALICE},
                          Origin="https://evil.example")
    assert answer.status == 403


def test_every_answer_has_hsts_and_what_the_server_sets(proxied):
    for path, status in (("/", 200), ("/auth/me", 401), ("/nowhere", 404), ("/metrics", 404)):
        answer = proxied.call("GET", path)
        assert answer.status == status
        assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"], path
        if path != "/metrics":
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"]
    keys = proxied.call("GET", "/.well-known/jwks.json")
    assert keys.headers["Cache-Control"] == "public, max-age=300"


def test_curl_signs_in(proxied, certificate):
    """By command line, with a client that shares nothing with us."""
    def curl(path, body):
        done = subprocess.run(
            ["curl", "-sS", "--fail", "--max-time", "20", "--cacert", certificate[1],
             "--resolve", f"{docs.NAME}:{proxied.port}:127.0.0.1", "--json", json.dumps(body),
             f"https://{docs.NAME}:{proxied.port}{path}"], capture_output=True, text=True)
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    user = "bob@example.org"
    session = curl("/auth/initiate", {"email": user})["session"]
    tokens = curl("/auth/verify", {"session": session, "otp": proxied.server.code(user)})
    assert tokens["token_type"] == "Bearer"


def sources(proxy):
    return {s["source"] for s in proxy.server.json("session", "list")}


def test_the_proxy_is_believed_and_the_client_is_not(proxied):
    """The whole of 127.0.0.0/8 is this machine, so that we can come from where we like."""
    sign_in(proxied, source="127.66.0.1")
    assert "127.66.0.1" in sources(proxied)
    forged = {"X_Forwarded_For": "203.0.113.99", "Forwarded": "for=203.0.113.99",
              "X_Real_IP": "203.0.113.99"}
    sign_in(proxied, source="127.66.0.2", **forged)
    assert "127.66.0.2" in sources(proxied) and "203.0.113.99" not in sources(proxied)
    assert "203.0.113.99" not in proxied.server.said()


def test_limits_count_the_client_and_not_the_proxy(certificate, tmp_path, fresh):
    server = fresh(lambda c: (c.update(issuer=ISSUER), c["limits"].update(starts_per_source="1/h")))
    proxy = Nginx(tmp_path, server, certificate)
    try:
        def start(n, source, **more):
            return proxy.post("/auth/initiate", {"email": f"p{n}@example.org"}, source=source,
                              **more).status
        assert start(1, "127.66.1.1") == 200
        assert start(2, "127.66.1.1", X_Forwarded_For="198.51.100.1") == 429
        assert start(3, "127.66.1.2") == 200
    finally:
        proxy.stop()


def test_bodies_end_at_16_kilobytes(proxied):
    def size(length):
        body = b'{"email": "x@example.org", "x": "' + b"x" * (length - 35) + b'"}'
        assert len(body) == length
        return proxied.call("POST", "/auth/initiate", raw=body,
                            Content_Type="application/json").status
    assert size(16 * 1024) == 200
    assert size(16 * 1024 + 1) == 413


def test_a_server_that_restarts_is_found_again(certificate, tmp_path, fresh):
    server = fresh(lambda c: c.update(issuer=ISSUER))
    proxy = Nginx(tmp_path, server, certificate)
    try:
        sign_in(proxy)
        assert server.stop() == 0
        assert proxy.call("GET", "/").status == 502
        server.start("--listen", server.url.removeprefix("http://"))
        until(lambda: proxy.call("GET", "/").status == 200)
        sign_in(proxy)
    finally:
        proxy.stop()
