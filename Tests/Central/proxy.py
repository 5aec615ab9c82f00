"""An HTTP proxy that knows CONNECT alone. It notes what was asked for, and the lengths of the TLS
records that came back; and it can lose an answer."""

import socket
import struct
import threading

HANDSHAKE_OVER = 23  # application data


class Proxy:
    """`names` are resolved here, and nowhere else. With `drops_answers` what is asked gets there, and no
    answer comes back."""

    def __init__(self, address, names):
        self.names, self.targets, self.answers = names, [], []
        self.drops_answers = False
        self._open = set()
        self._listener = socket.create_server((address, 0), backlog=64)
        self.url = f"http://{address}:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                more = client.recv(4096)
                if not more:
                    return
                head += more
            method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
            self.targets.append(f"{method} {target}")
            name, _, port = target.partition(":")
            if method != "CONNECT" or name not in self.names:
                client.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                return
            with socket.create_connection((self.names[name], int(port))) as center:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._open.add(client)
                asked, answered = bytearray(), bytearray()
                up = threading.Thread(
                    target=self._pass, args=(client, center, asked, lambda: True), daemon=True)
                up.start()
                # Its first record of the second kind ends the handshake.
                self._pass(center, client, answered,
                           lambda: not self.drops_answers or len(records(asked)) < 2)
                up.join(5)
                self._open.discard(client)
                self.answers.append(records(answered))

    def _pass(self, source, sink, passed, may_pass):
        try:
            while more := source.recv(65536):
                passed += more
                if may_pass():
                    sink.sendall(more)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def hang_up(self):
        for client in list(self._open):
            client.shutdown(socket.SHUT_RDWR)

    def stop(self):
        self._listener.close()


def records(stream):
    """The lengths of the TLS records after the handshake's clear part."""
    lengths = []
    while len(stream) >= 5:
        kind, _, length = struct.unpack(">BHH", stream[:5])
        if kind == HANDSHAKE_OVER:
            lengths.append(length)
        stream = stream[5 + length:]
    return lengths
