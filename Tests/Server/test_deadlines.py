"""Clients that take their time. All in one test, so that it takes as long as the slowest."""

import threading
import time

import pytest
from harness.wire import Connection, closing_times, get, request

BODY = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" \
    b"Content-Length: 100\r\n\r\n"


def trickle(connection, data, pause):
    """Sends a byte now and then, for as long as somebody listens."""
    def work():
        try:
            for byte in data:
                connection.send(bytes([byte]))
                time.sleep(pause)
        except OSError:
            pass
    threading.Thread(target=work, daemon=True).start()


@pytest.mark.alone
def test_slow_clients_are_told_so_and_hung_up_on(server):
    slow = {name: Connection(server) for name in
            ("nothing", "half a head", "trickled head", "half a body", "trickled body")}
    slow["half a head"].send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
    trickle(slow["trickled head"], b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 999, .2)
    slow["half a body"].send(BODY + b"{")
    slow["trickled body"].send(BODY)
    trickle(slow["trickled body"], b" " * 99, .5)

    # Meanwhile, and all the time, others are served at once.
    worst, over = 0, threading.Event()

    def measure():
        nonlocal worst
        while not over.is_set():
            start = time.monotonic()
            get(server, "/nothing")
            worst = max(worst, time.monotonic() - start)
            over.wait(.05)
    other = threading.Thread(target=measure)
    other.start()
    ends = closing_times(slow, 20)
    over.set()
    other.join()
    for connection in slow.values():
        connection.socket.close()

    assert ends.keys() == slow.keys()
    assert ends["nothing"][1] == b""
    assert 9 < ends["nothing"][0] < 12
    for name in ("half a head", "trickled head"):
        assert ends[name][1].startswith(b"HTTP/1.1 408 "), name
        assert 4.9 < ends[name][0] < 7, name
    # A door that answers before it has read the body says what it says, and sooner.
    for name in ("half a body", "trickled body"):
        assert ends[name][1].startswith(b"HTTP/1.1 "), name
        assert ends[name][0] < 13, name
        if b" 408 " in ends[name][1][:13]:
            assert ends[name][0] > 9.9
    assert worst < 1


def test_a_client_that_reads_no_answer_costs_little(server):
    before = server.resident
    lazy = []
    for _ in range(50):
        connection = Connection(server)
        connection.socket.setblocking(False)
        try:
            while True:
                connection.socket.send(request("/nothing") * 1000)
        except OSError:
            pass
        lazy.append(connection)
    assert get(server, "/nothing").status == 404
    assert server.resident - before < 64 << 20
    for connection in lazy:
        connection.socket.close()
