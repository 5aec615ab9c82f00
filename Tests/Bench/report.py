"""The figures as tables, beside the targets of DESIGN.md."""

import datetime
import os
import pathlib
import platform
import random
import re
import statistics
import subprocess
from dataclasses import dataclass

OURS, PASSWORD = "doorpost", "pam_unix, yescrypt"
START, END = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"


def ratio(ours, theirs):
    """The ratio of the medians, and where it lies in 95 of 100 resamplings."""
    picked = random.Random(1)
    resampled = sorted(
        statistics.median(picked.choices(ours, k=len(ours)))
        / statistics.median(picked.choices(theirs, k=len(theirs))) for _ in range(2000))
    return (statistics.median(ours) / statistics.median(theirs), resampled[50], resampled[-51])


def table(*rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |"
             for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def ms(seconds):
    return f"{1000 * statistics.median(seconds):.1f}"


@dataclass
class Figures:
    logins: dict
    whole: dict
    helper: tuple
    module_bytes: int
    flat: dict
    filler: int
    hash_kind: list
    http: object

    def render(self):
        verdicts = self.verdicts() + self.http.verdicts()
        parts = [
            machine(self.hash_kind),
            *targets(verdicts),
            f"**One login** (`pamtester SERVICE USER authenticate`, {len(self.logins[OURS])} of "
            "each, medians, ms)",
            self.costs(self.logins),
            "**Every line of a stack** (`authenticate acct_mgmt open_session close_session`, "
            "medians, ms)",
            self.costs(self.whole),
            "**Size of the store** (users and as many expired challenges in it; medians, ms)",
            self.costs(self.flat),
            *self.http.parts(),
        ]
        return page(parts, verdicts)

    @staticmethod
    def costs(group):
        rows = [(name, ms([c.wall for c in costs]), ms([c.all_cpu for c in costs]),
                 ms([c.cpu for c in costs]), ms([c.after for c in costs]))
                for name, costs in group.items()]
        return table(("", "wall", "CPU", "of it until pamtester ends", "of it the courier"), *rows)

    def verdicts(self):
        ours, password = self.logins[OURS], self.logins[PASSWORD]
        small, large = self.flat.values()
        prompt = 1000 * statistics.median(self.helper[0])
        peak = max(self.helper[1]) / 1024
        size = self.module_bytes / 1024
        return [
            judged_ratio("CPU of a login / of a password login", 0.5,
                         [c.all_cpu for c in ours], [c.all_cpu for c in password]),
            judged_ratio("wall time of a login / of a password login", 0.7,
                         [c.wall for c in ours], [c.wall for c in password]),
            judged("helper: spawn to first prompt", prompt, 10, "ms"),
            judged("helper: peak memory", peak, 40, "MiB"),
            judged("pam_doorpost.so", size, 48, "KiB"),
            judged_ratio(f"CPU of a login, {self.filler:,} / 1,000 users and expired challenges",
                         1.2, [c.all_cpu for c in large], [c.all_cpu for c in small]),
            judged_ratio("wall time of the same", 1.2,
                         [c.wall for c in large], [c.wall for c in small]),
        ]


def render_http(http):
    """The HTTP door by itself."""
    verdicts = http.verdicts()
    return page([machine(), *targets(verdicts), *http.parts()], verdicts)


def targets(verdicts):
    return ("**Targets** (a ratio is of medians; in brackets, where it lies in 95 of 100 "
            "resamplings)", table(("what", "target", "measured", ""), *verdicts))


def page(parts, verdicts):
    return "\n\n".join(parts) + "\n", all(row[3] == "held" for row in verdicts)


def judged(what, value, most, unit):
    digits = 2 if most < 1 else 1
    return (what, f"≤ {most} {unit}", f"{value:.{digits}f} {unit}",
            "held" if value <= most else "MISSED")


def judged_rate(what, value, least):
    return (what, f"≥ {least}/s", f"{value:.0f}/s", "held" if value >= least else "MISSED")


def judged_ratio(what, most, ours, theirs):
    value, low, high = ratio(ours, theirs)
    return (what, f"≤ {most}", f"{value:.2f} ({low:.2f}–{high:.2f})",
            "held" if value <= most else "MISSED")


def machine(hash_kind=None):
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                if line.startswith("model name")), platform.machine())
    commit = output("git", "-C", str(pathlib.Path(__file__).parent), "rev-parse", "--short", "HEAD")
    swift = re.search(r"Swift version (\S+)", output("swift", "--version"))
    packages = output("dpkg-query", "-W", "-f", "${Package} ${Version}, ", "libpam0g", "libcurl4",
                      "libsqlite3-0", "libpam-google-authenticator", "postgresql-15", "haproxy").rstrip(", ")
    packages = ", ".join(words for words in packages.split(", ") if " " in words)
    return (f"{datetime.date.today()}, commit {commit or '?'}; {os.cpu_count()} × {cpu}, "
            f"Linux {platform.release()}, load {os.getloadavg()[0]:.1f} at the end; "
            f"Swift {swift.group(1) if swift else '?'}; {packages}"
            + (f"; passwords hashed ${'$'.join(hash_kind)}." if hash_kind else "."))


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def write(path, text):
    """Puts the figures between the marks in a page."""
    page = pathlib.Path(path).read_text()
    before, rest = page.split(START)
    after = rest.split(END)[1]
    pathlib.Path(path).write_text(f"{before}{START}\n\n{text}\n{END}{after}")
