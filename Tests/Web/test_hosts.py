"""51: under which names the server answers. A page whose name was made to resolve to us (DNS
rebinding) is called by that name, and so is whatever a cache would keep for it."""

import http.client
import json

import pytest

ISSUER = "login.example.org"


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    from harness.server import Server, temporary

    def change(settings):
        settings["issuer"] = f"https://{ISSUER}/door"
        settings["http"].update(applications=["https://app.example.org/wiki"],
                                cors_origins=["https://page.example.org:8443"],
                                listen="localhost:0")

    with temporary() as directory:
        server = Server(directory, change)
        try:
            yield server.start()
        finally:
            server.kill()


def call(server, host, method="GET", path="/", headers=None, version=11):
    """Host as it stands there; None sends none."""
    link = server.client().connection()
    link._http_vsn, link._http_vsn_str = version, {11: "HTTP/1.1", 10: "HTTP/1.0"}[version]
    try:
        link.putrequest(method, path, skip_host=True)
        if host is not None:
            link.putheader("Host", host)
        for name, value in (headers or {}).items():
            link.putheader(name, value)
        link.endheaders()
        answer = link.getresponse()
        answer.text = answer.read()
        return answer
    finally:
        link.close()


@pytest.mark.parametrize("host", [
    "evil.example", f"evil.example:8425", f"{ISSUER}.evil.example", f"evil.{ISSUER}",
    f"{ISSUER}@evil.example", f"{ISSUER}, evil.example", "127.0.0.1.evil.example",
    "localhost.evil.example", "example.org", "",
])
@pytest.mark.parametrize("path", ["/", "/metrics", "/readyz", "/auth/me", "/assets/auth.js", "/no"])
def test_an_unknown_name_gets_nothing(hosts, host, path):
    answer = call(hosts, host, path=path)
    assert answer.status == 421, answer.text
    assert json.loads(answer.text)["error"] == "misdirected"
    assert "evil" not in answer.text.decode() + str(answer.headers)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_rebound_page_can_start_nothing(hosts):
    """It is same-origin with itself, so nothing but the name gives it away."""
    origin = {"Origin": "http://evil.example:8425", "Sec-Fetch-Site": "same-origin"}
    reply = hosts.client().initiate(
        "alice@example.org", headers={"Host": "evil.example:8425", **origin})
    assert (reply.status, reply.error) == (421, "misdirected")
    preflight = call(hosts, "evil.example", "OPTIONS", "/auth/initiate", {
        "Access-Control-Request-Method": "POST", **origin})
    assert preflight.status == 421
    assert "Access-Control-Allow-Origin" not in preflight.headers
    assert hosts.mails() == [] and hosts.audit() == [e for e in hosts.audit()
                                                     if e["kind"] == "user_added"]


@pytest.mark.parametrize("host", [
    ISSUER, ISSUER.upper(), f"{ISSUER}.", f"{ISSUER}:443", "app.example.org", "page.example.org:8443",
    "localhost", "localhost:8425", "doorpost", "127.0.0.1", "127.0.0.1:8425", "10.9.8.7", "[::1]:8425",
])
def test_names_of_ours_and_addresses_are_good(hosts, host):
    for path in ("/", "/healthz", "/metrics"):
        assert call(hosts, host, path=path).status == 200


def test_who_names_nobody_is_no_browser(hosts):
    """HTTP/1.0, as health checks of old proxies speak it."""
    assert call(hosts, None, path="/healthz", version=10).status == 200
    assert call(hosts, None, path="/healthz").status == 400
    assert call(hosts, "evil.example", path="/healthz", version=10).status == 421


def test_a_reload_changes_the_names(fresh):
    import signal

    from harness.server import until
    server = fresh()
    assert call(server, "app.example.org").status == 421
    server.configure(lambda c: c["http"].update(applications=["https://app.example.org"]))
    server.process.send_signal(signal.SIGHUP)
    until(lambda: call(server, "app.example.org").status == 200)
    # The proxy's own connection goes on: a refusal ends none.
    link = http.client.HTTPConnection(*server.client().address, timeout=20)
    for host, status in (("evil.example", 421), ("app.example.org", 200)) * 2:
        link.request("GET", "/healthz", headers={"Host": host})
        answer = link.getresponse()
        answer.read()
        assert answer.status == status
    link.close()
