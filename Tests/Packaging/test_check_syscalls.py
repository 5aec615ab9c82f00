"""scripts/check-syscalls must see what the unit would refuse, and nothing else."""

import importlib.machinery
import importlib.util
import json
import pathlib
import signal
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHECKER = ROOT / "scripts/check-syscalls"

loader = importlib.machinery.SourceFileLoader("check_syscalls", str(CHECKER))
spec = importlib.util.spec_from_loader("check_syscalls", loader)
checker = importlib.util.module_from_spec(spec)
loader.exec_module(checker)

GROUPS = {"@default": ["exit", "read"], "@a": ["one", "two", "@b"], "@b": ["three"]}


def check(*command, options=()):
    return subprocess.run([str(CHECKER), *options, "--", *command], capture_output=True, text=True,
                          timeout=60)


def python(code, options=()):
    return check("/usr/bin/python3", "-I", "-c", code, options=options)


@pytest.mark.parametrize("lines, allowed, refused", [
    (["@a"], {"one", "three", "exit"}, {"four"}),
    (["@a", "~@b"], {"one", "two"}, {"three"}),
    (["@a", "~@b one", "three"], {"two", "three"}, {"one"}),
    (["~@b"], {"one", "four"}, {"three"}),
    (["~@a", "@b"], {"three", "four"}, {"one"}),
    ([], {"anything"}, set()),
])
def test_lines_merge_as_systemd_merges_them(lines, allowed, refused):
    made = checker.Filter(lines, GROUPS)
    assert {name for name in allowed | refused if made.permits(name)} == allowed


def test_every_group_of_the_unit_has_calls():
    groups = checker.syscall_groups()
    for line in checker.settings(checker.UNIT, "SystemCallFilter"):
        assert len(checker.expand(line.lstrip("~").split(), groups)) > 10


def test_what_a_server_does_passes():
    """Threads, epoll, an event descriptor, a file made durable, a lock, a resolver, sockets."""
    done = python(
        "import threading, select, socket, os, fcntl, tempfile, sqlite3, subprocess\n"
        "t = threading.Thread(target=lambda: socket.getaddrinfo('localhost', 80)); t.start(); t.join()\n"
        "select.epoll().close(); os.eventfd(0); os.memfd_create('x'); os.sched_getaffinity(0)\n"
        "f = tempfile.TemporaryFile(); f.write(b'x'); f.flush(); os.fsync(f); os.fdatasync(f)\n"
        "fcntl.flock(f, fcntl.LOCK_EX); os.posix_fallocate(f.fileno(), 0, 4096)\n"
        "s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(s.getsockname())\n"
        "u = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "subprocess.run(['true'], check=True)\n")
    assert done.returncode == 0, done.stderr
    assert " 0 refused" in done.stderr


@pytest.mark.parametrize("code, named", [
    ("import os; os.chown('/tmp', -1, -1)", "chown"),
    ("import os; os.sched_setscheduler(0, 0, os.sched_param(0))", "sched_setscheduler"),
    ("import os; os.setgroups(os.getgroups())", "setgroups"),
    ("import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "socket(AF_PACKET)"),
    ("import mmap; mmap.mmap(-1, 4096, prot=7)", "mmap(PROT_WRITE|PROT_EXEC)"),
    ("import ctypes; ctypes.CDLL(None).unshare(0x10000000)", "unshare(a namespace)"),
    ("import threading, os; t = threading.Thread(target=lambda: os.setgroups([])); t.start(); t.join()",
     "setgroups"),
    ("import subprocess; subprocess.run(['chroot', '/', 'true'])", "chroot"),
], ids=lambda value: value if "import" not in value else "")
def test_what_the_unit_refuses_is_found(code, named):
    done = python(code)
    assert done.returncode == 1
    assert f"would refuse {named}" in done.stderr


def test_what_is_named_is_let_through(tmp_path):
    code = "import os; os.chown('/tmp', -1, -1); os.sched_setscheduler(0, 0, os.sched_param(0))"
    report = tmp_path / "report"
    assert python(code, ["--also", "@chown,sched_setscheduler"]).returncode == 0
    assert python(code, ["--also", "@chown", "--tolerate", "sched_setscheduler",
                         "--report", str(report)]).returncode == 0
    found = json.loads(report.read_text())
    assert (found["refused"], found["tolerated"]) == ({}, ["sched_setscheduler"])
    assert found["calls"]["chown"] == 1


def test_what_libdispatch_and_the_resolver_ask_for_may_be_refused():
    done = python("import os, socket; os.nice(0); socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)")
    assert done.returncode == 0 and " 0 refused" in done.stderr


def test_logs_of_programs_that_others_start_are_judged_alike(tmp_path):
    """--log: what the wrapped helper of Tests/EndToEnd/test_syscalls.py leaves."""
    log = tmp_path / "log"
    strace = ["strace", "-f", "-qq", "-e", "signal=none", "-o", str(log), "--"]
    for command, named in ((["true"], None), (["chroot", "/", "true"], "chroot")):
        subprocess.run([*strace, *command], check=True)
        done = subprocess.run([str(CHECKER), "--log", str(log)], capture_output=True, text=True)
        assert done.returncode == (1 if named else 0)
        assert (f"would refuse {named}" in done.stderr) == bool(named)


def test_refusals_can_be_tried_out():
    """systemd's EPERM, without systemd: the command meets it."""
    code = "import os\ntry: os.nice(1)\nexcept PermissionError: os._exit(5)"
    assert python(code, ["--enforce"]).returncode == 5
    assert check("sh", "-c", "true & wait", options=["--enforce"]).returncode == 0


def test_the_commands_own_status_comes_through():
    assert check("sh", "-c", "exit 7").returncode == 7


def test_signals_reach_the_command():
    process = subprocess.Popen(
        [str(CHECKER), "--", "sh", "-c", "trap 'exit 9' TERM; echo up; while :; do sleep 0.1; done"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 9


def test_a_process_that_runs_can_be_watched():
    target = subprocess.Popen(
        ["/usr/bin/python3", "-I", "-c",
         "import os, time\nfor _ in range(600): os.setgroups([]); time.sleep(0.05)"])
    try:
        watch = subprocess.Popen([str(CHECKER), "--attach", str(target.pid)],
                                 stderr=subprocess.PIPE, text=True)
        time.sleep(2)
        watch.send_signal(signal.SIGTERM)
        _, errors = watch.communicate(timeout=20)
        assert target.poll() is None, "the watched process was ended"
        assert watch.returncode == 1 and "setgroups" in errors
    finally:
        target.kill()
        target.wait()
