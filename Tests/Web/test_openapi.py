"""openapi.json against the running server, by schemathesis and by a sign-in that is looked at."""

import json
import re
import subprocess

import pytest

from harness.client import Client
from harness.server import ROOT, Server, temporary, wrong

DOCUMENT = ROOT / "Sources/DoorpostHTTP/OpenAPI/openapi.json"
PYTHON = ROOT / ".build/venv/bin/python"
ALICE = "alice@example.org"
# Not calls of the API: the page and what it loads.
PAGE = {"/", "/home", "/assets/auth.js", "/assets/styles.css", "/assets/icon.svg"}

# All checks are on but what no schema can say: an address must be one that codes are sent to, and an application's.
SETTINGS = """
[[operations]]
include-name = ["POST /auth/initiate", "GET /auth/continue"]
[operations.checks.positive_data_acceptance]
enabled = false
"""


@pytest.fixture(scope="module", autouse=True)
def tools():
    subprocess.run([ROOT / "scripts/venv"], check=True)


@pytest.fixture(scope="module")
def server():
    with temporary() as directory:
        running = Server(directory)
        try:
            yield running.start()
        finally:
            running.kill()


@pytest.fixture(scope="module")
def document():
    return json.loads(DOCUMENT.read_text())


def test_the_server_gives_out_the_document_of_this_tree(server, document):
    reply = server.client().get("/openapi.json")
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json == document


def test_schemathesis_finds_nothing(server, document, tmp_path):
    operations = sum(len(methods) for methods in document["paths"].values())
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(SETTINGS)
    signed = server.sign_in(ALICE).json
    # Deterministic: the same examples in every run, as with a seed.
    done = subprocess.run(
        [PYTHON, "-B", "-c", "from schemathesis.cli import schemathesis; schemathesis()",
         "--config-file", settings, "run", DOCUMENT, "--url", server.url,
         "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "100",
         "--generation-deterministic", "--continue-on-failure", "--no-color",
         "--header", f"Authorization: Bearer {signed['access_token']}"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Tested: {operations}" in " ".join(done.stdout.split()), done.stdout
    assert server.client().get("/readyz").status == 200
    assert "Fatal" not in server.said()


def routes():
    """(method, path) of every route, as the server's source adds them."""
    found = set()
    for path in (ROOT / "Sources/DoorpostHTTP").rglob("*.swift"):
        found |= set(re.findall(r'\badd\(\s*\.(get|post|put|delete|patch), "([^"]+)"',
                                path.read_text()))
    return found


def test_every_route_is_in_the_document_and_there_is_no_other(server, document):
    documented = {(method, path) for path, operations in document["paths"].items()
                  for method in operations}
    added = routes()
    assert len(added) > 15
    assert {r for r in added if r[1] not in PAGE} == documented
    client = server.client()
    for method in ("get", "post", "put", "patch", "delete"):
        for path in {path for _, path in added}:
            reply = client.call(method.upper(), path)
            if (method, path) in added:
                assert reply.status not in (404, 405), (method, path)
            elif (method, path) != ("post", "/"):  # the Cognito API: Tests/Cognito
                assert reply.status == 405, (method, path)
                allowed = {m.upper() for m, p in added if p == path}
                allowed |= {"POST"} if path == "/" else set()
                assert set(reply.headers["Allow"].split(", ")) - {"HEAD", "OPTIONS"} == allowed


class Recorder(Client):
    def __init__(self, server, source=None):
        super().__init__(server.url, source)
        self.exchanges = []

    def call(self, method, path, body=None, **more):
        reply = super().call(method, path, body=body, **more)
        self.exchanges.append({
            "method": method, "path": path.partition("?")[0], "status": reply.status,
            "headers": {k.lower(): v for k, v in reply.headers.items()},
            "body": reply.raw.decode(), "request": body if reply.status < 400 else None})
        return reply


def test_a_whole_sign_in_is_as_the_document_says(fresh, document):
    server = fresh(lambda c: (c["limits"].update(starts_per_source="3/h"),
                              c["http"].update(applications=["https://app.example.org"])))
    client = Recorder(server)
    session = client.initiate(ALICE).json["session"]
    code = server.code()
    client.post("/auth/resend", {"session": session})
    client.verify(session, wrong(code), email=ALICE)
    signed = client.verify(session, code, email=None, cookie=None, unknown=1).json
    bearer = {"Authorization": f"Bearer {signed['access_token']}"}
    client.get("/auth/me", headers=bearer)
    client.get("/auth/me")
    renewed = client.post("/auth/refresh", {"refresh_token": signed["refresh_token"]}).json
    client.post("/auth/refresh", {"refresh_token": "x"})
    client.post("/auth/logout", {"refresh_token": renewed["refresh_token"]})
    client.post("/auth/logout", {"refresh_token": None})
    client.verify(session, code)
    client.post("/auth/resend", {"session": session})
    again = client.initiate("bob@example.org").json["session"]
    client.post("/auth/initiate", {"username": "bob", "email": None})
    client.verify(again, "12345678", cookie=True)
    client.initiate("one-too-many@example.org")
    client.initiate("no address")
    client.post("/auth/initiate", raw=b"{}", headers={"Content-Type": "text/plain"})
    client.post("/auth/initiate", raw=b" " * 20000, headers={"Content-Type": "application/json"})
    client.post("/auth/initiate", {"email": ALICE}, headers={"Origin": "https://evil.example"})
    client.get("/auth/continue?url=https://app.example.org/x")
    client.get("/auth/continue?url=https://evil.example/x")
    for path in ("/.well-known/jwks.json", "/healthz", "/readyz", "/metrics", "/openapi.json"):
        client.get(path)
        client.call("DELETE", path)
    seen = {(e["path"], e["status"]) for e in client.exchanges}
    assert {("/auth/initiate", s) for s in (200, 400, 403, 413, 415, 429)} <= seen
    assert {("/auth/verify", 200), ("/auth/verify", 401), ("/auth/me", 200), ("/auth/me", 401),
            ("/auth/refresh", 200), ("/auth/refresh", 401), ("/auth/logout", 204),
            ("/auth/continue", 200), ("/auth/continue", 400), ("/auth/resend", 200)} <= seen
    done = subprocess.run([PYTHON, "-B", ROOT / "Tests/Web/harness/conformance.py"],
                          input=json.dumps({"document": document, "exchanges": client.exchanges}),
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
