"""A Debian to install packages on: this machine's own files under a layer that is thrown away.

An overlay over / in a mount namespace of its own, held by a process that ends with the test. What
dpkg does in it is real; the machine itself never sees it.
"""

import pathlib
import subprocess
import tempfile

_LAYERS = """
mount -t tmpfs -o mode=0755 layers "$0"
mkdir "$0/upper" "$0/work" "$0/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0/root"
mount -t proc proc "$0/root/proc"
mount --rbind /dev "$0/root/dev"
mount -t tmpfs -o mode=0755 run "$0/root/run"
mount -t tmpfs -o mode=1777 tmp "$0/root/tmp"
echo ready
exec cat
"""


class Machine:
    def __init__(self):
        self.base = tempfile.mkdtemp(prefix="doorpost-deb-", dir="/var/tmp")
        self._holder = subprocess.Popen(
            ["unshare", "-m", "--propagation", "private", "sh", "-ec", _LAYERS, self.base],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self._holder.stdout.readline() != b"ready\n":
            self.close()
            raise OSError("cannot lay an overlay over /: is this container privileged?")
        # The layer is in memory: nothing to make durable; and nobody reads manuals there.
        self.sh("echo force-unsafe-io > /etc/dpkg/dpkg.cfg.d/tests; rm -f /var/lib/man-db/auto-update")
        # A machine that never saw Doorpost, whatever a developer installed.
        self.sh("""
            dpkg --purge --force-all doorpost || true
            pam-auth-update --package --remove doorpost
            rm -rf /etc/doorpost /var/lib/doorpost /usr/share/doorpost /usr/libexec/doorpost \
                /usr/bin/doorpost /etc/pam.d/doorpost-* /usr/share/pam-configs/doorpost \
                /usr/lib/*-linux-gnu/security/pam_doorpost.so /usr/lib/systemd/system/doorpost*
            userdel doorpost 2>/dev/null || true
            cp -a /etc/pam.d /var/tmp/pam.d-before
        """)

    def close(self):
        self._holder.stdin.close()
        self._holder.wait(20)
        self._holder.stdout.close()
        pathlib.Path(self.base).rmdir()

    def run(self, *command, check=True, stdin=""):
        done = subprocess.run(
            ["nsenter", "-t", str(self._holder.pid), "-m", "chroot", f"{self.base}/root",
             "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8",
             "DEBIAN_FRONTEND=noninteractive", *map(str, command)],
            input=stdin, capture_output=True, text=True)
        if check:
            assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def sh(self, script, check=True):
        return self.run("sh", "-ec", script, check=check).stdout

    def bring(self, file):
        """Copies a file of ours to /var/tmp there."""
        place = f"/var/tmp/{pathlib.Path(file).name}"
        subprocess.run(["nsenter", "-t", str(self._holder.pid), "-m", "cp", str(file),
                        f"{self.base}/root{place}"], check=True)
        return place

    def dpkg(self, *arguments, check=True):
        return self.run("dpkg", *arguments, check=check)

    def read(self, path):
        return self.run("cat", path).stdout

    def write(self, path, text):
        self.run("tee", path, stdin=text)

    def stat(self, path):
        """owner:group mode, or None."""
        done = self.run("stat", "-c", "%U:%G %a", path, check=False)
        return done.stdout.strip() if done.returncode == 0 else None
