#!/usr/bin/python3
"""A PAM host program that does as it is told, with the real libpam.

pamtester shows only texts and cannot do what sshd does: authenticate in one process and call
setcred on another handle. Commands come as JSON lines on standard input, events go out the same
way; `clock` is the monotonic time of the event in seconds.
"""

import base64
import ctypes
import json
import os
import sys
import time

libpam = ctypes.CDLL("libpam.so.0")
libc = ctypes.CDLL(None)
libc.strdup.restype = ctypes.c_void_p
libc.calloc.restype = ctypes.c_void_p
libpam.pam_getenvlist.restype = ctypes.POINTER(ctypes.c_char_p)
PROMPT_ECHO_OFF, PROMPT_ECHO_ON = 1, 2
STYLES = {1: "hidden", 2: "echo", 3: "error", 4: "info"}
ITEMS = {"service": 1, "user": 2, "tty": 3, "rhost": 4, "ruser": 8}
CONV_ERR = 19
CHILDREN = {"authenticate": "pam_authenticate", "acct_mgmt": "pam_acct_mgmt",
            "setcred": "pam_setcred", "open_session": "pam_open_session",
            "close_session": "pam_close_session", "chauthtok": "pam_chauthtok"}
FLAGS = {"setcred": 0x2}


class Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class Response(ctypes.Structure):
    _fields_ = [("answer", ctypes.c_void_p), ("code", ctypes.c_int)]


CONVERSE = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.POINTER(Message)),
    ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)


class Conversation(ctypes.Structure):
    _fields_ = [("converse", CONVERSE), ("data", ctypes.c_void_p)]


def say(event, **fields):
    print(json.dumps({"event": event, "clock": time.monotonic(), **fields}), flush=True)


def command():
    line = sys.stdin.readline()
    return json.loads(line) if line else {"do": "quit"}


@CONVERSE
def converse(count, messages, responses, _):
    array = libc.calloc(count, ctypes.sizeof(Response))
    answers = ctypes.cast(array, ctypes.POINTER(Response))
    for i in range(count):
        message = messages[i].contents
        say("message", style=STYLES[message.style],
            text=message.text.decode("utf-8", "backslashreplace"))
        if message.style not in (PROMPT_ECHO_OFF, PROMPT_ECHO_ON):
            continue
        reply = command()
        if reply["do"] != "answer":
            return CONV_ERR
        answers[i].answer = libc.strdup(base64.b64decode(reply["bytes"]))
    responses[0] = array
    return 0


conversation = Conversation(converse, None)


def start(settings):
    handle = ctypes.c_void_p()
    user = base64.b64decode(settings["user"])
    code = libpam.pam_start(settings["service"].encode(), user, ctypes.byref(conversation),
                            ctypes.byref(handle))
    assert code == 0, code
    for name, value in settings.get("items", {}).items():
        libpam.pam_set_item(handle, ITEMS[name], ctypes.c_char_p(base64.b64decode(value)))
    return handle


def environment(handle):
    listed, found = libpam.pam_getenvlist(handle), []
    while listed[len(found)]:
        found.append(listed[len(found)])
    return found


def like_sshd(handle, settings):
    """A fresh handle that knows of the first one what sshd carries over: the PAM environment."""
    fresh = start(settings)
    for entry in environment(handle):
        libpam.pam_putenv(fresh, ctypes.c_char_p(entry))
    return fresh


def user_of(handle):
    name = ctypes.c_char_p()
    libpam.pam_get_item(handle, ITEMS["user"], ctypes.byref(name))
    return base64.b64encode(name.value or b"").decode()


def state_of_process():
    """What a module must leave as it found it."""
    status = dict(l.split(":\t", 1) for l in open("/proc/self/status").read().splitlines())
    kept = ("Umask", "SigBlk", "SigIgn", "SigCgt", "Uid", "Gid", "Threads")
    fds = sorted((int(fd), os.readlink(f"/proc/self/fd/{fd}")) for fd in os.listdir("/proc/self/fd")
                 if os.path.exists(f"/proc/self/fd/{fd}") or fd in "012")
    maps = sorted({l.split()[-1] for l in open("/proc/self/maps") if "swift" in l.lower()})
    return {**{k: status[k] for k in kept}, "cwd": os.getcwd(), "environ": dict(os.environ),
            "fds": [f for f in fds if "/proc/" not in f[1]], "swift": maps}


def main():
    settings = command()
    if "umask" in settings:
        os.umask(settings["umask"])
    libc.syslog(7, b"pamhost begins")  # the C library keeps its socket to /dev/log open
    handle = start(settings)
    while (order := command())["do"] != "quit":
        if order["do"] == "fresh":
            handle = like_sshd(handle, settings)
            say("done", code=0)
        elif order["do"] == "set":
            value = order["bytes"] and ctypes.c_char_p(base64.b64decode(order["bytes"]))
            say("done", code=libpam.pam_set_item(handle, ITEMS[order["item"]], value))
        elif order["do"] == "putenv":
            text = ctypes.c_char_p(base64.b64decode(order["bytes"]))
            say("done", code=libpam.pam_putenv(handle, text))
        elif order["do"] == "state":
            say("done", code=0, state=state_of_process())
        elif order["do"] == "environment":
            say("done", code=0, list=[e.decode() for e in environment(handle)])
        else:
            say("calling")
            code = getattr(libpam, CHILDREN[order["do"]])(
                handle, order.get("flags", FLAGS.get(order["do"], 0)))
            say("done", code=code, user=user_of(handle))
    libpam.pam_end(handle, 0)


if __name__ == "__main__":
    main()
