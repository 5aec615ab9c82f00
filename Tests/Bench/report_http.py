"""The figures of the HTTP door."""

import statistics
from dataclasses import dataclass

import report

MANY = 32  # logins in flight that the targets speak of
PEER = "glewlwyd"
COGNITO, TRIGGERS = f"{report.OURS}, Cognito API", f"{report.OURS}, triggers"


@dataclass
class HTTPFigures:
    runs: dict     # by server, users and logins in flight: what the generator printed, by run
    syncs: list    # seconds of wall time and CPU of a synced write, run by run
    peak: int      # memory of the larger server, bytes

    def verdicts(self):
        return self._own_verdicts() + self._cognito_verdicts()

    def _own_verdicts(self):
        sizes = sorted({users for server, users, in_flight in self.runs
                        if (server, in_flight) == (report.OURS, MANY)})
        if not sizes:
            return []
        small, large = sizes[0], sizes[-1]
        key = report.OURS, small, MANY
        cpu = self._values(key, "logins", "server_cpu_ms")
        peer = next((key for key in self.runs if (key[0], key[2]) == (PEER, MANY)), None)
        rows = [report.judged(f"HTTP: CPU of a login, {MANY} in flight",
                              statistics.median(cpu), 0.6, "ms")]
        if peer:
            rows.append(report.judged_ratio(f"HTTP: the same / of a login at {PEER}", 0.17, cpu,
                                            self._values(peer, "logins", "server_cpu_ms")))
        rows.append(report.judged(f"HTTP: p99 of initiate, {MANY} in flight",
                                  self._median(key, "initiate", "p99"), 10, "ms"))
        if small != large:
            rows.append(report.judged_ratio(
                f"HTTP: CPU of a login, {large:,} / {small:,} users and expired challenges", 1.2,
                self._values((report.OURS, large, MANY), "logins", "server_cpu_ms"), cpu))
        return rows

    def _cognito_verdicts(self):
        rows = []
        for server, users, in_flight in self.runs:
            key = server, users, in_flight
            if server == COGNITO:
                rows.append(report.judged_ratio(
                    f"Cognito API: CPU of a login / of one over REST, {in_flight} in flight", 1.3,
                    self._values(key, "logins", "server_cpu_ms"),
                    self._values((report.OURS, users, in_flight), "logins", "server_cpu_ms")))
            elif server == TRIGGERS:
                rows.append(report.judged_rate(
                    f"the same, three triggers kept running, {in_flight} in flight: logins",
                    self._median(key, "logins", "per_s"), 300))
        return rows

    def parts(self):
        runs = len(next(iter(self.runs.values())))
        return [
            "**Logins over HTTP** (initiate, the mail, verify; as many users as expired "
            f"challenges; medians of {runs} runs, ms)",
            self._login_table(),
            "**Refreshes over HTTP** (each rotates; as above)",
            self._refresh_table(),
            f"Our server's memory at its peak: {self.peak / 2**20:.1f} MiB. A page written and "
            f"synced, where the stores are: {report.ms([wall for wall, _ in self.syncs])} ms, of "
            f"it CPU {1000 * statistics.median(cpu for _, cpu in self.syncs):.2f} ms.",
        ]

    def _login_table(self):
        rows = [(server, f"{users:,}", f"{in_flight}", self._rate(key, "logins"),
                 self._cpu(key, "logins", "server_cpu_ms"), *self._percentiles(key, "initiate"),
                 *self._percentiles(key, "verify"), self._cpu(key, "logins", "own_cpu_ms"))
                for key in self.runs for server, users, in_flight in [key]]
        return report.table(("", "users", "in flight", "logins/s", "CPU", "initiate p50", "p99",
                             "verify p50", "p99", "CPU of the generator"), *rows)

    def _refresh_table(self):
        rows = [(f"{users:,}", f"{in_flight}", self._rate(key, "refreshes"),
                 self._cpu(key, "refreshes", "server_cpu_ms"), *self._percentiles(key, "refresh"))
                for key in self.runs for server, users, in_flight in [key]
                if server == report.OURS]
        return report.table(("users", "in flight", "refreshes/s", "CPU", "p50", "p99"), *rows)

    def _values(self, key, kind, figure):
        return [run[kind][figure] for run in self.runs[key]]

    def _median(self, key, kind, figure):
        return statistics.median(self._values(key, kind, figure))

    def _rate(self, key, kind):
        return f"{self._median(key, kind, 'per_s'):,.0f}"

    def _cpu(self, key, kind, figure):
        return f"{self._median(key, kind, figure):.2f}"

    def _percentiles(self, key, kind):
        return (f"{self._median(key, kind, 'p50'):.1f}", f"{self._median(key, kind, 'p99'):.1f}")
