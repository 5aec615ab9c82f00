"""Ten thousand clients that keep their connections."""

import ctypes
import os
import resource
import socket
import subprocess
import threading
import time

import pytest
from harness.wire import Connection, closing_times, get, request

COUNT = 10_000


@pytest.fixture
def files():
    """As many open files as the test may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < COUNT + 200:
        pytest.skip(f"the hard limit of open files is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.alone
def test_ten_thousand_idle_connections_leave_others_unharmed(files, server):
    get(server, "/nothing")
    before = server.resident
    crowd = []
    try:
        for number in range(COUNT):
            # Loopback has 16 million addresses: no source runs out of ports.
            source = (f"127.0.{number // 2500 + 1}.1", 0)
            crowd.append(Connection(server, source=source))
            crowd[-1].send(request("/nothing"))
        statuses = {connection.answer().status for connection in crowd}
        assert statuses == {404}
        each = (server.resident - before) / COUNT
        times = []
        for _ in range(200):
            start = time.monotonic()
            assert get(server, "/nothing").status == 404
            times.append(time.monotonic() - start)
        print(f"{each / 1024:.1f} KiB a connection; p99 {sorted(times)[197] * 1000:.1f} ms")
        assert each < 24 * 1024
        assert sorted(times)[197] < .1
        # They are idle, not dead.
        for connection in crowd[::1000]:
            connection.send(request("/nothing"))
            assert connection.answer().status == 404
    finally:
        for connection in crowd:
            connection.socket.close()


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))


def test_over_the_limit_the_longest_idle_makes_room(serve):
    # 128 files are 64 connections.
    server = serve(preexec_fn=few_files)
    idle = [Connection(server) for _ in range(64)]
    busy = idle[0]
    busy.send(request("/nothing"))
    assert busy.answer().status == 404  # so that idle[1] has now waited longest
    for _ in range(20):
        assert get(server, "/nothing").status == 404
    busy.send(request("/nothing"))
    assert busy.answer().status == 404
    gone = 0
    for connection in idle[1:]:
        connection.socket.setblocking(False)
        try:
            gone += connection.socket.recv(1) == b""
        except BlockingIOError:
            pass
    assert 1 <= gone <= 20


def test_a_crowd_of_half_requests_cannot_keep_others_out(serve):
    server = serve(preexec_fn=few_files)
    crowd = []
    for _ in range(300):
        connection = socket.create_connection((server.host, server.port))
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        crowd.append(connection)
    for _ in range(20):
        assert get(server, "/nothing").status == 404
    for connection in crowd:
        connection.close()


def in_a_network_of_its_own(body):
    """Runs it on a thread with a network namespace, whose loopback has addresses of strangers."""
    faults = []

    def run():
        try:
            new_network = 0x40000000
            assert ctypes.CDLL(None, use_errno=True).unshare(new_network) == 0
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            for address in (HOUSE, CROWD, OTHER):
                subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
            body()
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if faults:
        raise faults[0]


HOUSE, CROWD, OTHER = "192.0.2.1", "198.51.100.7", "203.0.113.9"


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root")
@pytest.mark.parametrize("proxied", [False, True])
def test_one_source_has_its_share_and_no_more(serve, config, proxied):
    if proxied:
        config.write_text(f"{config.read_text()}\nhttp: {{trusted_proxies: [{CROWD}]}}\n")

    def body():
        # 128 files are 64 connections, and 8 for each source.
        server = serve(listen=f"{HOUSE}:0", preexec_fn=few_files)
        others = [Connection(server, source=(OTHER, 0)) for _ in range(4)]
        local = [Connection(server, source=(HOUSE, 0)) for _ in range(2)]
        crowd = [Connection(server, source=(CROWD, 0)) for _ in range(40)]
        ends = closing_times(dict(enumerate(crowd)), 2)
        assert len(ends) == (0 if proxied else 32), ends
        # Who came last is served, and nobody else has lost anything.
        for connection in [*others, *local, crowd[-1]]:
            connection.send(request("/nothing"))
            assert connection.answer().status == 404
        for connection in [*others, *local, *crowd]:
            connection.socket.close()

    in_a_network_of_its_own(body)
