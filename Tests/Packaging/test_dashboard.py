"""Grafana dashboard and Prometheus alerts ask only for metrics and labels that the server has."""

import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Support"))

import promql  # noqa: E402
from debian_tools import tool  # noqa: E402

DASHBOARD = ROOT / "packaging/grafana/doorpost.json"
ALERTS = ROOT / "packaging/prometheus/alerts.yml"
METRICS = pathlib.Path(__file__).with_name("metrics.txt").read_text()

SMALL = """# TYPE a_total counter
a_total{outcome="sent"} 1
# TYPE h_seconds histogram
h_seconds_bucket{route="/",le="+Inf"} 1
h_seconds_sum{route="/"} 1
h_seconds_count{route="/"} 1
# TYPE late_total counter
"""


def test_the_dashboard_resolves():
    expressions = promql.dashboard_expressions(DASHBOARD)
    assert len(expressions) > 30
    assert promql.unresolved(expressions, METRICS) == []


def test_the_alerts_resolve():
    assert promql.unresolved(promql.rule_expressions(ALERTS), METRICS) == []


def test_every_metric_is_on_the_dashboard():
    shown = {reference.metric for _, expression in promql.dashboard_expressions(DASHBOARD)
             for reference in promql.references(expression)}
    families = promql.Metrics(METRICS).types
    assert not [name for name in families
                if not {name, f"{name}_bucket", f"{name}_count"} & shown]


@pytest.mark.parametrize("expression", [
    'sum(rate(a_total{outcome="sent"}[5m]))',
    'sum by (outcome) (rate(a_total{job=~"$job",instance=~"$instance"}[$__rate_interval])) > 0.5',
    "histogram_quantile(0.99, sum by (le, route) (rate(h_seconds_bucket[5m])))",
    "a_total / on (outcome) group_left (route) h_seconds_count offset 5m",
    "increase(late_total{anything=\"x\"}[1h]) # not counted yet, but declared",
    'up{job="doorpost"} == bool 0 or time() - 1e3 > 5m',
])
def test_what_is_there_resolves(expression):
    assert promql.unresolved([("here", expression)], SMALL) == []


@pytest.mark.parametrize("expression, problem", [
    ("rate(b_total[5m])", "no metric b_total"),
    ("rate(a[5m])", "no metric a "),
    ("h_seconds", "no metric h_seconds "),
    ("rate(h_seconds_buckets[5m])", "no metric h_seconds_buckets"),
    ('a_total{state="sent"}', "a_total has no label state"),
    ("sum by (state) (a_total)", "a_total has no label state"),
    ("sum(a_total) without (states)", "a_total has no label states"),
    ('h_seconds_count{path="/"} / ignoring(x) a_total', "h_seconds_count has no label path"),
])
def test_what_is_missing_is_named(expression, problem):
    found = promql.unresolved([("here", expression)], SMALL)
    assert any(problem in each for each in found), found


def test_every_mistake_in_a_name_is_noticed():
    """One letter changed in each metric and each label of the dashboard, one at a time."""
    for name in promql.Metrics(METRICS).types:
        broken = METRICS.replace(name, name.replace("s", "z", 1) + "x")
        assert promql.unresolved(promql.dashboard_expressions(DASHBOARD), broken), name
    for label in ("outcome", "limit", "state", "route", "method", "status", "intent", "version"):
        broken = METRICS.replace(f'{label}="', f'{label}x="')
        assert promql.unresolved(promql.dashboard_expressions(DASHBOARD), broken), label


def test_grafana_can_load_it():
    dashboard = json.loads(DASHBOARD.read_text())
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    taken = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                 for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${datasource}"


@pytest.mark.parametrize("kind, name", [("check", "alerts.yml"), ("test", "alerts_test.yml")])
def test_promtool_takes_the_alerts(kind, name):
    done = subprocess.run([tool("promtool"), kind, "rules", name], cwd=ALERTS.parent,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_takes_every_expression_of_the_dashboard(tmp_path):
    rules = [{"record": f"panel:{number}",
              "expr": expression.replace("$__rate_interval", "5m")}
             for number, (_, expression) in enumerate(promql.dashboard_expressions(DASHBOARD))]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    done = subprocess.run([tool("promtool"), "check", "rules", str(file)], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stdout + done.stderr
