#!/usr/bin/python3
"""A real mail relay for tests: Postfix on loopback, with STARTTLS, TLS, AUTH and a maildir.

    relay.py [--user NAME] [--password TEXT] [--route DOMAIN=PORT]
             [--pipe DOMAIN=USER:COMMAND] [--set NAME=VALUE]…

When it takes mail it prints one line of JSON and stays in the foreground:

    {"host": "localhost", "port": 2525, "tls_port": 2465, "ca_file": "/tmp/…/tls/ca.pem",
     "user": "login", "password": "…", "maildir": "/tmp/…/maildir", "log": "/tmp/…/log", "pid": 7}

`port` speaks SMTP and refuses mail before STARTTLS and AUTH, `tls_port` is SMTP inside TLS. Every
recipient is taken; its mail is a file in maildir/new. Mail to the --route's domain goes on to the
SMTP server on that port, and what is refused there comes back to its sender as a bounce. Mail to
the --pipe's domain is piped to the command; whatever makes that fail for a while is tried again
after a second. --set is a line of main.cf that comes after ours. It ends, and removes all it made,
on SIGTERM, when its standard input (a pipe) closes, or when its parent is gone.

It needs root (Postfix does), the openssl command, and the libraries of the packages libdb5.3,
libicu72, libnsl2, libsasl2-2 and libssl3. Postfix itself is never installed, as that would replace
the machine's own mail server and start a service: its package is unpacked below .build
(`relay.py --fetch` does only that) and runs from there with its own configuration and queue.
(OpenSMTPD would be smaller, but the one of Debian 12 cannot do TLS with OpenSSL 3.)
"""

import argparse
import atexit
import ctypes
import fcntl
import glob
import grp
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import certificates  # noqa: E402
import dovecot  # noqa: E402
import lifeline  # noqa: E402

# Postfix wants accounts of its own; these are in every Debian and own nothing.
OWNER, GROUP, KEEPER = "daemon", "mail", "games"

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
127.0.0.1:{tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
smtp unix - - n - - smtp
command unix - n n - - pipe flags=DORhu user={user} argv={command}
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
daemon_directory = {package}/usr/lib/postfix/sbin
command_directory = {package}/usr/sbin
shlib_directory = {package}/usr/lib/postfix
meta_directory = {package}/etc/postfix
import_environment = MAIL_CONFIG MAIL_LOGTAG LANG=C LD_LIBRARY_PATH
mail_owner = {owner}
setgid_group = {group}
maillog_file = {home}/log
maillog_file_prefixes = {home}
myhostname = localhost
mydestination =
mynetworks =
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
smtpd_peername_lookup = no
virtual_mailbox_domains = regexp:{{ {{ /./ all }} }}
virtual_mailbox_maps = static:maildir/
virtual_mailbox_base = {home}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
recipient_delimiter = +
transport_maps = {routes}
queue_run_delay = 1s
minimal_backoff_time = 1s
smtpd_tls_chain_files = {home}/tls/relay.key {home}/tls/relay.pem
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {home}/auth/socket
smtpd_relay_restrictions = permit_sasl_authenticated reject
smtpd_recipient_restrictions = permit_sasl_authenticated reject
"""


def unpacked():
    """The directory of Postfix's package, fetched at first use."""
    top = os.path.dirname(os.path.abspath(__file__))
    build = os.path.realpath(os.path.join(top, "..", "..", "..", ".build"))
    os.makedirs(build, exist_ok=True)
    place = os.path.join(build, "postfix")
    with open(place + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests that run side by side fetch it once
        if not os.path.exists(os.path.join(place, "usr/lib/postfix/sbin/master")):
            fresh = place + ".new"
            shutil.rmtree(fresh, ignore_errors=True)
            os.makedirs(fresh)
            run = {"check": True, "stdin": subprocess.DEVNULL, "stdout": sys.stderr}
            subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download",
                            "postfix"], cwd=fresh, **run)
            package, = glob.glob(os.path.join(fresh, "*.deb"))
            subprocess.run(["dpkg-deb", "-x", package, fresh], **run)
            os.remove(package)
            shutil.rmtree(place, ignore_errors=True)
            os.rename(fresh, place)
    return place


def free_ports(count):
    """Ports that nobody has now. Somebody may take one before Postfix does: then we try again."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def prepare(home):
    """All that Postfix's own installation would have made, and the certificates."""
    os.chmod(home, 0o755)
    owner, keeper = pwd.getpwnam(OWNER), pwd.getpwnam(KEEPER)
    group = grp.getgrnam(GROUP).gr_gid

    def make(path, mode, uid=owner.pw_uid, gid=0):
        path = os.path.join(home, path)
        os.mkdir(path)
        os.chown(path, uid, gid)
        os.chmod(path, mode)

    make("queue", 0o755, uid=0)
    make("queue/pid", 0o755, uid=0)
    for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
                 "private", "saved", "trace"):
        make("queue/" + name, 0o700)
    make("queue/maildrop", 0o730, gid=group)
    make("queue/public", 0o710, gid=group)
    make("data", 0o700)
    make("etc", 0o755, uid=0)
    make("tls", 0o755, uid=0)
    make("auth", 0o755, uid=0)
    make("maildir", 0o700, uid=keeper.pw_uid, gid=keeper.pw_gid)
    certificates.Authority(os.path.join(home, "tls")).issue(
        "relay", ["DNS:localhost", "IP:127.0.0.1"])


def configure(home, package, port, tls_port, routes, user, command, settings):
    keeper = pwd.getpwnam(KEEPER)
    with open(os.path.join(home, "etc/main.cf"), "w") as file:
        file.write(MAIN.format(home=home, package=package, owner=OWNER, group=GROUP,
                               uid=keeper.pw_uid, gid=keeper.pw_gid,
                               routes="inline:{ %s }" % ", ".join(routes)))
        file.writelines(setting.replace("=", " = ", 1) + "\n" for setting in settings)
    with open(os.path.join(home, "etc/master.cf"), "w") as file:
        file.write(MASTER.format(port=port, tls_port=tls_port, user=user, command=command))


def start(home, package):
    def end_with_us():
        # Even if we are killed, master gets SIGTERM, and passes it to its process group.
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)

    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C",
                   "LD_LIBRARY_PATH": os.path.join(package, "usr/lib/postfix"),
                   "MAIL_CONFIG": os.path.join(home, "etc"),
                   "MAIL_LOGTAG": "postfix"}
    return subprocess.Popen(
        [os.path.join(package, "usr/lib/postfix/sbin/master"), "-c", os.path.join(home, "etc"),
         "-d"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=open(os.path.join(home, "start.log"), "wb"), env=environment,
        start_new_session=True, preexec_fn=end_with_us)


def greets(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
            return peer.recv(64).startswith(b"220 localhost")
    except OSError:
        return False


def logs(home):
    text = ""
    for name in ("start.log", "log"):
        try:
            with open(os.path.join(home, name)) as file:
                text += file.read()
        except FileNotFoundError:
            pass
    return text


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--user", default="login")
    arguments.add_argument("--password", default=None)
    arguments.add_argument("--fetch", action="store_true", help="only fetch Postfix")
    arguments.add_argument("--route")
    arguments.add_argument("--pipe", default="unused.invalid=%s:/bin/false" % KEEPER)
    arguments.add_argument("--set", action="append", default=[], dest="settings")
    options = arguments.parse_args()
    piped, command = options.pipe.split("=", 1)
    user, command = command.split(":", 1)
    routes = ["{ %s = command: }" % piped]
    if options.route:
        routes.append("{ %s = smtp:[127.0.0.1]:%s }" % tuple(options.route.split("=")))
    package = unpacked()
    if options.fetch:
        return
    password = options.password or secrets.token_urlsafe(12)
    lifeline.end_on_signals()
    home = lifeline.folder("doorpost-relay-")
    prepare(home)
    dovecot.serve(os.path.join(home, "auth/socket"), {options.user: password})

    server = None

    def stop():
        if server is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(server.pid, number)
                server.wait(timeout=3)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass

    atexit.register(stop)  # runs before the directory is removed
    lifeline.end_with_parent()
    for _ in range(5):
        port, tls_port = free_ports(2)
        configure(home, package, port, tls_port, routes, user, command, options.settings)
        server = start(home, package)
        until = time.monotonic() + 20
        ready = False
        while not ready and time.monotonic() < until and server.poll() is None:
            ready = greets(port)
            time.sleep(0 if ready else 0.02)
        if ready:
            break
        stop()
    else:
        sys.exit("Postfix does not start:\n" + logs(home))
    print(json.dumps({
        "host": "localhost", "port": port, "tls_port": tls_port,
        "ca_file": os.path.join(home, "tls/ca.pem"), "user": options.user, "password": password,
        "maildir": os.path.join(home, "maildir"), "log": os.path.join(home, "log"),
        "pid": server.pid}), flush=True)
    server.wait()
    sys.exit("Postfix ended:\n" + logs(home))


if __name__ == "__main__":
    main()
