"""Drives doorpost-pam directly, as the module does (doorpost_wire.h): how soon it prompts, and
its peak memory over a whole sign-in.

Run by itself, so that this small process, and not a large one, is what the helper is forked
from: the kernel counts the memory of the process that was forked to the program that it becomes.

    python3 -I -S helper.py HELPER CONFIG SERVICE USER  < codes, one a line, when asked for
"""

import os
import socket
import struct
import sys
import time

REQUEST, ANSWER, PROMPT, VERDICT = 0x01, 0x02, (0x10, 0x11), 0x1f


def field(tag, text):
    return struct.pack(">BH", tag, len(text)) + text.encode()


def send(channel, kind, payload):
    channel.sendall(struct.pack(">IB", len(payload) + 1, kind) + payload)


def receive(channel):
    head = channel.recv(4, socket.MSG_WAITALL)
    if len(head) < 4:
        return None, b""
    frame = channel.recv(struct.unpack(">I", head)[0], socket.MSG_WAITALL)
    return frame[0], frame[1:]


def main(helper, config, service, user):
    ours, theirs = socket.socketpair()
    null = os.open("/dev/null", os.O_RDWR)
    start = time.perf_counter()
    pid = os.posix_spawn(
        helper, ["doorpost-pam", "--config", config], {},
        file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0),
                      (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
    theirs.close()
    nonce = os.urandom(16)
    send(ours, REQUEST, nonce + struct.pack(">BBH", 1, 0, 100)
         + field(1, service) + field(2, user))
    first_prompt = None
    while True:
        kind, payload = receive(ours)
        if kind in PROMPT:
            if first_prompt is None:
                first_prompt = time.perf_counter() - start
            print("?", flush=True)
            send(ours, ANSWER, sys.stdin.readline().strip().encode())
        elif kind == VERDICT or kind is None:
            break
    _, status, usage = os.wait4(pid, 0)
    good = kind == VERDICT and payload == nonce + b"\x01" and status == 0
    print(f"{first_prompt or 0:.6f} {usage.ru_maxrss} {'in' if good else 'refused'}", flush=True)


main(*sys.argv[1:])
