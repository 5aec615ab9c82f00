"""Finding and ending what we started, whatever it started in turn."""

import ctypes
import os
import pathlib
import select
import signal

PR_SET_CHILD_SUBREAPER = 36
LEFT_TO_DEFAULT = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE, signal.SIGTERM)


def adopt_orphans():
    """What outlives its parent becomes our child, not init's, so that we can find it."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def default_signals():
    """For preexec_fn: a shell that starts tests in the background ignores SIGINT for them all."""
    for number in LEFT_TO_DEFAULT:
        signal.signal(number, signal.SIG_DFL)


def parents():
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = entry.joinpath("stat").read_text()
            except OSError:
                continue
            found[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    return found


def descendants(pid):
    tree, found, queue = parents(), [], [pid]
    while queue:
        parent = queue.pop()
        children = [p for p, q in tree.items() if q == parent]
        found += children
        queue += children
    return found


def command_line(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
    except OSError:
        return []


def helpers(pid):
    """The Doorpost helpers that run somewhere below `pid`."""
    return [p for p in descendants(pid) if any(b"doorpost-pam" in a for a in command_line(p))]


def look(pid, what):
    """What `what` sees of a process, or None when it ended meanwhile: its files go one by one."""
    try:
        return what(pathlib.Path(f"/proc/{pid}"))
    except (FileNotFoundError, ProcessLookupError):
        return None


def wait_gone(pids, seconds=10):
    """True when all of them have ended."""
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            if not select.select([fd], [], [], seconds)[0]:
                return False
        finally:
            os.close(fd)
    return True


def kill_tree(pid):
    for each in [pid, *descendants(pid)]:
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            pass


def reap_orphans():
    """Buries the dead that were left to us."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] > 0:
            pass
    except ChildProcessError:
        pass
