"""The proxy snippets of docs/deploy.md, taken as they stand: real nginx and real Caddy load them,
and hand to the server behind them what it needs, and nothing else."""

import http.client
import http.server
import json
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Support"))

from debian_tools import tool  # noqa: E402

PAGE = (ROOT / "docs/deploy.md").read_text()
NAME = "login.example.org"


def snippets(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Upstream(http.server.BaseHTTPRequestHandler):
    """In the place of Doorpost: tells what it was asked, and over which connection."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"path": self.path, "version": self.request_version,
                           "peer": self.client_address[1],
                           "headers": {k.lower(): self.headers.get_all(k)
                                       for k in self.headers}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Set-Cookie", "__Host-a=b; Path=/; Secure; HttpOnly")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def upstream():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    place = tmp_path_factory.mktemp("tls")
    key, chain = place / "privkey.pem", place / "fullchain.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
                    "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(key),
                    "-out", str(chain)], check=True, capture_output=True)
    return key, chain


def wait_for(port, process, log):
    for _ in range(200):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def nginx_configuration(place, snippet):
    file = place / "nginx.conf"
    file.write_text(
        f"daemon off; pid {place}/pid; error_log {place}/log warn;\n"
        "events { worker_connections 256; }\n"
        "http {\naccess_log off;\n" + "".join(
            f"{kind}_temp_path {place}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        + snippet + "\n}\n")
    return file


def nginx(place, upstream, certificate):
    (snippet,), (key, chain) = snippets("nginx"), certificate
    clear, secure = free_port(), free_port()
    snippet = re.sub(r"^ *listen \[::\].*\n", "", snippet, flags=re.MULTILINE)
    for old, new in ((f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(chain)),
                     (f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(key)),
                     ("127.0.0.1:8425", f"127.0.0.1:{upstream}"),
                     ("listen 80;", f"listen 127.0.0.1:{clear};"),
                     ("listen 443 ", f"listen 127.0.0.1:{secure} ")):
        assert old in snippet, f"the snippet has no longer {old!r}"
        snippet = snippet.replace(old, new)
    file = nginx_configuration(place, snippet)
    return [tool("nginx"), "-c", str(file), "-p", str(place), "-e", str(place / "log")], secure


def caddy(place, upstream, certificate):
    (snippet,), (key, chain) = snippets("caddy"), certificate
    secure = free_port()
    for old, new in ((f"{NAME} {{\n", f"https://{NAME}:{secure} {{\n\tbind 127.0.0.1\n"
                                      f"\ttls {chain} {key}\n"),
                     ("127.0.0.1:8425", f"127.0.0.1:{upstream}")):
        assert old in snippet, f"the snippet has no longer {old!r}"
        snippet = snippet.replace(old, new)
    file = place / "Caddyfile"
    file.write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
                    + snippet)
    return [tool("caddy"), "run", "--adapter", "caddyfile", "--config", str(file)], secure


class Proxy:
    def __init__(self, port, certificate):
        self.port = port
        self.context = ssl.create_default_context(cafile=str(certificate[1]))

    def connection(self):
        raw = socket.create_connection(("127.0.0.1", self.port), 10)
        made = http.client.HTTPSConnection(NAME, timeout=10)
        made.sock = self.context.wrap_socket(raw, server_hostname=NAME)
        return made

    def ask(self, method, path, body=None, **headers):
        link = self.connection()
        try:
            link.request(method, path, body,
                         {name.replace("_", "-"): value for name, value in headers.items()})
            answer = link.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            link.close()


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy(request, tmp_path_factory, upstream, certificate):
    place = tmp_path_factory.mktemp(request.param.__name__)
    place.chmod(0o755)
    command, port = request.param(place, upstream, certificate)
    log = place / "output"
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(place), "XDG_DATA_HOME": str(place)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=place,
                                   env=environment)
    try:
        wait_for(port, process, log)
        yield Proxy(port, certificate)
    finally:
        process.terminate()
        process.wait(20)


def test_nginx_takes_the_snippet_without_a_warning(tmp_path, certificate):
    (snippet,), (key, chain) = snippets("nginx"), certificate
    snippet = snippet.replace(f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(chain)) \
        .replace(f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(key))
    file = nginx_configuration(tmp_path, snippet)
    done = subprocess.run([tool("nginx"), "-t", "-c", str(file), "-e", str(tmp_path / "log")],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr, done.stderr


def test_caddy_takes_the_snippet_without_a_warning(tmp_path):
    (tmp_path / "Caddyfile").write_text(snippets("caddy")[0])
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    file = str(tmp_path / "Caddyfile")
    for command in (["adapt", "--validate", "--config", file], ["fmt", "--diff", file]):
        done = subprocess.run([tool("caddy"), *command], capture_output=True, text=True,
                              env=environment)
        assert done.returncode == 0, done.stderr
        assert "warn" not in done.stderr.lower(), done.stderr
    assert not re.search(r"^[-+]", done.stdout, re.MULTILINE), done.stdout


def test_the_client_cannot_say_where_it_comes_from(proxy):
    """One address reaches Doorpost: the one that the proxy saw."""
    _, _, body = proxy.ask("POST", "/auth/initiate", b"{}", X_Forwarded_For="203.0.113.7")
    assert json.loads(body)["headers"]["x-forwarded-for"] == ["127.0.0.1"]


def test_host_scheme_and_path_come_through(proxy):
    status, headers, body = proxy.ask("GET", "/auth/me?x=%2F..", X_Forwarded_Proto="http",
                                      Origin="https://app.example.org", Authorization="Bearer t")
    told = json.loads(body)
    assert status == 200 and told["path"] == "/auth/me?x=%2F.."
    assert told["headers"]["host"][0].partition(":")[0] == NAME
    assert told["headers"]["x-forwarded-proto"] == ["https"]
    assert told["headers"]["origin"] == ["https://app.example.org"]
    assert told["headers"]["authorization"] == ["Bearer t"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Set-Cookie"].startswith("__Host-a=b;")
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_connections_to_the_server_are_kept(proxy):
    told = [json.loads(proxy.ask("GET", "/")[2]) for _ in range(8)]
    assert len({each["peer"] for each in told}) <= 2  # nginx: one for each of its workers
    assert {each["version"] for each in told} == {"HTTP/1.1"}
    assert all("close" not in each["headers"].get("connection", [""])[0] for each in told)


def test_bodies_end_at_16_kilobytes(proxy):
    assert proxy.ask("POST", "/auth/verify", b"x" * 15000)[0] == 200
    assert proxy.ask("POST", "/auth/verify", b"x" * 20000)[0] in (413, 502)


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "/metrics?x"])
def test_what_is_inside_stays_inside(proxy, path):
    assert proxy.ask("GET", path)[0] == 404


def test_prometheus_takes_the_scrape_settings(tmp_path):
    made, = (text for text in snippets("yaml") if "scrape_configs" in text)
    settings = yaml.safe_load(made)
    assert settings["scrape_configs"][0]["job_name"] == "doorpost"  # the alerts' job
    settings["rule_files"] = [str(ROOT / "packaging/prometheus/alerts.yml")]
    file = tmp_path / "prometheus.yml"
    file.write_text(yaml.safe_dump(settings))
    done = subprocess.run([tool("promtool"), "check", "config", str(file)], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_ports_agree():
    """Units, proxies and scrape settings speak of one address."""
    text = PAGE + (ROOT / "packaging/systemd/doorpost.socket").read_text()
    assert set(re.findall(r"127\.0\.0\.1:(\d{4})", text)) == {"8425"}


def test_the_drop_in_has_settings_that_systemd_knows(tmp_path):
    snippet, = snippets("ini")
    unit = tmp_path / "doorpost.service"
    unit.write_text("[Service]\nExecStart=/usr/bin/true\n" + snippet.replace("[Service]\n", "")
                    .replace("#Mem", "Mem"))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)],
                          capture_output=True, text=True)
    assert not [line for line in done.stderr.splitlines() if "doorpost.service" in line]
