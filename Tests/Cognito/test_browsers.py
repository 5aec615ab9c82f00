"""Pages of other origins: those that are allowed may call, as SDKs in browsers do."""

import json

import pytest

from test_model import post

APP = "https://app.example.org"
ASKED = "content-type,x-amz-target,x-amz-user-agent,amz-sdk-invocation-id,amz-sdk-request," \
    "cache-control"


@pytest.fixture(scope="module")
def allowing(tmp_path_factory):
    from harness.server import Server
    server = Server(tmp_path_factory.mktemp("cors"),
                    lambda c: c["http"].update(cors_origins=[APP]))
    yield server.start()
    server.kill()


def preflight(server, origin, path="/"):
    return server.client().call("OPTIONS", path, headers={
        "Origin": origin, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ASKED})


def test_a_page_that_may_call_is_told_so(allowing):
    reply = preflight(allowing, APP)
    assert reply.status == 204
    assert reply.headers["Access-Control-Allow-Origin"] == APP
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    allowed = reply.headers["Access-Control-Allow-Headers"].split(", ")
    assert set(ASKED.split(",")) <= set(allowed)
    status, body, headers = post(allowing.url, "InitiateAuth", {}, headers={"Origin": APP})
    assert status == 400 and body["__type"] == "InvalidParameterException"
    assert headers["Access-Control-Allow-Origin"] == APP
    assert "x-amzn-ErrorType" in headers["Access-Control-Expose-Headers"]


def test_any_other_page_is_refused(allowing):
    for origin in ("https://evil.example.org", "null", "https://app.example.org.evil.org"):
        assert "Access-Control-Allow-Origin" not in preflight(allowing, origin).headers
        status, body, headers = post(
            allowing.url, "InitiateAuth", {}, headers={"Origin": origin})
        assert (status, body["__type"]) == (400, "ForbiddenException")
        assert "Access-Control-Allow-Origin" not in headers


def test_the_other_calls_allow_what_they_did(allowing):
    reply = preflight(allowing, APP, "/auth/initiate")
    assert reply.headers["Access-Control-Allow-Headers"] == "authorization, content-type"


def test_a_form_cannot_call(allowing):
    body = json.dumps({"AuthFlow": "CUSTOM_AUTH"}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        status, told, _ = post(allowing.url, "InitiateAuth", body, headers={"Content-Type": kind})
        assert (status, told["__type"]) == (400, "UnknownOperationException")
