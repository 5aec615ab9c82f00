"""Requests that are none of ours: a clear answer, and nobody else is harmed."""

import pytest


@pytest.mark.parametrize("path", ["/auth/initiate", "/auth/verify", "/auth/resend",
                                  "/auth/refresh", "/auth/logout"])
def test_get_on_what_takes_post(server, path):
    reply = server.client().get(path)
    assert reply.status == 405 and reply.headers["Allow"] == "POST"
    assert server.client().call("HEAD", path).status == 405


@pytest.mark.parametrize("path", ["/auth/me", "/.well-known/jwks.json", "/home", "/healthz"])
def test_post_on_what_takes_get(server, path):
    assert server.client().post(path, {}).status == 405


def test_what_is_not_there(server):
    for path in ("/auth", "/auth/initiate/", "/AUTH/initiate", "/../etc/passwd", "/%2e%2e/x",
                 "/assets/", "/auth//initiate"):
        reply = server.client().get(path)
        assert (reply.status, reply.error) == (404, "not_found")


@pytest.mark.parametrize("type", ["text/plain", "application/x-www-form-urlencoded",
                                  "multipart/form-data", "", "application/json-patch+json"])
def test_other_types_than_json(server, type):
    reply = server.client().post("/auth/initiate", raw=b'{"email":"a@example.org"}',
                                 headers={"Content-Type": type})
    assert (reply.status, reply.error) == (415, "unsupported_media_type")


@pytest.mark.parametrize("raw", [
    b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"email":["a@example.org","b@example.org"]}',
    b'{"email":"a@example.org","email":"b@example.org"}', b'{"email":{"$ne":null}}',
    b'{"email":1}', b'{"email":null}', b'{"email":true}', b"{}",
    b'{"email":"a@example.org","username":"a"}', b'{"username":""}',
    b'{"email":"a@example.org"} x', b"[" * 8000, b'{"x":' * 3000,
    '{"email":"a@example.org"}'.encode("utf-16"), b'\xef\xbb\xbf{"email":"a@example.org"}',
], ids=range(19))
def test_bodies_that_are_none(server, raw):
    reply = server.client().post("/auth/initiate", raw=raw,
                                 headers={"Content-Type": "application/json"})
    assert (reply.status, reply.error) == (400, "invalid_request")
    assert reply.json["message"]


@pytest.mark.parametrize("address", [
    "v,a@example.org", "v@example.org,a@example.org", "v@example.org a@example.org",
    "<v@example.org>", "V <v@example.org>", "v@example.org>\r\nRCPT TO:<e@example.org",
    "v@example.org\n", "v@example.org\0", "\tv@example.org", '"v"@example.org',
    "v(x)@example.org", "=?utf-8?q?v?=@[127.0.0.1]", "v@127.0.0.1", "v@b@example.org",
    "vı@example.org", "v@exampıe.org", "ſ@example.org", "v@example..org", ".v@example.org",
    "v@-example.org", "a" * 65 + "@example.org", "v@" + "a" * 250 + ".org", "v\u202e@example.org",
    "v@example.org\u2028", "", "v", "@example.org", "v@",
])
def test_addresses_that_are_none(server, address):
    """security.md 29 to 35: refused before anybody is mailed."""
    before = len(server.mails())
    reply = server.client().post("/auth/initiate", {"email": address})
    assert (reply.status, reply.error) == (400, "invalid_request"), address
    assert len(server.mails()) == before


def test_a_body_may_have_16_kib(server):
    room = 16 * 1024 - len(b'{"email":"nobody@example.org","x":""}')
    fits = b'{"email":"nobody@example.org","x":"' + b"a" * room + b'"}'
    headers = {"Content-Type": "application/json"}
    assert server.client().post("/auth/initiate", raw=fits, headers=headers).status == 200
    reply = server.client().post("/auth/initiate", raw=fits + b" ", headers=headers)
    assert (reply.status, reply.error) == (413, "body_too_large")


def test_every_answer_is_safe_in_a_browser(server):
    client = server.client()
    for reply in (client.get("/"), client.get("/nothing"), client.get("/auth/me"),
                  client.post("/auth/initiate", {"email": "nobody@example.org"}),
                  client.get("/home"), client.get("/assets/auth.js"), client.get("/openapi.json")):
        headers = reply.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and "Strict-Transport-Security" not in headers
        assert headers["Cache-Control"] in ("no-store", "no-cache")
        assert "Server" not in headers


def test_hsts_when_the_issuer_is_behind_tls(fresh):
    server = fresh(lambda c: c.update(issuer="https://login.example.org"))
    reply = server.client().get("/healthz")
    assert reply.headers["Strict-Transport-Security"].startswith("max-age=31536000")


# Origins (security.md 56, 76, 77)

EVIL = ["null", "https://evil.example", "http://127.0.0.1.evil.example", "file://"]


@pytest.mark.parametrize("origin", EVIL)
def test_pages_of_other_origins_may_not_call(server, users, origin):
    client = server.client()
    headers = {"Origin": origin}
    reply = client.post("/auth/initiate", {"email": "nobody@example.org"}, headers=headers)
    assert (reply.status, reply.error) == (403, "origin_refused")
    assert "Access-Control-Allow-Origin" not in reply.headers
    preflight = client.call("OPTIONS", "/auth/initiate", headers={
        **headers, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type"})
    assert preflight.status == 403 and "Access-Control-Allow-Origin" not in preflight.headers


def test_cookie_calls_of_other_origins_are_refused(server, users):
    cookies = server.sign_in(users(), cookie=True).cookies()
    jar = {"Cookie": "; ".join(f"{n}={v}" for n, (v, _) in cookies.items())}
    for more in ({"Origin": "https://evil.example"}, {"Origin": "null"},
                 {"Sec-Fetch-Site": "cross-site"}):
        for path in ("/auth/refresh", "/auth/logout"):
            reply = server.client().post(path, headers={**jar, **more})
            assert (reply.status, reply.error) == (403, "origin_refused")
    assert server.client().get("/auth/me", headers=jar).status == 200
    assert server.client().post("/auth/refresh", headers={**jar, "Origin": server.url}).status == 200


def test_a_cookie_that_comes_twice_is_refused(server, users):
    value, _ = server.sign_in(users(), cookie=True).cookies()["__Host-doorpost-access"]
    twice = f"__Host-doorpost-access={value}; __Host-doorpost-access=x"
    assert server.client().get("/auth/me", headers={"Cookie": twice}).status == 400


def test_cors_for_the_origins_that_are_named(fresh):
    origin = "https://app.example.org"
    server = fresh(lambda c: c["http"].update(cors_origins=[origin]))
    client = server.client()
    preflight = client.call("OPTIONS", "/auth/verify", headers={
        "Origin": origin, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type"})
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == origin
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    reply = client.initiate("alice@example.org", headers={"Origin": origin})
    assert reply.status == 200 and reply.headers["Access-Control-Allow-Origin"] == origin
    session = reply.json["session"]
    wants_cookie = client.post("/auth/verify", {"session": session, "otp": server.code(),
                                                "cookie": True}, headers={"Origin": origin})
    assert wants_cookie.error == "origin_refused"
    near = client.initiate("alice@example.org", headers={"Origin": origin + ".evil.example"})
    assert near.status == 403


@pytest.mark.parametrize("url, expected", [
    ("https://app.example.org/wiki/page?x=1", 200), ("https://app.example.org/wiki", 200),
    ("https://app.example.org/", 400), ("//evil.example", 400), ("/\\evil.example", 400),
    ("https://app.example.org.evil.example/wiki", 400), ("javascript:alert(1)", 400),
    ("https://app.example.org/wiki/../x", 400), ("https://app.example.org@evil.example/wiki", 400),
    ("", 400),
])
def test_where_a_person_is_sent_on_to(fresh, url, expected):
    import urllib.parse
    server = fresh(lambda c: c["http"].update(applications=["https://app.example.org/wiki"]))
    reply = server.client().get("/auth/continue?url=" + urllib.parse.quote(url, safe=""))
    assert reply.status == expected
    if expected == 200:
        assert reply.json == {"url": url}


def test_forwarded_for_counts_only_from_trusted_proxies(fresh):
    def narrow(settings):
        settings["limits"]["starts_per_source"] = "5/h"
        settings["http"]["trusted_proxies"] = []
    server = fresh(narrow)
    statuses = [server.client(f"192.0.2.{n}").initiate(f"x{n}@example.org").status
                for n in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    limited = server.client().initiate("y@example.org")
    assert limited.error == "rate_limited"
    assert int(limited.headers["Retry-After"]) == limited.json["retry_after"] > 3000


def test_an_ipv6_network_is_one_source(fresh):
    server = fresh(lambda c: c["limits"].update(starts_per_source="5/h"))
    statuses = [server.client(f"2001:db8::{n:x}").initiate(f"x{n}@example.org").status
                for n in range(1, 8)]
    assert statuses == [200] * 5 + [429] * 2
    assert server.client("2001:db8:0:1::1").initiate("y@example.org").status == 200
