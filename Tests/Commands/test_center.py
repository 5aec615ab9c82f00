"""Commands on a machine that asks a central Doorpost (`server:`), over a real center."""

import json
import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from conftest import BINARY, ROOT, Instance, doorpost
from test_program import COMMANDS
from test_tokens import JTI, signed_in, web  # noqa: F401

sys.path.insert(0, str(ROOT / "Tests/Support"))
from smtp.certificates import Authority, self_signed  # noqa: E402

NAME = socket.gethostname()


class Center:
    """`doorpost serve` of an instance."""

    def __init__(self, instance, *arguments):
        self.instance = instance
        self.process = subprocess.Popen(
            [BINARY, "serve", "--config", str(instance.config), "--listen", "127.0.0.1:0", *arguments],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
        self.lines = []
        for line in self.process.stderr:
            self.lines.append(line.decode())
            if found := re.search(r"listening on (https?)://127\.0\.0\.1:(\d+)", self.lines[-1]):
                self.port = found[2]
                self.url = f"{found[1]}://127.0.0.1:{self.port}"
                break
        else:
            raise AssertionError("".join(self.lines))
        self.reader = threading.Thread(target=lambda: self.lines.extend(
            line.decode() for line in self.process.stderr), daemon=True)
        self.reader.start()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(30) == 0
        self.reader.join(10)
        return "".join(self.lines)


class Machine(Instance):
    """A configuration that names a center."""

    def __init__(self, path, url, key, **server):
        super().__init__(path)
        self.path.mkdir()
        self.key = self.path / "host.key"
        self.key.write_text(key + "\n")
        self.key.chmod(0o600)
        self.point_to(url, **server)

    def point_to(self, url, **server):
        value = json.dumps({"url": url, **server}) if server else url
        self.config.write_text(f"server: {value}\nhost_key: host.key\n"
                               "pam: { session_directory: sessions }\n")


@pytest.fixture
def center(signed_in):  # noqa: F811
    running = Center(signed_in[0])
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture
def machine(center, place):
    key = center.instance("host", "add", NAME, "--json").json["key"]
    return Machine(place / "machine", center.url, key)


def test_the_center_looks_at_a_token(machine, signed_in):  # noqa: F811
    _, sign, claims = signed_in
    for more in ((), ("--online",), ("--audience", "host:wks1")):
        result = machine("token", "verify", sign(), *more)
        assert result.code == 0 and result.json == claims and result.err == "", result
    for use in ("id", "access"):
        expected = web(claims, use)
        result = machine("token", "verify", sign(expected, alone=True))
        assert result.code == 0 and result.json == expected, result


@pytest.mark.parametrize("changes,more", [
    ({"iss": "https://evil.example"}, ()), ({}, ("--audience", "host:other")), ({"jti": "f" * 32}, ()),
    ({"exp": 1_700_000_000, "iat": 1_699_999_000, "auth_time": 1_699_999_000}, ()),
])
def test_the_center_says_what_is_not_valid(machine, signed_in, changes, more):  # noqa: F811
    instance, sign, _ = signed_in
    there, here = instance("token", "verify", sign(**changes), *more), machine(
        "token", "verify", sign(**changes), *more)
    assert here.code == 1 and here.out == "" and "not valid" in here.err
    assert here.err == there.err  # the same words as on the center


def test_the_center_does_not_take_what_it_has_not_signed(machine, signed_in):  # noqa: F811
    token = signed_in[1]()
    head, payload, signature = token.split(".")
    flipped = signature[:-2] + ("AA" if signature[-2:] != "AA" else "BB")
    for other in (f"{head}.{payload}.{flipped}", "a.b.c", f"{head}.{payload}."):
        result = machine("token", "verify", other)
        assert result.code == 1 and result.out == "" and "not valid" in result.err, result


def test_a_session_that_was_revoked_on_the_center(machine, signed_in):  # noqa: F811
    instance, sign, _ = signed_in
    assert instance("session", "revoke", JTI).code == 0
    result = machine("token", "verify", sign())
    assert result.code == 1 and "the session was revoked at" in result.err


def test_without_the_center_nothing_is_valid(machine, center, signed_in):  # noqa: F811
    center.stop()
    for more in ((), ("--online",)):
        began = time.monotonic()
        result = machine("token", "verify", signed_in[1](), *more)
        assert result.code == 69 and result.out == "", result
        assert center.url in result.err and "gave no answer" in result.err
        assert time.monotonic() - began < 5


def test_online_is_an_error_where_the_store_cannot_be_read(signed_in):  # noqa: F811
    instance, sign, claims = signed_in
    assert instance("token", "verify", sign(), "--online").json == claims
    (instance.path / "doorpost.db").unlink()
    assert instance("token", "verify", sign()).code == 0
    result = instance("token", "verify", sign(), "--online")
    assert result.code == 69 and result.out == "" and "not checked" in result.err


def test_a_revoked_host_is_told_so(machine, center, signed_in):  # noqa: F811
    assert center.instance("host", "revoke", NAME).code == 0
    result = machine("token", "verify", signed_in[1]())
    assert result.code == 78 and result.out == "" and "host_revoked" in result.err
    refused = center.instance("audit", "--json").json[-1]
    assert refused["kind"] == "host_refused" and refused["host"] == NAME
    assert "is revoked" in center.stop()


def test_a_forged_credential(machine, center, signed_in):  # noqa: F811
    key = machine.key.read_text().strip()
    forged = key[:-1] + ("a" if key[-1] != "a" else "b")
    machine.key.write_text(forged)
    result = machine("token", "verify", signed_in[1]())
    assert result.code == 78 and "host_unknown" in result.err
    log = center.stop()
    assert "a forged host credential" in log
    for text in (key, forged):
        assert text[-50:] not in result.err and text[-50:] not in log


def test_another_machines_credential(machine, center, signed_in):  # noqa: F811
    machine.key.write_text(center.instance("host", "add", "not-" + NAME, "--json").json["key"])
    result = machine("token", "verify", signed_in[1]())
    assert result.code == 78 and "host_mismatch" in result.err and f"not-{NAME}" in result.err
    assert center.instance("audit", "--json").json[-1]["kind"] == "host_refused"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_who_may_not_read_the_credential_is_told(machine, signed_in):  # noqa: F811
    machine.path.chmod(0o711)
    result = machine("token", "verify", signed_in[1](), user="nobody")
    assert result.code == 78 and result.out == ""
    assert "may not read the host's credential" in result.err and "as root" in result.err


@pytest.mark.parametrize("text,said", [
    ("", "must hold a host's credential"), ("dph_x", "must hold a host's credential"),
    (None, "is not there"),
])
def test_a_credential_that_is_none_is_78(machine, text, said):
    if text is None:
        machine.key.unlink()
    else:
        machine.key.write_text(text)
    result = machine("token", "verify", "a.b.c")
    assert result.code == 78 and said in result.err


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_credential_that_others_can_read_is_78(machine, mode):
    machine.key.chmod(mode)
    os.chown(machine.key, -1, pwd.getpwnam("nobody").pw_gid if os.geteuid() == 0 else -1)
    result = machine("token", "verify", "a.b.c")
    assert result.code == 78 and "chmod go-" in result.err, result


ELSEWHERE = [words for words in COMMANDS if words[0] not in ("config", "token")] + [
    ("serve",), ("user", "set", "x", "--no-name"), ("client", "list"), ("apikey", "list"),
    ("session", "revoke", "--user", "x"), ("key", "rotate", "--now")]


@pytest.mark.parametrize("words", ELSEWHERE)
def test_what_is_done_on_the_center_is_78(machine, center, words):
    before = sorted(path.name for path in machine.path.iterdir())
    result = machine(*words)
    assert result.code == 78 and result.out == "", result
    assert f"the users of this machine are at {center.url} (server)" in result.err
    assert sorted(path.name for path in machine.path.iterdir()) == before


def test_a_server_that_is_told_to_ask_another_goes_on_as_it_was(center):
    before = center.instance.config.read_text()
    # All else as it was: nothing but this is wrong.
    center.instance.edit("store: sqlite:doorpost.db", "server: https://login.example.org\nhost_key: k")
    center.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 15
    while not any("read again" in line or "not reloaded" in line for line in center.lines):
        assert time.monotonic() < deadline, center.lines
        time.sleep(0.05)
    assert "the users of this machine are at https://login.example.org" in center.lines[-1]
    center.instance.config.write_text(before)
    assert center.instance("host", "add", NAME).code == 0


def test_the_configuration_is_checked_and_shown(machine, center, place):
    assert machine("config", "check").code == 0
    shown = machine("config", "show")
    assert shown.code == 0 and f"server: \"{center.url}\"\n" in shown.out.replace(
        f"server: {center.url}\n", f"server: \"{center.url}\"\n")
    assert f"host_key: {machine.key}\n" in shown.out
    assert "issuer" not in shown.out and "mail" not in shown.out
    assert machine.key.read_text().strip() not in shown.out
    (machine.path / "again.yaml").write_text(shown.out)
    again = doorpost("config", "show", "--config", str(machine.path / "again.yaml"))
    assert again.code == 0 and again.out == shown.out


def findings(machine, name, *more):
    return [one for one in json.loads(machine("doctor", "--json", *more).out) if one["name"] == name]


def test_the_doctor_asks_the_center(machine, center):
    (machine.path / "sessions").mkdir(mode=0o711)
    every = json.loads(machine("doctor", "--json").out)
    names = {one["name"] for one in every}
    assert not names & {"store", "keys", "mail", "outbox", "users", "triggers", "code", "issuer"}
    [server] = [one for one in every if one["name"] == "server"]
    assert server["state"] == "ok" and center.url in server["what"] and NAME in server["what"]
    [clock] = [one for one in every if one["name"] == "clock"]
    assert clock["state"] == "ok", clock
    files = [one for one in every if one["name"] == "files"]
    assert {one["state"] for one in files} == {"ok"}
    assert any(str(machine.key) in one["what"] for one in files)
    assert machine.key.read_text().strip() not in json.dumps(every)
    # It asked about nobody, and left no trace.
    assert not [one for one in center.instance("audit", "--json").json if one["door"] == "pam"]


def test_the_doctor_counts_hosts_on_a_center(machine, center):
    [hosts] = findings(center.instance, "hosts")
    assert hosts["state"] == "ok" and hosts["what"].startswith("1 machine")
    center.instance("host", "add", "other")
    assert findings(center.instance, "hosts")[0]["what"].startswith("2 machines")
    center.instance("host", "revoke", "other")
    assert findings(center.instance, "hosts")[0]["what"].startswith("1 machine")


def test_the_doctor_sees_a_center_that_is_down(machine, center):
    center.stop()
    [server] = findings(machine, "server")
    assert server["state"] == "problem" and "gave no answer" in server["what"]
    assert machine("doctor").code == 1


def test_the_doctor_sees_a_credential_that_is_not_taken(machine, center):
    center.instance("host", "revoke", NAME)
    [server] = findings(machine, "server")
    assert server["state"] == "problem" and "host_revoked" in server["what"]
    assert NAME in server["remedy"] and "doorpost host list" in server["remedy"]


def test_the_doctor_sees_loose_permissions(machine):
    machine.key.chmod(0o644)
    assert any(one["state"] == "problem" and "can be read by others" in one["what"]
               for one in findings(machine, "files"))


@pytest.fixture
def secured(center, place):
    """Starts centers with a certificate; the machine trusts the authority of `place`."""
    started = []
    authority = Authority(str(place))

    def start(certificate, key, **server):
        center.instance.config.write_text(
            center.instance.config.read_text() + f"\nhttp: {{ listen: \"127.0.0.1:0\", tls_certificate: {certificate}, tls_key: {key} }}\n")
        os.chmod(key, 0o600)
        started.append(Center(center.instance))
        credential = center.instance("host", "add", NAME, "--json").json["key"]
        return Machine(place / "machine", started[-1].url, credential, **server)

    yield authority, start
    for running in started:
        running.stop()


def test_a_center_with_a_certificate(secured, signed_in):  # noqa: F811
    authority, start = secured
    machine = start(*authority.issue("center", ["IP:127.0.0.1"]), ca_file=authority.certificate)
    assert machine("token", "verify", signed_in[1]()).code == 0
    assert findings(machine, "server")[0]["state"] == "ok"
    # Good for two days still.
    [tls] = findings(signed_in[0], "tls")
    assert tls["state"] == "problem" and "days" in tls["what"]


@pytest.mark.parametrize("wrong,said", [
    ("name", "name"), ("expired", "expired"), ("self-signed", "self"), ("unknown", "issuer"),
])
def test_a_center_with_a_wrong_certificate(secured, place, signed_in, wrong, said):  # noqa: F811
    authority, start = secured
    names = ["DNS:login.example.org"] if wrong == "name" else ["IP:127.0.0.1"]
    if wrong == "self-signed":
        files = self_signed(str(place), "own", names)
    else:
        files = authority.issue("center", names, days=-1 if wrong == "expired" else 2)
    trusted = {} if wrong == "unknown" else {"ca_file": authority.certificate}
    machine = start(*files, **trusted)
    result = machine("token", "verify", signed_in[1]())
    assert result.code == 69 and result.out == "" and said in result.err.lower(), result
    [server] = findings(machine, "server")
    assert server["state"] == "problem" and "certificate" in server["what"].lower(), server


def test_nothing_of_the_environment_leads_elsewhere(machine, signed_in):  # noqa: F811
    result = machine("token", "verify", signed_in[1](), env={
        "http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1",
        "all_proxy": "http://127.0.0.1:1", "HOME": str(machine.path)})
    assert result.code == 0, result


class Impostor:
    """Answers everything with the same bytes, and keeps what it was asked."""

    def __init__(self, status, body, **headers):
        self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler):  # noqa: N805
                length = int(handler.headers["Content-Length"])
                self.asked.append((handler.path, handler.headers, handler.rfile.read(length)))
                handler.send_response(status)
                for name, value in headers.items():
                    handler.send_header(name, value)
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            do_GET = do_POST

            def log_message(handler, *_):  # noqa: N805
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def lone(place):
    """A machine that knows a center's key, and nothing of where it is."""
    return Machine(place / "lone", "http://127.0.0.1:1", f"dph_{'a' * 12}_{'b' * 50}")


@pytest.mark.parametrize("status,body,code,said", [
    (200, b"{}", 69, "does not understand"), (200, b"", 69, "does not understand"),
    (200, b"<html>", 69, "does not understand"), (200, b'{"refusal":7}', 69, "does not understand"),
    (200, b'{"issuer":"https://a.example"}', 69, "does not understand"),
    (200, b" " * 70_000, 69, "gave no answer"),
    (500, b"oops", 69, "status 500, and not as a Doorpost"),
    (404, b"{}", 69, "status 404, and not as a Doorpost"),
    (503, b'{"error":"store_unavailable","message":"no\\u001b[31m"}', 69, "store_unavailable: no"),
    (403, b'{"error":"host_revoked","message":"no"}', 78, "refuses this host: host_revoked"),
    (401, b'{"error":"host_unknown","message":"no"}', 78, "refuses this host: host_unknown"),
])
def test_an_answer_that_is_none(lone, status, body, code, said):
    with Impostor(status, body) as impostor:
        lone.point_to(impostor.url)
        result = lone("token", "verify", "a.b.c")
    assert result.code == code and result.out == "" and said in result.err, result
    assert "\x1b" not in result.err
    # Whatever comes back, nothing is asked twice.
    assert len(impostor.asked) == 1


def test_what_is_asked(lone):
    with Impostor(200, b'{"refusal":"no"}') as impostor:
        lone.point_to(impostor.url)
        result = lone("token", "verify", "a.b.c", "--audience", "host:x")
    assert result.code == 1 and result.err == "doorpost: not valid: no\n"
    [(path, headers, body)] = impostor.asked
    assert path == "/host/token"
    assert json.loads(body) == {"host": NAME, "token": "a.b.c", "audience": "host:x"}
    assert headers["Authorization"] == "Bearer " + lone.key.read_text().strip()
    assert headers["Content-Type"] == "application/json" and headers["Expect"] is None


def test_nobody_is_sent_on(lone):
    with Impostor(200, b'{"refusal":"elsewhere"}') as other:
        with Impostor(307, b"", Location=other.url + "/host/token") as impostor:
            lone.point_to(impostor.url)
            result = lone("token", "verify", "a.b.c")
        assert result.code == 69 and "status 307" in result.err
        assert len(impostor.asked) == 1 and other.asked == []


def test_a_proxy_that_is_configured_is_asked(lone):
    with Impostor(200, b'{"refusal":"by the proxy"}') as proxy:
        lone.point_to("http://localhost:1", proxy=proxy.url)
        result = lone("token", "verify", "a.b.c")
    assert result.code == 1 and "by the proxy" in result.err, result
    assert proxy.asked[0][0] == "http://localhost:1/host/token"


def test_a_center_that_takes_the_connection_and_says_nothing(lone):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        lone.point_to(f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        result = lone("token", "verify", "a.b.c")
    assert result.code == 69 and "gave no answer" in result.err
    assert time.monotonic() - began < 12


def test_a_clock_that_differs_is_found(lone):
    (lone.path / "sessions").mkdir(mode=0o711)
    with Impostor(200, b'{"state":"not_enrolled"}') as impostor:
        lone.point_to(impostor.url)
        states = {one["name"]: one["state"] for one in json.loads(lone("doctor", "--json").out)}
        assert states["server"] == "ok" and states["clock"] == "ok"
    off = {"Date": "Sat, 21 Nov 2020 07:26:05 GMT"}
    with Impostor(200, b'{"state":"not_enrolled"}', **off) as impostor:
        lone.point_to(impostor.url)
        [clock] = findings(lone, "clock")
        assert clock["state"] == "problem" and "ahead of the center's" in clock["what"]
