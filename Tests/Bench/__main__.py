"""`make bench`: what a login costs, beside its peers, measured in one run, A B C A B C ….

    sudo python3 Tests/Bench [--logins N] [--filler N] [--write docs/benchmarks.md]
    python3 Tests/Bench --only http [--logins N] [--sizes N,N] [--in-flight N,N]
    python3 Tests/Bench --only cognito [--logins N] [--in-flight N,N]
    sudo python3 Tests/Bench --only postgres [--logins N] [--sizes N,N] [--write docs/scaling.md]

Needs root (peers read /etc/shadow; not with --only http or cognito) and a release build. Works on a private copy of /etc and in
/var/tmp, and leaves nothing behind. Prints a table beside the targets of DESIGN.md; exit status 1
if one is missed.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import fill
import fleet
import report
import world
from door import COGNITO_IN_FLIGHT, RUNS, Street
from login import HOTP, Contender
from report_http import HTTPFigures
from sink import Sink

MODULE = world.BIN / "pam_doorpost.so"
SMALL = 1000
WARM_UP = 3
# More users than logins an hour that the default limits allow one user.
LOGINS_A_USER = 4
# A run over HTTP is a thousand logins where another round is one.
HTTP_ROUNDS_FOR = 6


def contenders(base, sink, instance, users):
    """Whole logins through pamtester; the first is ours."""
    hotp_path, hotp_secret = world.hotp_secret(base)
    nothing = lambda: None  # noqa: E731
    auth = {
        "doorpost": instance.line("auth"),
        "pam_unix, yescrypt": "auth required pam_unix.so",
        "pam_google_authenticator":
            f"auth required pam_google_authenticator.so secret={hotp_path} user=root",
        "pam_exec /bin/true": "auth required pam_exec.so quiet /bin/true",
        "pam_permit": "auth required pam_permit.so",
    }
    services = {name: world.service(f"dpb-{n}", line)
                for n, (name, line) in enumerate(auth.items())}
    password = [world.PASSWORD_USER]
    return [
        Contender("doorpost", services["doorpost"], users, sink.next_code),
        Contender("pam_unix, yescrypt", services["pam_unix, yescrypt"], password,
                  lambda: world.PASSWORD),
        Contender("pam_google_authenticator", services["pam_google_authenticator"], password,
                  HOTP(hotp_secret)),
        Contender("pam_exec /bin/true", services["pam_exec /bin/true"], password, nothing),
        Contender("pam_permit", services["pam_permit"], password, nothing),
    ]


def all_operations(sink, instance, users):
    """Authenticate, account and session: every line of a stack, ours beside pam_unix."""
    kinds = ("auth", "account", "session")
    every = ("authenticate", "acct_mgmt", "open_session", "close_session")
    ours = world.service("dpb-all-doorpost", *map(instance.line, kinds))
    theirs = world.service("dpb-all-unix", *(f"{kind} required pam_unix.so" for kind in kinds))
    return [
        Contender("doorpost", ours, users, sink.next_code, every),
        Contender("pam_unix, yescrypt", theirs, [world.PASSWORD_USER],
                  lambda: world.PASSWORD, every),
    ]


def interleave(group, rounds, warm_up=WARM_UP):
    """Everybody once a round, in an order that turns, so that no one is always after another."""
    costs = {contender.name: [] for contender in group}
    for n in range(warm_up + rounds):
        for contender in group[n % len(group):] + group[:n % len(group)]:
            cost = contender.login()
            if n >= warm_up:
                costs[contender.name].append(cost)
    return costs


def helper_figures(instance, sink, users, rounds):
    """Seconds to the first prompt, and peak memory in KiB, of the helper by itself."""
    prompts, peaks = [], []
    for n in range(WARM_UP + rounds):
        process = subprocess.Popen(
            ["/usr/bin/python3", "-I", "-S", world.ROOT / "Tests/Bench/helper.py",
             world.BIN / "doorpost-pam", instance.config, "dpb-0", users[n % len(users)]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        process.stdin.write(sink.next_code() + "\n")
        process.stdin.flush()
        seconds, peak, outcome = process.stdout.readline().split()
        process.wait()
        if outcome != "in":
            raise SystemExit(f"bench: the helper {outcome} {users[n % len(users)]}")
        if n >= WARM_UP:
            prompts.append(float(seconds))
            peaks.append(int(peak))
    return prompts, peaks


def flatness(base, sink, users, filler, rounds):
    """The same login against a small and a large store."""
    group = []
    now = time.time_ns() // 1_000_000
    for label, size in ((f"{SMALL:,}", SMALL), (f"{filler:,}", filler)):
        instance = world.Instance(base / f"flat-{size}", sink.port, users)
        fill.fill(instance.store, size, size, now)
        subprocess.run(["chown", "-R", f"{world.FIRST_UID}", instance.directory], check=True)
        os.chown(instance.config, 0, world.FIRST_UID)
        service = world.service(f"dpb-flat-{size}", instance.line("auth"))
        group.append(Contender(label, service, users, sink.next_code))
    return interleave(group, rounds)


def http(base, options):
    """Logins over HTTP against a small and a large store, through both APIs, and a peer's."""
    sizes = options.sizes or (SMALL, options.filler)
    in_flight, peers = options.in_flight, True
    if options.only == "cognito":
        sizes, peers = sizes[:1], False
        in_flight = [number for number in in_flight if number in COGNITO_IN_FLIGHT]
    with Street(base, sizes, in_flight, peers) as street:
        rounds = max(options.logins // HTTP_ROUNDS_FOR, 3)
        runs = interleave(street.traffic, rounds, warm_up=1)
        return HTTPFigures(syncs=runs.pop("disk"), runs=runs, peak=street.peak())


def only_http(options):
    with tempfile.TemporaryDirectory(prefix="doorpost-bench-", dir="/var/tmp") as base:
        return report.render_http(http(pathlib.Path(base), options))


def only_postgres(options):
    small, large = options.sizes or (SMALL, options.filler)
    with tempfile.TemporaryDirectory(prefix="doorpost-bench-", dir="/var/tmp") as base, \
            fleet.Fleets(pathlib.Path(base), small, large) as fleets:
        rounds = max(options.logins // HTTP_ROUNDS_FOR, 3)
        figures = fleet.FleetFigures(interleave(fleets.traffic, rounds, warm_up=1))
        return report.page([report.machine(), *figures.parts()], [])


def everything(options):
    base = world.enter()
    try:
        sink = Sink()
        rounds = options.logins
        users, hash_kind = world.add_users((WARM_UP + rounds) // LOGINS_A_USER * 3 + 3)
        if hash_kind[0] != "y":
            print(f"bench: passwords here are hashed by ${'$'.join(hash_kind)}, not yescrypt")
        instance = world.Instance(base / "instance", sink.port, users)
        figures = report.Figures(
            logins=interleave(contenders(base, sink, instance, users), rounds),
            whole=interleave(all_operations(sink, instance, users), rounds // 2),
            helper=helper_figures(instance, sink, users, rounds // 2),
            module_bytes=MODULE.stat().st_size,
            flat=flatness(base, sink, users, options.filler, rounds),
            filler=options.filler, hash_kind=hash_kind, http=http(base, options))
    finally:
        world.leave(base)
    return figures.render()


def numbers(text):
    return tuple(sorted({int(word) for word in text.split(",")}))


def main():
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--logins", type=int, default=60)
    parser.add_argument("--filler", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["http", "cognito", "postgres"])
    parser.add_argument("--sizes", type=numbers, help="users of our stores, with --only")
    parser.add_argument("--in-flight", type=numbers, default=tuple(RUNS))
    parser.add_argument("--write", metavar="FILE")
    options = parser.parse_args()
    if options.only in ("http", "cognito") and options.write:
        parser.error("--write needs all figures")
    if options.sizes and not options.only:
        parser.error("--sizes needs --only; the size of the large store is --filler")
    if not set(options.in_flight) <= set(RUNS):
        parser.error(f"--in-flight: some of {', '.join(map(str, RUNS))}")
    if options.only == "cognito" and not set(options.in_flight) & set(COGNITO_IN_FLIGHT):
        parser.error("--only cognito has "
                     f"{' and '.join(map(str, COGNITO_IN_FLIGHT))} logins in flight")
    run = {None: everything, "postgres": only_postgres}.get(options.only, only_http)
    text, good = run(options)
    print(text)
    if options.write:
        report.write(options.write, text)
    sys.exit(0 if good else 1)


main()
