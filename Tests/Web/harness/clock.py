"""The wall clock of a running server, set by the test."""

import mmap
import pathlib
import shutil
import struct
import subprocess

HOUR, YEAR = 3600, 366 * 86400


class Clock:
    def __init__(self, directory):
        library, offset = pathlib.Path(directory) / "clock.so", pathlib.Path(directory) / "ahead"
        compiler = shutil.which("clang") or shutil.which("cc")
        subprocess.run([compiler, "-O1", "-fPIC", "-shared", "-o", library,
                        pathlib.Path(__file__).with_name("clock.c")], check=True)
        offset.write_bytes(bytes(8))
        with open(offset, "r+b") as file:
            self._ahead = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(library), "TEST_CLOCK": str(offset)}

    def ahead(self, seconds):
        """From now on the server's clock is so many seconds ahead of ours, or behind."""
        self._ahead[:] = struct.pack("=q", seconds)
