#!/usr/bin/python3
"""An SMTP server that misbehaves as told, and writes down every byte that it is sent.

    peer.py [--tls none|starttls|implicit] [--certificate good|expired|wrong-host|self-signed]
            [--auth USER:PASSWORD] [--reply STAGE=TEXT]… [--silent STAGE] [--drop STAGE] [--slow MS]
            [--mails N] [--then close|drop:STAGE|TEXT] [--flaky N] [--once STAGE=TEXT]… [--port N]

A connection takes any number of mails, or --mails N; then the peer hangs up at once, or at a stage
of the next, or answers its MAIL with TEXT and hangs up. --flaky N: every Nth answer, of all
connections, is hanging up instead. --once is a --reply for the first time only; its TEXT may be
"drop".

Stages: greeting ehlo starttls auth mail rcpt data dot noop quit. When it listens it prints one line
of JSON: {"port": 2525, "record": "/tmp/…", "ca_file": "/tmp/…/ca.pem"}. In `record`,
`<n>.plain` holds what connection n sent before TLS, `<n>.tls` what it sent inside, decrypted, and
`taken` the Message-IDs of the mails that were answered 250. When connection n is over, "end n" is
printed. It ends on SIGTERM, or when its standard input closes.
"""

import argparse
import base64
import json
import os
import socket
import ssl
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import certificates  # noqa: E402
import lifeline  # noqa: E402

REPLIES = {"greeting": "220 peer.test ESMTP", "starttls": "220 2.0.0 go ahead",
           "auth": "235 2.7.0 welcome", "mail": "250 2.1.0 ok", "rcpt": "250 2.1.5 ok",
           "data": "354 go ahead", "dot": "250 2.0.0 queued as PEER1", "noop": "250 2.0.0 ok",
           "quit": "221 2.0.0 bye"}
NAMES = ["DNS:localhost", "IP:127.0.0.1"]


class Dropped(Exception):
    pass


class Conversation:
    lock, answers = threading.Lock(), 0

    def __init__(self, sock, number, options, context, record):
        self.sock, self.options, self.context = sock, options, context
        self.number = number
        self.path = os.path.join(record, str(number))
        self.taken = os.path.join(record, "taken")
        self.mails = 0
        self.secure = False
        self.buffer = b""
        self.file = open(self.path + ".plain", "wb", buffering=0)

    def run(self):
        try:
            if self.options.tls == "implicit":
                self.start_tls()
            self.answer("greeting")
            self.commands()
        except (Dropped, OSError):
            pass
        finally:
            self.file.close()
            self.sock.close()
            try:
                os.write(1, f"end {self.number}\n".encode())
            except OSError:
                pass  # nobody asks any more

    def start_tls(self):
        self.sock = self.context.wrap_socket(self.sock, server_side=True)
        self.file.close()
        self.file = open(self.path + ".tls", "wb", buffering=0)
        self.secure = True

    def line(self):
        while b"\n" not in self.buffer:
            chunk = self.sock.recv(65536)
            if not chunk:
                raise Dropped
            self.file.write(chunk)
            self.buffer += chunk
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r")

    def answer(self, stage, text=None, note=lambda: None):
        if self.options.slow:
            time.sleep(self.options.slow / 1000)
        with self.lock:
            Conversation.answers += 1
            is_flake = self.options.flaky and Conversation.answers % self.options.flaky == 0
        full = self.mails == self.options.mails
        if is_flake or self.options.drop == stage or full and self.options.then == "drop:" + stage:
            raise Dropped
        if full and stage == "mail" and self.options.then[0] in "45":
            self.sock.sendall(self.options.then.encode() + b"\r\n")
            raise Dropped
        if self.options.silent == stage:
            while self.line() is not None:  # listens on, says nothing
                pass
        with self.lock:
            once = self.options.first.pop(stage, None)
        if once == "drop":
            raise Dropped
        text = once or self.options.replies.get(stage) or text or REPLIES[stage]
        if text[0] in "23":
            note()  # before anybody can know of the answer
        self.sock.sendall(text.replace("\\n", "\r\n").encode() + b"\r\n")
        return text[0] in "23"

    def commands(self):
        while True:
            line = self.line()
            verb = line.split(b" ")[0].upper().decode("latin-1")
            if verb in ("EHLO", "HELO"):
                offers = ["250-peer.test", "250-8BITMIME"]
                if self.options.tls == "starttls" and not self.secure:
                    offers.append("250-STARTTLS")
                if self.options.auth:
                    offers.append("250-AUTH GSSAPI NTLM CRAM-MD5 LOGIN PLAIN")
                self.answer("ehlo", "\\n".join(offers + ["250 SIZE 1000000"]))
            elif verb == "STARTTLS":
                if self.answer("starttls"):
                    self.start_tls()
            elif verb == "AUTH":
                self.auth(line)
            elif verb in ("MAIL", "RCPT", "NOOP"):
                self.answer(verb.lower())
            elif verb == "DATA":
                if self.answer("data"):
                    self.take()
                    if self.mails == self.options.mails and self.options.then == "close":
                        return
            elif verb == "QUIT":
                self.answer("quit")
                return
            else:
                self.sock.sendall(b"500 5.5.1 what?\r\n")

    def take(self):
        name = b"-"
        line = self.line()
        while line != b".":
            if line.startswith(b"Message-ID: "):
                name = line.split(b" ", 1)[1]
            line = self.line()

        def note():
            with self.lock, open(self.taken, "ab") as file:
                file.write(name + b"\n")
            self.mails += 1

        self.answer("dot", note=note)

    def auth(self, line):
        words = line.split(b" ")
        if len(words) < 3:
            self.sock.sendall(b"334 \r\n")
            words.append(self.line())
        good = base64.b64encode(("\0" + self.options.auth.replace(":", "\0", 1)).encode())
        known = words[1].upper() == b"PLAIN" and words[2] == good
        self.answer("auth", None if known else "535 5.7.8 no: " + words[2].decode("latin-1"))


def server_context(options, home):
    if options.tls == "none":
        return None, None
    if options.certificate == "self-signed":
        pair = certificates.self_signed(home, "relay", NAMES)
        ca_file = certificates.Authority(home).certificate
    else:
        authority = certificates.Authority(home)
        names = ["DNS:other.example"] if options.certificate == "wrong-host" else NAMES
        pair = authority.issue("relay", names, -1 if options.certificate == "expired" else 2)
        ca_file = authority.certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    return context, ca_file


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", default="none", choices=["none", "starttls", "implicit"])
    parser.add_argument("--certificate", default="good",
                        choices=["good", "expired", "wrong-host", "self-signed"])
    parser.add_argument("--auth")
    parser.add_argument("--reply", action="append", default=[])
    parser.add_argument("--once", action="append", default=[])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--silent")
    parser.add_argument("--drop")
    parser.add_argument("--slow", type=int, default=0)
    parser.add_argument("--mails", type=int)
    parser.add_argument("--then", default="close")
    parser.add_argument("--flaky", type=int)
    options = parser.parse_args()
    options.replies = dict(reply.split("=", 1) for reply in options.reply)
    options.first = dict(reply.split("=", 1) for reply in options.once)
    lifeline.end_on_signals()
    home = lifeline.folder("doorpost-peer-")
    lifeline.end_with_parent()
    context, ca_file = server_context(options, home)
    record = os.path.join(home, "record")
    os.mkdir(record)
    server = socket.create_server(("127.0.0.1", options.port), backlog=64)
    print(json.dumps({"port": server.getsockname()[1], "record": record, "ca_file": ca_file}),
          flush=True)
    number = 0
    while True:
        sock, _ = server.accept()
        number += 1
        conversation = Conversation(sock, number, options, context, record)
        threading.Thread(target=conversation.run, daemon=True).start()


if __name__ == "__main__":
    main()
