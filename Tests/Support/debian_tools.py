#!/usr/bin/python3
"""Programs of Debian packages that tests want and no machine should have to install.

nginx, caddy and promtool come with services and accounts of their own. Where they are not
installed, their packages are unpacked below .build/tools and run from there
(`debian_tools.py --fetch` does only that).
"""

import fcntl
import glob
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = {"nginx": ("nginx", "usr/sbin/nginx"), "caddy": ("caddy", "usr/bin/caddy"),
         "promtool": ("prometheus", "usr/bin/promtool")}


def tool(name):
    """The program's path."""
    package, inside = TOOLS[name]
    installed = shutil.which(name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin")
    return installed or str(_unpacked(package, inside) / inside)


def _unpacked(package, inside):
    place = ROOT / ".build/tools" / package
    place.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{place}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests that run side by side fetch it once
        if not (place / inside).exists():
            fresh = f"{place}.new"
            shutil.rmtree(fresh, ignore_errors=True)
            os.makedirs(fresh)
            run = {"check": True, "stdin": subprocess.DEVNULL, "stdout": sys.stderr}
            subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package],
                           cwd=fresh, **run)
            archive, = glob.glob(os.path.join(fresh, "*.deb"))
            subprocess.run(["dpkg-deb", "-x", archive, fresh], **run)
            os.remove(archive)
            shutil.rmtree(place, ignore_errors=True)
            os.rename(fresh, place)
    return place


if __name__ == "__main__":
    if sys.argv[1:] not in (["--fetch"], []):
        raise SystemExit(__doc__)
    for each in TOOLS:
        tool(each)
