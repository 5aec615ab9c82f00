"""What a PromQL expression refers to, and whether a /metrics text has it.

    problems = unresolved(dashboard_expressions(path), metrics_text)

Reads as much of PromQL as dashboards and alert rules use: selectors with matchers, grouping
(`by`, `without`, `on`, `ignoring`, `group_left`, `group_right`), functions, histograms. A metric
that the text declares by `# TYPE` but has no sample of yet resolves; its labels then cannot be
checked and are taken as right.
"""

import json
import pathlib
import re

_TOKEN = re.compile(r"""
    (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
  | (?P<comment>\#[^\n]*)
  | (?P<duration>\[[^\]]*\])
  | (?P<variable>\$\{?\w+(?::\w+)?\}?)
  | (?P<number>0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:ms|[smhdwy])?\w*)
  | (?P<name>[a-zA-Z_:][\w:]*)
  | (?P<operator>=~|!~|!=|==|<=|>=|[{}(),=<>+\-*/%^@])
  | (?P<space>\s+)
""", re.VERBOSE)

_GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_WORDS = {"and", "or", "unless", "bool", "offset", "atan2", "inf", "nan", "start", "end"}


class Reference:
    """One metric in an expression, the matchers on it and the labels it is grouped by."""

    def __init__(self, metric):
        self.metric = metric
        self.matchers = []  # (label, operator, value)
        self.labels = set()

    def __repr__(self):
        return f"{self.metric}{self.matchers}{sorted(self.labels)}"


def _tokens(expression):
    position = 0
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None:
            raise ValueError(f"cannot read PromQL at {expression[position:position + 30]!r}")
        position = match.end()
        if match.lastgroup not in ("space", "comment"):
            yield match.lastgroup, match.group()


def references(expression):
    """Every metric of an expression. Labels of a grouping are put on every metric in it."""
    tokens = list(_tokens(expression))
    found, labels, i = [], set(), 0
    while i < len(tokens):
        kind, text = tokens[i]
        following = tokens[i + 1][1] if i + 1 < len(tokens) else ""
        if kind == "name" and text.lower() in _GROUPING:
            if following == "(":
                i += 2
                while tokens[i][1] != ")":
                    if tokens[i][0] == "name":
                        labels.add(tokens[i][1])
                    i += 1
        elif kind == "name" and text.lower() not in _WORDS and following != "(" \
                and not _is_aggregation(text, following):
            reference = Reference(text)
            if following == "{":
                i = _matchers(tokens, i + 2, reference)
            found.append(reference)
        elif text == "{":
            raise ValueError(f"a selector without a metric name: {expression}")
        i += 1
    for reference in found:
        reference.labels = {m[0] for m in reference.matchers} | labels
    return found


def _is_aggregation(text, following):
    return following in _GROUPING and text in {
        "sum", "min", "max", "avg", "count", "topk", "bottomk", "quantile", "stddev", "group"}


def _matchers(tokens, i, reference):
    while tokens[i][1] != "}":
        if tokens[i][0] == "name":
            label, operator, value = tokens[i][1], tokens[i + 1][1], tokens[i + 2][1]
            if operator not in ("=", "!=", "=~", "!~") or value[0] not in "\"'`":
                raise ValueError(f"a matcher that is none: {label}{operator}{value}")
            reference.matchers.append((label, operator, value[1:-1]))
            i += 2
        i += 1
    return i


class Metrics:
    """The families of a /metrics text: their types, sample names, labels and values of labels."""

    _SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$")
    _LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:\\.|[^"\\])*)"')

    def __init__(self, text):
        self.types, self.labels = {}, {}
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.types[name] = kind
            elif line.strip() and not line.startswith("#"):
                sample = self._SAMPLE.match(line)
                if sample is None:
                    raise ValueError(f"/metrics line {number} is none: {line!r}")
                values = self.labels.setdefault(sample[1], {})
                for label, value in self._LABEL.findall(sample[2] or ""):
                    values.setdefault(label, set()).add(value)

    def knows(self, name):
        if name in self.labels or self.types.get(name, "histogram") != "histogram":
            return True
        return any(name == family + suffix for family, kind in self.types.items()
                   for suffix in {"histogram": ("_bucket", "_sum", "_count"),
                                  "summary": ("_sum", "_count")}.get(kind, ()))


# Prometheus adds these to whatever it scrapes, and makes these metrics itself.
SCRAPED_LABELS = {"job", "instance"}
SCRAPED_METRICS = {"up", "ALERTS", "scrape_duration_seconds"}


def unresolved(expressions, metrics_text):
    """What the expressions refer to and the text does not have: a sentence each, none if good.

    A value that a matcher wants by `=` need not be there: an outcome may just not have happened.
    """
    metrics, problems = Metrics(metrics_text), []
    for place, expression in expressions:
        for reference in references(expression):
            name = reference.metric
            if name in SCRAPED_METRICS:
                continue
            if not metrics.knows(name):
                problems.append(f"{place}: no metric {name} in: {expression}")
                continue
            if name not in metrics.labels:
                continue
            for label in reference.labels - SCRAPED_LABELS - {"le"}:
                # A grouping's label may belong to another metric of the same expression.
                own = label in {m[0] for m in reference.matchers}
                others = [metrics.labels.get(r.metric, {}) for r in references(expression)]
                if label not in metrics.labels[name] and (
                        own or not any(label in labels for labels in others)):
                    problems.append(f"{place}: {name} has no label {label} in: {expression}")
    return problems


def _panels(panels):
    for panel in panels:
        yield panel
        yield from _panels(panel.get("panels", []))


def dashboard_expressions(path):
    """[(where, PromQL)] of a Grafana dashboard's panels, variables and annotations."""
    dashboard = json.loads(pathlib.Path(path).read_text())
    found = []
    for panel in _panels(dashboard["panels"]):
        for target in panel.get("targets", []):
            found.append((f"panel {panel['title']!r}", target["expr"]))
    for variable in dashboard.get("templating", {}).get("list", []):
        query = variable.get("query")
        query = query.get("query", "") if isinstance(query, dict) else query or ""
        values = re.fullmatch(r"label_values\((.*),\s*(\w+)\)", query)
        if values:
            found.append((f"variable {variable['name']!r}", f"sum by ({values[2]}) ({values[1]})"))
    for annotation in dashboard.get("annotations", {}).get("list", []):
        if "expr" in annotation:
            found.append((f"annotation {annotation['name']!r}", annotation["expr"]))
    return found


def rule_expressions(path):
    """[(where, PromQL)] of a Prometheus rule file."""
    import yaml
    groups = yaml.safe_load(pathlib.Path(path).read_text())["groups"]
    return [(f"rule {rule.get('alert') or rule['record']!r}", rule["expr"])
            for group in groups for rule in group["rules"]]
