"""The server side of Dovecot's authentication protocol, as far as Postfix needs it for AUTH.

Postfix has no password list of its own: it asks Dovecot or Cyrus SASL. This stands for them, so
that no third server has to run. Protocol: Dovecot's "Authentication Protocol v1.1".
"""

import base64
import binascii
import hmac
import os
import socketserver
import threading


def serve(path, passwords):
    """Answers on the Unix socket `path`, in threads that end with the process."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\n"
                             b"SPID\t1\nCUID\t1\nCOOKIE\t00112233445566778899aabbccddeeff\nDONE\n")
            waiting = {}  # LOGIN asks twice
            for line in self.rfile:
                words = line.decode("utf-8", "replace").rstrip("\n").split("\t")
                if words[0] == "AUTH":
                    number, mechanism = words[1], words[2].upper()
                    given = [word[5:] for word in words if word.startswith("resp=")]
                    waiting[number] = (mechanism, [])
                    if not given:
                        ask = "" if mechanism == "PLAIN" else "Username:"
                        self.say("CONT", number, base64.b64encode(ask.encode()).decode())
                        continue
                    self.step(waiting, number, given[0])
                elif words[0] == "CONT":
                    self.step(waiting, words[1], words[2] if len(words) > 2 else "")

        def step(self, waiting, number, encoded):
            mechanism, answers = waiting[number]
            try:
                answers.append(base64.b64decode(encoded, validate=True).decode())
            except (binascii.Error, UnicodeDecodeError):
                answers.append("")
            if mechanism == "LOGIN" and len(answers) == 1:
                self.say("CONT", number, base64.b64encode(b"Password:").decode())
                return
            del waiting[number]
            parts = answers if mechanism == "LOGIN" else answers[0].split("\0")[1:]
            user, password = parts if len(parts) == 2 else ("", "")
            good = user in passwords and hmac.compare_digest(
                passwords[user].encode(), password.encode())
            self.say("OK" if good else "FAIL", number, "user=" + user)

        def say(self, *words):
            self.wfile.write(("\t".join(words) + "\n").encode())

    server = socketserver.ThreadingUnixStreamServer(path, Handler)
    server.daemon_threads = True
    os.chmod(path, 0o666)
    threading.Thread(target=server.serve_forever, daemon=True).start()
