"""Requests that two programs could read in two ways, and those that are too large."""

import json
import subprocess

import pytest
from harness.wire import Connection, exchange, get, request

HOST = b"Host: localhost\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
AMBIGUOUS = {
    "length and chunks": b"POST / HTTP/1.1\r\n" + HOST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"POST / HTTP/1.1\r\n" + HOST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\n" + HOST
    + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "the same length twice": b"POST / HTTP/1.1\r\n" + HOST
    + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a list of lengths": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3, 3\r\n\r\nabc",
    "a length with a sign": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +3\r\n\r\nabc",
    "a negative length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    "a length beyond numbers": b"POST / HTTP/1.1\r\n" + HOST
    + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "a length in hexadecimal": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 0x3\r\n\r\nabc",
    "two codings": b"POST / HTTP/1.1\r\n" + HOST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "an unknown coding": b"POST / HTTP/1.1\r\n" + HOST
    + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks before another coding": b"POST / HTTP/1.1\r\n" + HOST
    + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\n" + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: localhost\n\n",
    "a bare line feed between fields": b"GET / HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n",
    "a bare carriage return": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\rY: b\r\n\r\n",
    "a folded field": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n",
    "a folded coding": b"POST / HTTP/1.1\r\n" + HOST
    + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a blank before the colon": b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length : 3\r\n\r\nabc",
    "a tab before the colon": b"GET / HTTP/1.1\r\n" + HOST + b"X\t: a\r\n\r\n",
    "a blank before the first field": b"GET / HTTP/1.1\r\n X: a\r\n" + HOST + b"\r\n",
    "a field without a name": b"GET / HTTP/1.1\r\n" + HOST + b": a\r\n\r\n",
    "a field without a colon": b"GET / HTTP/1.1\r\n" + HOST + b"X\r\n\r\n",
    "NUL in a value": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n",
    "NUL in a name": b"GET / HTTP/1.1\r\n" + HOST + b"X\0: a\r\n\r\n",
    "NUL in the path": b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a chunk ended by a line feed": b"POST / HTTP/1.1\r\n" + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n1\nZ\r\n0\r\n\r\n",
    "a chunk longer than it says": b"POST / HTTP/1.1\r\n" + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n1\r\nZZ\r\n0\r\n\r\n",
    "a chunk of negative size": b"POST / HTTP/1.1\r\n" + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n",
    "a chunk beyond numbers": b"POST / HTTP/1.1\r\n" + HOST
    + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n\r\n0\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "no HTTP at all": b"EHLO doorpost\r\n\r\n",
    "a TLS handshake": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 60,
    "another version": b"GET / HTTP/3.7\r\n" + HOST + b"\r\n",
    "the HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a tunnel": b"CONNECT example.org:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "an unknown expectation": b"GET / HTTP/1.1\r\n" + HOST + b"Expect: miracles\r\n\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_can_be_read_in_two_ways_is_refused_and_nothing_after_it_is_read(shared, name):
    answers = exchange(shared, AMBIGUOUS[name] + SMUGGLED)
    # A body that is too large to believe ends in 413, a request line in 505.
    refused = [answer for answer in answers if answer.status in (400, 413, 417, 501, 505)]
    assert refused, answers
    assert answers[-1] is refused[-1] and len(refused) == 1
    assert refused[0].headers["connection"] == "close"
    assert json.loads(refused[0].body)["error"] in ("invalid_request", "body_too_large")
    # What was answered before it was the request's own head, not what hid behind it.
    assert len(answers) <= 2


def test_a_refusal_leaves_other_clients_alone(shared):
    with Connection(shared) as other:
        other.send(request())
        before = other.answer().status
        exchange(shared, AMBIGUOUS["two lengths"])
        other.send(request())
        assert other.answer().status == before


@pytest.mark.parametrize("count, refused", [(99, False), (101, True), (5000, True)])
def test_at_most_100_fields(shared, count, refused):
    # One of them is Host.
    answers = exchange(
        shared, request(headers=[f"X-{n}: {n}" for n in range(count - 1)]))
    assert [a.status == 431 for a in answers] == [refused]


@pytest.mark.parametrize("head", [
    request(headers=["X: " + "x" * 17000]),
    request(headers=[f"X{n}: " + "x" * 1700 for n in range(10)]),
    request("/" + "x" * 17000),
    request(headers=["x" * 17000 + ": y"]),
], ids=["one field", "ten fields", "the path", "a name"])
def test_at_most_16_KiB_of_headers(shared, head):
    answer, = exchange(shared, head)
    assert answer.status == 431
    assert json.loads(answer.body)["error"] == "invalid_request"


def test_15_KiB_of_headers_are_taken(shared):
    answer, = exchange(shared, request(headers=["X: " + "x" * 15000]))
    assert answer.status != 431


def test_a_body_that_says_it_is_too_large_is_refused_unread(shared):
    with Connection(shared) as connection:
        connection.send(b"POST /auth/initiate HTTP/1.1\r\n" + HOST
                        + b"Content-Type: application/json\r\nContent-Length: 16385\r\n\r\n")
        answer = connection.answer()
        assert (answer.status, json.loads(answer.body)["error"]) == (413, "body_too_large")
        assert connection.is_over()


def test_a_body_that_turns_out_too_large_is_refused(shared):
    chunk = b"400\r\n" + b"x" * 1024 + b"\r\n"
    with Connection(shared) as connection:
        connection.send(b"POST /auth/initiate HTTP/1.1\r\n" + HOST
                        + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + chunk * 16 + b"1\r\nx\r\n")
        answer = connection.answer()
        assert answer.status != 200
        if answer.status == 413:
            assert json.loads(answer.body)["error"] == "body_too_large"
        assert connection.is_over()


def test_a_client_that_never_stops_sending_is_cut_off(shared):
    with Connection(shared) as connection:
        connection.send(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1073741824\r\n\r\n")
        sent = 0
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while sent < 1 << 30:
                connection.send(b"x" * 65536)
                sent += 65536
        assert sent < 64 << 20


def test_curl_is_told_to_go_on_and_then_sends_its_body(shared):
    done = subprocess.run(
        ["curl", "-si", "--max-time", "5", "--expect100-timeout", "60", "--data-binary", "@-",
         "-H", "Expect: 100-continue", "-H", "Content-Type: application/json",
         f"{shared.url}/auth/nothing"],
        input=b"{" + b" " * 4000 + b"}", capture_output=True)
    assert done.returncode == 0
    first, second = done.stdout.split(b"\r\n\r\n")[:2]
    assert first.startswith(b"HTTP/1.1 100 ")
    assert second.startswith(b"HTTP/1.1 404 ")


def test_an_offer_of_HTTP_2_is_passed_over(shared):
    done = subprocess.run(
        ["curl", "-s", "--http2", "--max-time", "5", "-o", "/dev/null", "-w",
         "%{http_version} %{http_code}\n", f"{shared.url}/nothing", "-o", "/dev/null",
         f"{shared.url}/nothing"],
        capture_output=True, text=True)
    assert done.stdout.split() == ["1.1", "404", "1.1", "404"]


def test_HTTP_1_0_is_answered_and_hung_up_on(shared):
    # nginx speaks it to us unless it is told otherwise.
    answer, = exchange(shared, b"GET /nothing HTTP/1.0\r\n\r\n" + SMUGGLED)
    assert answer.status == 404
    assert answer.headers["connection"] == "close"
    assert "transfer-encoding" not in answer.headers


def test_a_client_that_stops_sending_still_gets_its_answer(shared):
    with Connection(shared) as connection:
        connection.send(request("/nothing"))
        connection.finish_sending()
        assert connection.answer().status == 404
        assert connection.is_over()


def test_requests_one_after_the_other_in_one_packet(shared):
    with Connection(shared) as connection:
        connection.send(request("/nothing") * 8)
        assert [connection.answer().status for _ in range(8)] == [404] * 8


def test_a_flood_of_requests_in_one_packet_ends_the_connection(shared):
    with Connection(shared) as connection:
        answers = []
        try:
            connection.send(request("/nothing") * 20000)
            while True:
                answers.append(connection.answer().status)
        except (EOFError, ConnectionResetError, BrokenPipeError):
            pass
        assert set(answers) <= {404}
    assert get(shared, "/nothing").status == 404
