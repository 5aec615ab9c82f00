"""HTTPS."""

import signal
import socket
import ssl
import subprocess

import pytest
from harness.server import Server
from harness.wire import Connection, request


class Certificate:
    """A certificate of its own authority, for localhost."""

    def __init__(self, directory, name, key="ec"):
        self.cert, self.key = directory / f"{name}.pem", directory / f"{name}.key"
        kind = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["rsa:2048"]}[key]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", self.key, "-out",
             self.cert, "-days", "2", "-subj", f"/CN={name}", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True)
        self.key.chmod(0o600)
        self.cert.chmod(0o644)


@pytest.fixture
def certificate(tmp_path):
    return Certificate(tmp_path, "first")


def secure(config, cert, key):
    config.write_text(
        config.read_text() + f"http: {{ tls_certificate: {cert}, tls_key: {key} }}\n")


@pytest.fixture
def server(serve, config, certificate):
    secure(config, certificate.cert, certificate.key)
    return serve()


def shown(server, **limits):
    """The handshake's outcome: version, protocol, and the certificate's name."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    if limits:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.maximum_version = limits["at_most"]
    with socket.create_connection((server.host, server.port), 10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            der = tls.getpeercert(binary_form=True)
            tls.sendall(request("/nothing"))
            assert tls.recv(100).startswith(b"HTTP/1.1 404")
            return tls.version(), tls.selected_alpn_protocol(), der


def der(certificate):
    return ssl.PEM_cert_to_DER_cert(certificate.cert.read_text())


def test_curl_trusts_it_and_HTTP_2_is_not_offered(server, certificate):
    assert server.scheme == "https"
    done = subprocess.run(
        ["curl", "-s", "--cacert", certificate.cert, "--max-time", "5", "-o", "/dev/null", "-w",
         "%{http_version} %{http_code}", f"{server.url}/nothing"], capture_output=True, text=True)
    assert done.stdout == "1.1 404"
    assert shown(server)[:2] == ("TLSv1.3", "http/1.1")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_TLS_1_2_is_spoken_and_nothing_older(server):
    assert shown(server, at_most=ssl.TLSVersion.TLSv1_2)[0] == "TLSv1.2"
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        shown(server, at_most=ssl.TLSVersion.TLSv1_1)


def test_clear_text_is_hung_up_on(server):
    with Connection(server) as connection:
        connection.send(request())
        with pytest.raises((EOFError, ConnectionResetError)):
            connection.answer()
    shown(server)


def test_a_reload_shows_the_new_certificate_to_new_clients(server, certificate, tmp_path):
    assert shown(server)[2] == der(certificate)
    second = Certificate(tmp_path, "second", key="rsa")
    context = ssl.create_default_context(cafile=certificate.cert)
    with socket.create_connection((server.host, server.port), 10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as old:
            certificate.cert.write_bytes(second.cert.read_bytes())
            certificate.key.write_bytes(second.key.read_bytes())
            assert "read again" in server.reload()
            assert shown(server)[2] == der(second)
            old.sendall(request("/nothing"))
            assert old.recv(100).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("breakage, words", [
    (lambda it, other: it.cert.write_text("nonsense"), "holds no certificate in PEM"),
    (lambda it, other: it.key.write_text("nonsense"), "holds no private key in PEM"),
    (lambda it, other: it.key.write_bytes(other.key.read_bytes()),
     "the key is not that of the certificate"),
    (lambda it, other: it.key.chmod(0o644), "TLS key can be read by others (mode 0644)"),
    (lambda it, other: it.key.unlink(), "TLS key is not there"),
], ids=["no certificate", "no key", "another key", "readable key", "missing key"])
def test_wrong_files_are_refused_at_the_start_and_passed_over_later(
        server, config, certificate, tmp_path, breakage, words):
    before = der(certificate)
    breakage(certificate, Certificate(tmp_path, "other"))
    said = server.reload()
    assert words in said and "not reloaded" in said
    assert shown(server)[2] == before
    another = Server(config, wait=False)
    assert another.wait() == 78
    assert words in another.log.text()


def test_files_behind_links_are_followed(serve, config, certificate, tmp_path):
    for name in ("cert", "key"):
        (tmp_path / f"live-{name}").symlink_to(getattr(certificate, name))
    secure(config, tmp_path / "live-cert", tmp_path / "live-key")
    assert shown(serve())[2] == der(certificate)


def test_a_refusal_arrives_and_the_end_is_said(server, certificate):
    context = ssl.create_default_context(cafile=certificate.cert)
    with socket.create_connection((server.host, server.port), 10) as plain:
        # Without close_notify this raises.
        with context.wrap_socket(
                plain, server_hostname="localhost", suppress_ragged_eofs=False) as tls:
            tls.sendall(b"GET / HTTP/1.1\r\n\r\n")
            said = b""
            while data := tls.recv(4096):
                said += data
            assert said.startswith(b"HTTP/1.1 400 ")


def test_an_idle_client_is_told_of_the_end(server, certificate):
    context = ssl.create_default_context(cafile=certificate.cert)
    with socket.create_connection((server.host, server.port), 10) as plain:
        with context.wrap_socket(
                plain, server_hostname="localhost", suppress_ragged_eofs=False) as tls:
            tls.sendall(request("/nothing"))
            assert tls.recv(100).startswith(b"HTTP/1.1 404")
            server.signal(signal.SIGTERM)
            while tls.recv(4096):
                pass
    assert server.wait() == 0


def test_the_end_is_clean(server):
    shown(server)
    assert server.stop() == 0
