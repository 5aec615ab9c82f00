"""What every peer of the tests shares: it dies with whoever started it and leaves nothing.

A peer ends on SIGTERM and SIGINT, when its standard input is a pipe that is closed, and when its
parent is gone. (Not PR_SET_PDEATHSIG: that follows the parent's thread, and test runners start
programs from threads that come and go.)
"""

import atexit
import os
import shutil
import signal
import stat
import sys
import tempfile
import threading
import time


def folder(prefix):
    """A new directory that is removed when this process ends."""
    path = tempfile.mkdtemp(prefix=prefix)
    owner = os.getpid()

    def remove():
        if os.getpid() == owner:  # not in a child that was forked from us
            shutil.rmtree(path, ignore_errors=True)

    atexit.register(remove)
    return path


def end_on_signals():
    """SIGTERM and SIGINT end this process in the orderly way, through its exit handlers."""
    # Whoever started us may have had them blocked: threads of Swift's pool do, and it is inherited.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def end(*_):
        for number in numbers:  # a second one must not interrupt the tidying up
            signal.signal(number, signal.SIG_IGN)
        sys.exit(0)

    for number in numbers:
        signal.signal(number, end)


def end_with_parent():
    """Ends this process by SIGTERM when standard input closes or the parent is gone."""
    parent = os.getppid()
    kind = os.fstat(0).st_mode
    has_pipe = stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)

    def stop():
        os.kill(os.getpid(), signal.SIGTERM)

    def read_to_end():
        while os.read(0, 4096):
            pass
        stop()

    def watch_parent():
        while os.getppid() == parent:
            time.sleep(0.2)
        stop()

    if has_pipe:
        threading.Thread(target=read_to_end, daemon=True).start()
    threading.Thread(target=watch_parent, daemon=True).start()
