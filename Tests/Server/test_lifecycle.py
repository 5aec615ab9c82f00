"""Start, reload, end."""

import os
import pathlib
import signal
import socket
import subprocess
import sys

import pytest
from harness.server import BINARY, ENVIRONMENT, Server
from harness.wire import Connection, get, request


def half_sent(server):
    """A request that is being read: the server has asked for its body."""
    connection = Connection(server)
    connection.send(b"POST /auth/initiate HTTP/1.1\r\nHost: localhost\r\n"
                    b"Content-Type: application/json\r\nContent-Length: 12\r\n"
                    b"Expect: 100-continue\r\n\r\n")
    assert connection.answer().status == 100
    return connection


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_requests_in_progress_finish(serve, number):
    server = serve()
    with half_sent(server) as busy, Connection(server) as idle:
        idle.send(request("/nothing"))
        idle.answer()
        server.signal(number)
        server.log.wait_for("finishing the requests")
        assert idle.is_over()
        busy.send(b'{"email":1}\n')
        answer = busy.answer()
        assert answer.status >= 200
        assert busy.is_over()
    assert server.wait() == 0
    with pytest.raises(ConnectionRefusedError):
        Connection(server)


def test_a_reload_takes_the_new_configuration(serve, config):
    server = serve()
    config.write_text(config.read_text().replace("signup: closed", "signup: open"))
    said = server.reload()
    assert "read again" in said and "error" not in said
    assert get(server, "/nothing").status == 404


def test_a_reload_keeps_the_old_configuration_when_the_new_one_is_wrong(serve, config):
    server = serve()
    right = config.read_text()
    config.write_text(right.replace("signup: closed", "signpu: closed"))
    line = right.splitlines().index("signup: closed") + 1
    said = server.reload()
    assert f"{config}:{line}: unknown key 'signpu'" in said
    assert "did you mean 'signup'" in said and "the old configuration stays" in said
    assert get(server, "/nothing").status == 404
    config.write_text(right)
    assert "read again" in server.reload()


def test_a_reload_names_what_cannot_change(serve, config):
    server = serve()
    text = config.read_text().replace("sqlite:doorpost.db", "sqlite:other.db")
    config.write_text(text + "http: { listen: 127.0.0.1:9 }\n")
    said = server.reload()
    assert "until doorpost is restarted: http.listen, store" in said
    assert not (config.parent / "other.db").exists()


def test_many_reloads_leave_nothing_behind(serve):
    server = serve()
    server.reload()
    before = len(os.listdir(f"/proc/{server.pid}/fd"))
    for _ in range(20):
        server.reload()
    assert len(os.listdir(f"/proc/{server.pid}/fd")) == before


def test_a_port_in_use_is_named_with_what_to_do(serve, config):
    server = serve()
    second = Server(config, listen=f"127.0.0.1:{server.port}", wait=False)
    assert second.wait() == 69
    assert f"127.0.0.1:{server.port} is in use by another program" in second.log.text()
    assert get(server, "/nothing").status == 404


def test_an_address_of_another_machine(config):
    server = Server(config, listen="192.0.2.1:8425", wait=False)
    assert server.wait() == 74
    assert "this machine has no address 192.0.2.1:8425" in server.log.text()


def test_a_host_that_is_none(config):
    server = Server(config, listen="nowhere.invalid:8425", wait=False)
    assert server.wait() == 74
    assert "'nowhere.invalid' cannot be looked up" in server.log.text()


@pytest.mark.parametrize("listen", ["8425", "127.0.0.1", "127.0.0.1:65536", ":8425"])
def test_what_is_no_address_is_wrong_usage(config, listen):
    server = Server(config, listen=listen, wait=False)
    assert server.wait() == 2
    assert "--listen" in server.log.text()


def test_a_wrong_configuration_ends_with_78(config):
    config.write_text(config.read_text() + "listne: x\n")
    server = Server(config, wait=False)
    assert server.wait() == 78
    assert "unknown key 'listne'" in server.log.text()


def test_a_missing_key_ends_with_78(config):
    (config.parent / "keys/secret.key").unlink()
    server = Server(config, wait=False)
    assert server.wait() == 78
    assert "keys/secret.key" in server.log.text()


def test_a_missing_store_is_made(serve, config):
    (config.parent / "doorpost.db").unlink()
    assert get(serve(), "/nothing").status == 404
    assert (config.parent / "doorpost.db").exists()


def test_IPv6(serve):
    server = serve(listen="[::1]:0")
    assert server.url == f"http://[::1]:{server.port}"
    assert get(server, "/nothing").status == 404


def test_a_name_is_looked_up(serve):
    assert get(serve(listen="localhost:0"), "/nothing").status == 404


@pytest.mark.parametrize("extra, warns", [
    ("", True), ("http: { trusted_proxies: [10.0.0.1] }\n", False)])
def test_clear_text_beyond_this_machine_is_warned_of(serve, config, extra, warns):
    config.write_text(config.read_text() + extra)
    server = serve(listen="0.0.0.0:0")
    assert ("in clear" in "\n".join(server.log.lines)) == warns


def test_kill_and_start_again_at_once(serve):
    first = serve()
    with Connection(first) as connection:
        connection.send(request("/nothing"))
        connection.answer()
        first.signal(signal.SIGKILL)
        first.wait()
        second = serve(listen=f"127.0.0.1:{first.port}")
        assert get(second, "/nothing").status == 404


# What systemd does: the socket is open before we are.
ACTIVATE = """
import os, sys
descriptor = int(sys.argv[1])
if descriptor != 3:
    os.dup2(descriptor, 3)
os.set_inheritable(3, True)
os.environ["LISTEN_PID"] = sys.argv[2].replace("self", str(os.getpid()))
os.environ["LISTEN_FDS"] = sys.argv[3]
os.execv(sys.argv[4], sys.argv[4:])
"""


def activated(config, descriptor, pid="self", count="1", listen=None, **more):
    wrapper = [sys.executable, "-c", ACTIVATE, str(descriptor), pid, count]
    return Server(config, wrapper=wrapper, listen=listen, pass_fds=[descriptor], **more)


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_a_socket_of_systemd_is_taken_over(config, listener):
    # Whoever connects before we run waits, and is served.
    early = socket.create_connection(listener.getsockname())
    server = activated(config, listener.fileno())
    try:
        assert server.port == listener.getsockname()[1]
        early.sendall(request("/nothing"))
        assert early.recv(100).startswith(b"HTTP/1.1 404")
        assert get(server, "/nothing").status == 404
        environment = pathlib.Path(f"/proc/{server.pid}/environ").read_bytes()
        assert b"LISTEN_FDS" in environment  # what it was started with; children get ours
    finally:
        early.close()
        assert server.stop() == 0


def test_a_socket_for_another_process_is_left_alone(config, listener):
    server = activated(config, listener.fileno(), pid="1", listen="127.0.0.1:0")
    assert server.port != listener.getsockname()[1]
    assert server.stop() == 0


def test_what_systemd_passed_must_listen(config):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        server = activated(config, deaf.fileno(), wait=False)
        assert server.wait() == 74
        assert "Accept=no" in server.log.text()


def test_one_socket_is_enough(config, listener):
    server = activated(config, listener.fileno(), count="2", wait=False)
    assert server.wait() == 74
    assert "keep one ListenStream=" in server.log.text()


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_systemd_is_told(config, tmp_path, kind):
    name = str(tmp_path / "notify") if kind == "path" else f"@doorpost-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(name.replace("@", "\0"))
        inbox.settimeout(10)
        server = Server(config, env={**ENVIRONMENT, "NOTIFY_SOCKET": name})

        def told():
            return dict(line.split("=", 1) for line in inbox.recv(4096).decode().split("\n"))
        assert told()["READY"] == "1"
        server.reload()
        reloading = told()
        assert reloading["RELOADING"] == "1" and int(reloading["MONOTONIC_USEC"]) > 0
        assert told()["READY"] == "1"
        assert server.stop() == 0
        assert told()["STOPPING"] == "1"


@pytest.mark.parametrize("name", ["", "relative", "/nowhere/notify", "/" + "x" * 200])
def test_a_notify_socket_that_is_none_harms_nobody(serve, name):
    assert get(serve(env={**ENVIRONMENT, "NOTIFY_SOCKET": name}), "/nothing").status == 404


def test_the_log_tells_less_when_asked(config):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = Server(config, "--log-level", "error", listen=f"127.0.0.1:{port}", wait=False)
    server.host, server.port = "127.0.0.1", port
    while True:
        try:
            get(server, "/nothing")
            break
        except ConnectionRefusedError:
            assert server.process.poll() is None
    assert server.stop() == 0
    assert server.log.text() == ""


def test_help_teaches():
    text = subprocess.run([BINARY, "serve", "--help"], capture_output=True, text=True).stdout
    for word in ("SIGHUP", "SIGTERM", "run_as", "trusted_proxies", "--listen", "--log-format"):
        assert word in text
