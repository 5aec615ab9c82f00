"""HTTP/1.1 by hand: what a client library would never send, and what really comes back."""

import select
import socket
import time


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body!r}"


class Connection:
    def __init__(self, server, source=None, timeout=15):
        self.socket = socket.create_connection(
            (server.host, server.port), timeout, source_address=source)
        self.buffer = b""
        self.born = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def finish_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def _more(self):
        data = self.socket.recv(65536)
        self.buffer += data
        return data

    def _until(self, end):
        while end not in self.buffer:
            if not self._more():
                raise EOFError(self.buffer)
        head, self.buffer = self.buffer.split(end, 1)
        return head

    def _exactly(self, count):
        while len(self.buffer) < count:
            if not self._more():
                raise EOFError(self.buffer)
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def answer(self):
        """The next answer. EOFError: the server has hung up instead."""
        lines = self._until(b"\r\n\r\n").decode().split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {k.lower(): v.strip() for k, v in (l.split(":", 1) for l in lines[1:])}
        body = b""
        if "content-length" in headers:
            body = self._exactly(int(headers["content-length"]))
        elif headers.get("transfer-encoding") == "chunked":
            while size := int(self._until(b"\r\n"), 16):
                body += self._exactly(size + 2)[:-2]
            self._until(b"\r\n")
        return Answer(status, headers, body)

    def is_over(self):
        """Waits until the server has hung up; False if it says something more."""
        try:
            return not self.buffer and not self.socket.recv(65536)
        except ConnectionResetError:
            return True


def exchange(server, data):
    """Sends, then reads until the server hangs up (or the client's patience ends)."""
    with Connection(server) as connection:
        connection.send(data)
        connection.finish_sending()
        answers = []
        try:
            while True:
                answers.append(connection.answer())
        except (EOFError, ConnectionResetError):
            return answers


def request(path="/", method="GET", body=b"", headers=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def get(server, path="/", **more):
    with Connection(server, **more) as connection:
        connection.send(request(path))
        return connection.answer()


def closing_times(connections, timeout):
    """Seconds from birth until the server hung up, by name, and what it had said."""
    ends, open_ = {}, dict(connections)
    limit = time.monotonic() + timeout
    while open_ and time.monotonic() < limit:
        ready, _, _ = select.select([c.socket for c in open_.values()], [], [], 0.5)
        for name, connection in list(open_.items()):
            if connection.socket not in ready:
                continue
            try:
                ended = not connection._more()
            except ConnectionResetError:
                ended = True
            if ended:
                ends[name] = (time.monotonic() - connection.born, connection.buffer)
                del open_[name]
    return ends
