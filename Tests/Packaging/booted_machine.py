"""A Debian that runs: systemd as process 1 over a layer of the machine's own files.

Namespaces of its own for processes, mounts, host name and control groups; the network is the
machine's. It is gone when the test is.
"""

import os
import pathlib
import subprocess
import tempfile
import time

SYSTEMD = "/lib/systemd/systemd"

_BOOT = r"""
mount -t tmpfs -o mode=0755 layers "$0"
mkdir "$0/upper" "$0/work" "$0/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0/root"
cd "$0/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 sys/fs/cgroup
else
    mount -t tmpfs -o mode=0755 cgroup sys/fs/cgroup
    mkdir sys/fs/cgroup/systemd sys/fs/cgroup/unified
    mount -t cgroup -o none,name=systemd,xattr cgroup sys/fs/cgroup/systemd
    mount -t cgroup2 cgroup2 sys/fs/cgroup/unified
fi
mount -t tmpfs -o mode=0755 dev dev
for node in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 0666 "dev/${node%:*}" c 1 "${node#*:}"
done
mknod -m 0666 dev/tty c 5 0
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 pts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=0755 run run
mount -t tmpfs -o mode=1777 tmp tmp
rm -f usr/sbin/policy-rc.d
mkdir -p .before
pivot_root . .before
umount -l /.before
exec env -i container=doorpost PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=basic.target --log-target=null --show-status=no
"""


class CannotBoot(Exception):
    pass


class BootedMachine:
    def __init__(self):
        if not os.path.exists(SYSTEMD):
            raise CannotBoot("systemd is not installed")
        self.base = tempfile.mkdtemp(prefix="doorpost-boot-", dir="/var/tmp")
        self._groups = self._own_groups()
        enter = "".join(f"echo $$ > {group}/cgroup.procs\n" for group in self._groups)
        self._log = tempfile.TemporaryFile()
        self._holder = subprocess.Popen(
            ["sh", "-ec", enter + 'exec unshare -m -p -f -C -u -i --kill-child --propagation private '
             'sh -ec "$1" "$0"', self.base, _BOOT],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        try:
            self._wait_until_up()
        except CannotBoot:
            self.close()
            raise

    @staticmethod
    def _own_groups():
        """Control groups below our own, which that systemd takes for the whole tree."""
        made = []
        for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
            _, kind, path = line.split(":", 2)
            for top in (["unified", "."] if not kind else [kind.removeprefix("name=")]):
                group = pathlib.Path("/sys/fs/cgroup", top, path.strip("/"))
                if kind in ("", "name=systemd", "devices", "memory", "pids") \
                        and (group / "cgroup.procs").exists():
                    made.append(group / f"doorpost-test-{os.getpid()}")
                    made[-1].mkdir(exist_ok=True)
                    break
        return made

    def _wait_until_up(self):
        for _ in range(150):
            time.sleep(0.1)
            if self._holder.poll() is not None:
                self._log.seek(0)
                raise CannotBoot(self._log.read().decode(errors="replace")[-500:])
            if self._init() and self.run("systemctl", "is-active", "basic.target",
                                         check=False).stdout == "active\n":
                return
        raise CannotBoot("systemd did not come up in 15 s")

    def _init(self):
        holder = self._holder.pid
        children = pathlib.Path(f"/proc/{holder}/task/{holder}/children").read_text().split()
        return children and children[0]

    def close(self):
        self._holder.kill()  # --kill-child: process 1 goes with it, and so all others
        self._holder.wait(20)
        self._log.close()
        for group in self._groups:
            for _ in range(50):
                for directory, _, _ in os.walk(group, topdown=False):
                    try:
                        os.rmdir(directory)
                    except OSError:
                        time.sleep(0.05)
                if not os.path.exists(group):
                    break
        os.rmdir(self.base)

    def run(self, *command, check=True, stdin=""):
        done = subprocess.run(
            ["nsenter", "-t", self._init(), "-m", "-p", "-C", "-u", "-i", "env", "-i",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8",
             "DEBIAN_FRONTEND=noninteractive", *map(str, command)],
            input=stdin, capture_output=True, text=True, timeout=120)
        if check:
            assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def sh(self, script, check=True):
        return self.run("sh", "-ec", script, check=check).stdout

    def write(self, path, data):
        subprocess.run(["nsenter", "-t", self._init(), "-m", "sh", "-c",
                        'mkdir -p "${1%/*}" && cat > "$1"', "write", path],
                       input=data if isinstance(data, bytes) else data.encode(), check=True)
