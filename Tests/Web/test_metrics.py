"""What Prometheus scrapes from the running server, what the dashboard and the alerts make of it."""

import re
import subprocess
import sys

import pytest

from harness.server import ROOT, Server, temporary, until, wrong

sys.path.insert(0, str(ROOT / "Tests/Support"))

import promql  # noqa: E402
from debian_tools import tool  # noqa: E402

ALICE = "alice@example.org"


def scrape(server):
    reply = server.client().get("/metrics")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return reply.raw.decode()


def counts(server):
    """Every sample but those of time and of the process: "name{labels}" → value."""
    return {name: float(value) for name, value in
            re.findall(r"^(doorpost_\S+) (\S+)$", scrape(server), re.MULTILINE)
            if "_bucket" not in name and "_sum" not in name}


def moved(server, action):
    """What an action changes: the doorpost_*_total counters, and by how much."""
    before = counts(server)
    result = action()
    changes = {name: value - before.get(name, 0) for name, value in counts(server).items()}
    return result, {name.removeprefix("doorpost_"): by for name, by in changes.items()
                    if by and "_total{" in name}


@pytest.fixture(scope="module")
def server():
    with temporary() as directory:
        running = Server(directory, users=[ALICE, *(f"user{n}@example.org" for n in range(3))])
        try:
            yield running.start()
        finally:
            running.kill()


@pytest.fixture(scope="module")
def used(server):
    """The module's server after traffic of all kinds."""
    client = server.client()
    signed = server.sign_in(ALICE)
    client.post("/auth/refresh", {"refresh_token": signed.json["refresh_token"]})
    client.get("/auth/me", headers={"Authorization": f"Bearer {signed.json['access_token']}"})
    client.initiate("nobody-at-all@example.org")
    client.initiate(ALICE)
    for path in ("/", "/healthz", "/readyz", "/openapi.json", "/nowhere/secret-path",
                 "/auth/continue?url=https://evil.example/", "/%2e%2e/etc/passwd"):
        client.get(path)
    client.call("BREW", "/auth/initiate")
    return server


def test_promtool_finds_nothing_to_say(used):
    done = subprocess.run([tool("promtool"), "check", "metrics"], input=scrape(used),
                          capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done


def test_dashboard_and_alerts_find_what_they_ask_for(used):
    text = scrape(used)
    expressions = promql.dashboard_expressions(ROOT / "packaging/grafana/doorpost.json") \
        + promql.rule_expressions(ROOT / "packaging/prometheus/alerts.yml")
    assert len(expressions) > 40
    assert promql.unresolved(expressions, text) == []


def test_outcomes_that_expressions_name_are_counted_from_the_start(fresh):
    """A rate() needs the 0 before the first 1. Only routes and their status come with traffic."""
    labels = promql.Metrics(scrape(fresh())).labels
    for where in (promql.dashboard_expressions(ROOT / "packaging/grafana/doorpost.json"),
                  promql.rule_expressions(ROOT / "packaging/prometheus/alerts.yml")):
        for place, expression in where:
            for reference in promql.references(expression):
                for label, operator, value in reference.matchers:
                    if label in ("outcome", "limit", "state", "intent") and operator in ("=", "=~"):
                        there = labels[reference.metric][label]
                        for each in value.split("|"):
                            if not each.startswith("$"):
                                assert each in there, (place, reference.metric, each)


def test_the_sample_of_the_packaging_tests_is_what_the_server_has(used):
    sample = promql.Metrics((ROOT / "Tests/Packaging/metrics.txt").read_text())
    real = promql.Metrics(scrape(used))
    assert {n: k for n, k in real.types.items() if n.startswith("doorpost_")} \
        == {n: k for n, k in sample.types.items() if n.startswith("doorpost_")}
    for name in set(real.labels) & set(sample.labels):
        assert set(real.labels[name]) == set(sample.labels[name]), name


def test_nobody_is_in_it(used):
    text = scrape(used)
    for secret in (ALICE, "alice", "@", "nobody-at", "127.0.0.1", "evil", "secret-path", "passwd",
                   "BREW", used.mails(ALICE)[-1].code):
        assert secret not in text, secret


def test_strangers_make_no_series(used):
    before = len(scrape(used).splitlines())
    for n in range(50):
        used.client().get(f"/made-up/{n}")
        used.client().call(f"VERB{n}", "/made-up")
        used.client().initiate(f"made-up-{n}@example.org")
    assert len(scrape(used).splitlines()) <= before + 2 * 15


def test_each_event_moves_its_counter_and_no_other(server, users):
    user, client = users(), server.client()
    started, change = moved(server, lambda: client.initiate(user))
    server.mail(user)
    change.pop('mails_total{outcome="sent"}', None)
    assert change == {'initiates_total{outcome="started"}': 1}
    session, code = started.json["session"], server.code(user)
    _, change = moved(server, lambda: client.initiate(user))
    assert change == {'initiates_total{outcome="resumed"}': 1}
    _, change = moved(server, lambda: client.verify(session, wrong(code)))
    assert change == {'verifies_total{outcome="wrong"}': 1}
    signed, change = moved(server, lambda: client.verify(session, code))
    assert change == {'verifies_total{outcome="signed_in"}': 1}
    _, change = moved(server, lambda: client.verify(session, code))
    assert change == {'verifies_total{outcome="used"}': 1}
    _, change = moved(server, lambda: client.verify("x" * 40, code))
    assert change == {'verifies_total{outcome="unknown"}': 1}
    token = {"refresh_token": signed.json["refresh_token"]}
    renewed, change = moved(server, lambda: client.post("/auth/refresh", token))
    assert change == {'refreshes_total{outcome="rotated"}': 1}
    _, change = moved(server, lambda: client.post("/auth/refresh", token))
    assert change == {'refreshes_total{outcome="repeated"}': 1}
    client.post("/auth/logout", {"refresh_token": renewed.json["refresh_token"]})
    _, change = moved(server, lambda: client.post(
        "/auth/refresh", {"refresh_token": renewed.json["refresh_token"]}))
    assert change == {'refreshes_total{outcome="refused"}': 1}


def test_the_third_wrong_code_and_a_resend_are_counted(server, users):
    user, client = users(), server.client()
    session = client.initiate(user).json["session"]
    code = server.code(user)
    until(lambda: counts(server)["doorpost_mail_queue{state=\"queued\"}"] == 0)
    sent = counts(server)['doorpost_mails_total{outcome="sent"}']
    assert client.post("/auth/resend", {"session": session}).status == 200
    server.mail(user, after=1)
    until(lambda: counts(server)['doorpost_mails_total{outcome="sent"}'] == sent + 1)
    for _ in range(3):
        client.verify(session, wrong(code))
    _, change = moved(server, lambda: client.verify(session, code))
    assert change == {'verifies_total{outcome="tries_used_up"}': 1}


def test_limits_are_counted_under_their_names(fresh):
    server = fresh(lambda c: c["limits"].update(starts_per_source="1/h"))
    client = server.client("192.0.2.200")
    assert client.initiate(ALICE).status == 200
    server.mail(ALICE)
    until(lambda: counts(server)['doorpost_mails_total{outcome="sent"}'] == 1)
    reply, change = moved(server, lambda: client.initiate("other@example.org"))
    assert (reply.status, reply.error) == (429, "rate_limited")
    assert change == {'initiates_total{outcome="limited"}': 1,
                      'limits_hit_total{limit="starts_per_source"}': 1}


def test_a_mail_sent_is_counted_and_timed(fresh):
    server = fresh()
    server.sign_in(ALICE)
    until(lambda: counts(server)['doorpost_mails_total{outcome="sent"}'] == 1)
    now = counts(server)
    assert now["doorpost_mail_delivery_seconds_count"] == 1
    assert now["doorpost_mail_wait_seconds_count"] == 1
    assert now['doorpost_mail_queue{state="queued"}'] == 0
    assert now["doorpost_relay_up"] == 1


def test_open_connections_are_counted(fresh):
    server = fresh()
    links = [server.client().connection() for _ in range(3)]
    for link in links:
        link.connect()
    until(lambda: counts(server)["doorpost_http_connections"] == 4)  # and the one that asks
    for link in links:
        link.close()
    until(lambda: counts(server)["doorpost_http_connections"] == 1)
