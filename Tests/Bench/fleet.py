"""Doorpost over PostgreSQL: one server, up to three behind HAProxy, and one with its database far away, as
doors for the generator."""

import contextlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import report
from door import PATIENCE, ROOT, Door, Traffic, compile_generator, free_port

sys.path.append(str(ROOT / "Tests/Support"))

from postgres import Postgres  # noqa: E402

SERVERS = 3
# By logins in flight: how many of them make a run, and how many more come before it. Fewer than over
# SQLite alone: where the database is far away, one takes a tenth of a second.
RUNS = {1: (40, 5), 32: (320, 64)}
IN_FLIGHT = tuple(RUNS)
DOMAIN = "bench.example"
AWAY = 2  # milliseconds, there and back
SQLITE, POSTGRES = "SQLite", "PostgreSQL"


def cpu(pid):
    """What a process has used of its processors, seconds."""
    return time.clock_gettime(~pid << 3 | 2)  # CPUCLOCK_SCHED, as clock_getcpuclockid(3) makes it


class Cluster(Postgres):
    """Waits for the disk at each COMMIT, as Debian's does; no setting but its memory differs."""

    def __init__(self):
        super().__init__()
        self.settings["shared_buffers"] = "512MB"

    def end(self):
        self.stop()
        shutil.rmtree(self.directory)

    def cpu(self):
        """Of all its processes, those that have ended too."""
        pids = [self.process.pid, *map(int, pathlib.Path(
            f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split())]
        ended = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(cpu, pids)) + (int(ended[13]) + int(ended[14])) / os.sysconf("SC_CLK_TCK")


class PostgresDoor(Door):
    """Servers over one database of a cluster; `port` is the first one's own."""

    label = POSTGRES

    def __init__(self, directory, users, cluster, servers=1, where=None):
        self.cluster, self.others = cluster, []
        self.name = directory.name
        self.where = where or f"/{self.name}?host={cluster.directory}"
        cluster.query(f"CREATE DATABASE {self.name}")
        super().__init__(directory, users)
        for _ in range(servers - 1):
            port = free_port()
            self.others.append((port, self.serve(port)))
            self.await_ready(port, self.others[-1][1])

    def store(self, _):
        return f"store: postgres://doorpost@{self.where}"

    def fill(self, _, now):
        self.cluster.query(f"""
            INSERT INTO users (id, email, login, group_names, enabled, created_at)
            SELECT md5(random()::text), 'user' || i || '@{DOMAIN}', 'filler' || i, '[]', true, {now}
            FROM generate_series(0, {self.users - 1}) i""", self.name)
        self.cluster.query(f"""
            INSERT INTO challenges (id, subject, user_id, purpose, resume_key, code_hash,
                attempts_left, created_at, mailed_at, expires_at, mail_key)
            SELECT md5(random()::text), 'user:' || id, id, 'pam sshd filler', md5(random()::text), '',
                3, t, t, t, md5(random()::text)
            FROM (SELECT id, {now - 600_000} - row_number() OVER () AS t FROM users) filler""", self.name)
        self.cluster.query("VACUUM ANALYZE", self.name)
        self.cluster.query("CHECKPOINT", self.name)

    @property
    def ports(self):
        return [self.port, *(port for port, _ in self.others)]

    @property
    def pids(self):
        return [self.server.pid, *(server.pid for _, server in self.others)]

    def stop(self):
        for _, server in self.others:
            server.terminate()
            server.wait(PATIENCE)
        super().stop()


class Rank:
    """HAProxy before the first one, two, three servers of a door: a port for each. No TLS, so that
    the generator can speak to it, and X-Forwarded-For stays the generator's."""

    def __init__(self, directory, ports):
        self.ports = [free_port() for _ in ports]
        configuration = directory / "haproxy.cfg"
        configuration.write_text(
            "defaults\n  mode http\n  timeout connect 2s\n  timeout client 60s\n"
            "  timeout server 30s\n" + "".join(
                f"listen of{count}\n  bind 127.0.0.1:{here}\n  balance roundrobin\n" + "".join(
                    f"  server s{port} 127.0.0.1:{port}\n" for port in ports[:count])
                for count, here in enumerate(self.ports, 1)))
        self.process = subprocess.Popen(["/usr/sbin/haproxy", "-db", "-f", configuration],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def stop(self):
        self.process.kill()
        self.process.wait()


class Distance:
    """A way to a cluster that takes its time (distance.py)."""

    def __init__(self, cluster):
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-I", ROOT / "Tests/Bench/distance.py",
             cluster.directory / ".s.PGSQL.5432", str(AWAY)], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@dataclass
class Measured(Traffic):
    """Traffic whose CPU is read from every process that works for it."""

    label: str
    port: int
    servers: list        # processes of ours
    database: Cluster | None = None
    balancer: Rank | None = None

    @property
    def name(self):
        return self.label, self.door.users, self.in_flight

    def cpu(self):
        return {"servers": sum(map(cpu, self.servers)),
                "database": self.database.cpu() if self.database else 0,
                "balancer": cpu(self.balancer.process.pid) if self.balancer else 0}

    def login(self):
        logins, warm_up = RUNS[self.in_flight]
        self.generate(warm_up, port=self.port)
        before = self.cpu()
        figures = self.generate(logins, port=self.port)
        figures["cpu_ms"] = {part: 1000 * (used - before[part]) / logins
                             for part, used in self.cpu().items()}
        return figures


class Fleets:
    """All the traffic: SQLite, the same over PostgreSQL, behind HAProxy, with many users."""

    def __init__(self, base, small, large):
        generator = compile_generator()
        self.running = contextlib.ExitStack()
        try:
            cluster = Cluster()
            self.running.callback(cluster.end)
            cluster.start()
            sqlite = self.stopped(Door(base / "sqlite", small))
            many = self.stopped(PostgresDoor(base / "many", small, cluster, SERVERS))
            crowded = self.stopped(PostgresDoor(base / "crowded", large, cluster))
            rank = self.stopped(Rank(base, many.ports))
            way = self.stopped(Distance(cluster))
            away = self.stopped(PostgresDoor(base / "away", small, cluster,
                                             where=f"127.0.0.1:{way.port}/away"))
        except BaseException:
            self.stop()
            raise
        self.traffic = [
            Measured(generator, door, door.own_api, in_flight, *more)
            for in_flight in IN_FLIGHT for door, *more in (
                (sqlite, SQLITE, sqlite.port, [sqlite.server.pid]),
                (many, POSTGRES, many.port, many.pids[:1], cluster),
                *((many, f"{POSTGRES}, HAProxy, {count} server{'s' * (count > 1)}", port, many.pids,
                   cluster, rank) for count, port in enumerate(rank.ports, 1)),
                (crowded, POSTGRES, crowded.port, crowded.pids, cluster),
                (away, f"{POSTGRES}, {AWAY} ms away", away.port, away.pids, cluster))]

    def stopped(self, one):
        self.running.callback(one.stop)
        return one

    def stop(self):
        self.running.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


@dataclass
class FleetFigures:
    runs: dict  # by contender, users and logins in flight: the figures of each run

    def parts(self):
        runs = len(next(iter(self.runs.values())))
        return [
            "**Logins over HTTP** (initiate, the mail, verify; as many users as expired challenges; "
            f"medians of {runs} runs; ms; CPU of a login, of all processes of that kind)",
            report.table(("", "users", "in flight", "logins/s", "CPU of doorpost", "of PostgreSQL",
                          "of HAProxy", "the database's share", "initiate p50", "p99", "verify p50",
                          "p99"), *map(self.row, self.runs)),
            self.sentence(),
        ]

    def sentence(self):
        """Ratios of what was measured in turn."""
        def cost(name, users):
            return [sum(run["cpu_ms"].values()) for run in self.runs[name, users, IN_FLIGHT[-1]]]

        small, large = sorted({users for _, users, _ in self.runs})
        return ("CPU of a login altogether, " + f"{IN_FLIGHT[-1]} in flight: " + "; ".join(
            f"{what} {report.ratio(ours, theirs)[0]:.2f}" for what, ours, theirs in (
                (f"{POSTGRES} / {SQLITE}", cost(POSTGRES, small), cost(SQLITE, small)),
                (f"{large:,} / {small:,} users, {POSTGRES}", cost(POSTGRES, large),
                 cost(POSTGRES, small)))) + ".")

    def row(self, key):
        label, users, in_flight = key

        def median(read):
            return statistics.median(map(read, self.runs[key]))

        used = {part: median(lambda run, part=part: run["cpu_ms"][part])
                for part in ("servers", "database", "balancer")}
        share = median(lambda run: run["cpu_ms"]["database"]
                       / (run["cpu_ms"]["database"] + run["cpu_ms"]["servers"]))
        return (label, f"{users:,}", f"{in_flight}",
                f"{median(lambda run: run['logins']['per_s']):,.0f}", f"{used['servers']:.2f}",
                *(f"{used[part]:.2f}" if used[part] else "" for part in ("database", "balancer")),
                f"{share:.0%}" if share else "",
                *(f"{median(lambda run, c=call, q=q: run[c][q]):.1f}"
                  for call in ("initiate", "verify") for q in ("p50", "p99")))
