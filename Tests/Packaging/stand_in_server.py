"""Stands in for `doorpost serve` where the unit's walls are looked at: tries what the server does
and what it must not be able to, writes what came of it as JSON, then behaves as a Type=notify
service with a socket."""

import ctypes
import json
import mmap
import os
import pathlib
import pwd
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time


def store():
    database = sqlite3.connect("/var/lib/doorpost/stand-in.db")
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    with database:
        database.execute("create table if not exists t (a)")
    return True


TRIES = {
    "store": store,
    "configuration": lambda: bool(open("/etc/doorpost/doorpost.yaml").read()),
    "configuration belongs to root": lambda: os.stat("/etc/doorpost/doorpost.yaml").st_uid == 0,
    "session files": lambda: pathlib.Path("/run/doorpost/sessions/x").touch() is None,
    "names": lambda: bool(socket.getaddrinfo("localhost", 25)),
    "own account": lambda: pwd.getpwuid(os.getuid()).pw_name == "doorpost",
    "libcurl": lambda: bool(ctypes.CDLL("libcurl.so.4")),
    "trigger": lambda: subprocess.run(["/bin/true"], check=True) is not None,
    "write /etc": lambda: open("/etc/doorpost/x", "w"),
    "write /usr": lambda: open("/usr/bin/x", "w"),
    "passwords": lambda: open("/etc/shadow").read(),
    "home": lambda: os.listdir("/home") + os.listdir("/root") or 1 / 0,
    "chown": lambda: os.chown("/var/lib/doorpost/stand-in.db", -1, -1),
    "setuid bit": lambda: os.chmod("/var/lib/doorpost/stand-in.db", 0o4700),
    "raw socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "new program pages": lambda: mmap.mmap(-1, 4096, prot=7),
    "namespace": lambda: ctypes.CDLL(None).unshare(0x10000000) and 1 / 0,
    "other processes": lambda: open("/proc/1/cmdline").read(),
    "kernel settings": lambda: open("/proc/sys/kernel/hostname", "w"),
}


def notify(text):
    address = os.environ["NOTIFY_SOCKET"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.sendto(text.encode(), "\0" + address[1:] if address[0] == "@" else address)


def attempt(function):
    try:
        return "yes" if function() else "no"
    except BaseException as error:
        return f"refused: {type(error).__name__}"


def reload(*_):
    notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
    notify("READY=1\nSTATUS=reloaded")


def stop(*_):
    notify("STOPPING=1")
    os._exit(0)


signal.signal(signal.SIGHUP, reload)
signal.signal(signal.SIGTERM, stop)
result = {name: attempt(function) for name, function in TRIES.items()}
pathlib.Path("/var/lib/doorpost/result.json").write_text(json.dumps(result))
if os.environ.get("LISTEN_FDS"):
    server, origin = socket.socket(fileno=3), "systemd"
else:
    server, origin = socket.create_server(("127.0.0.1", int(sys.argv[1]))), "itself"
notify("READY=1\nSTATUS=answers")
# Who is accepted is answered before we stop; who is not waits in systemd's socket.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
while True:
    if signal.sigtimedwait({signal.SIGTERM}, 0):
        stop()
    if not select.select([server], [], [], 0.05)[0]:
        continue
    link, _ = server.accept()
    link.recv(4096)
    body = f"{os.getpid()} {origin}".encode()
    link.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                 % (len(body), body))
    link.close()
