"""What watches the services asks for figures that there are, by labels that they have."""

import json
import re

import pytest
import yaml

from services.channels.adapters.base import Accepted, NotMade, Refused, Unknown
from shared.topics import TOPICS
from shared.words import Refusal
from tests.compose import EXAMPLE, ROOT, compose
from tests.series import SERIES

PROFILE = "observability"
FOLDER = ROOT / "deploy" / "observability"
PROMETHEUS_OWN = {"up": {"job", "instance"}}
NAME = re.compile(r"\b(rekindle_\w+|up)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(?:=|!=|=~|!~)\s*"([^"]*)"')
BY = re.compile(r"by \(([\w, ]+)\)")
VALUES = {
    "topic": {topic.name for topic in TOPICS},
    "refusal": set(Refusal),
    "answer": {kind.__name__.lower() for kind in (Accepted, NotMade, Refused, Unknown)},
    "what": {"parked", "unknown", "overdue"},
    "server": {"webhooks", "console", "internal endpoint"},
    "job": {"rekindle"},
}

DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
[GROUP] = yaml.safe_load((FOLDER / "rules.yaml").read_text())["groups"]
RULES = {rule["alert"]: rule for rule in GROUP["rules"]}
ASKED = {its["expr"] for panel in PANELS for its in panel["targets"]}
ASKED |= {rule["expr"] for rule in RULES.values()}


def labels_of(name: str) -> set[str]:
    if name in PROMETHEUS_OWN:
        return PROMETHEUS_OWN[name]
    return {*SERIES[name], *(["le"] if name.endswith("_bucket") else [])}


@pytest.mark.parametrize("asked", sorted(ASKED))
def test_each_question_names_metrics_labels_and_values_that_there_are(asked) -> None:
    found = NAME.findall(asked)
    assert found
    for name, matchers in found:
        assert name in SERIES.keys() | PROMETHEUS_OWN
        for label, value in MATCHER.findall(matchers):
            assert label in labels_of(name), f"{name} has no label {label}"
            assert set(value.split("|")) <= VALUES[label]
    for grouped in BY.findall(asked):
        known = set.union(*(labels_of(name) for name, _ in found))
        assert set(grouped.split(", ")) <= known


def test_the_dashboard_shows_every_metric() -> None:
    shown = {name for panel in PANELS for its in panel["targets"] for name, _ in
             NAME.findall(its["expr"])}  # fmt: skip
    assert SERIES.keys() <= shown


def test_a_panel_names_its_lines_by_labels_that_the_question_keeps() -> None:
    for panel in PANELS:
        for its in panel["targets"]:
            named = set(re.findall(r"\{\{(\w+)\}\}", its["legendFormat"]))
            kept = {label for by in BY.findall(its["expr"]) for label in by.split(", ")}
            assert named <= kept, panel["title"]


@pytest.mark.parametrize(
    "asked",
    [
        "rekindle_outbox_age_seconds",
        "rekindle_lag_events",
        "rekindle_view_age_seconds",
        'rekindle_waiting{what="unknown"}',
        'rekindle_waiting{what="parked"}',
        'rekindle_waiting{what="overdue"}',
        "rekindle_sends_refused_total",
        "rekindle_ready",
    ],
)
def test_somebody_is_told_of(asked) -> None:
    assert any(asked in rule["expr"] for rule in RULES.values())


def test_each_alarm_says_what_follows_and_what_to_do() -> None:
    for name, rule in RULES.items():
        assert rule["labels"]["severity"] in {"page", "warn"}, name
        assert rule["annotations"]["summary"], name
        assert rule["annotations"]["description"].endswith("."), name


def test_every_process_is_asked_for_its_figures() -> None:
    collector = yaml.safe_load((FOLDER / "collector.yaml").read_text())
    [job] = collector["receivers"]["prometheus"]["config"]["scrape_configs"]
    [its] = job["static_configs"]
    services = {name for name, its in compose(EXAMPLE.given).items() if its.service}
    assert set(its["targets"]) == {f"{name}:8701" for name in services}
    assert job["metrics_path"] == "/metrics"
    assert {"otlp", "prometheus"} == collector["receivers"].keys()
    for pipeline in collector["service"]["pipelines"].values():
        assert set(pipeline["receivers"]) <= collector["receivers"].keys()
        assert set(pipeline["exporters"]) <= collector["exporters"].keys()


def test_those_who_watch_find_one_another() -> None:
    containers = compose(EXAMPLE.given)
    watching = {name for name, its in containers.items() if PROFILE in its.spec.get("profiles", [])}
    assert watching == {"collector", "jaeger", "prometheus", "grafana"}
    for name in watching:
        for volume in containers[name].spec.get("volumes", []):
            assert (ROOT / volume.split(":")[0]).exists(), volume
    texts = [file.read_text() for file in FOLDER.glob("*.yaml")]
    texts.append(containers["collector"].env["TRACES_URL"])
    hosts = set(re.findall(r'(?:http://|targets: \[")([a-z]+):\d+', " ".join(texts)))
    assert hosts == watching - {"grafana"}
    [read] = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())["scrape_configs"]
    exporter = yaml.safe_load((FOLDER / "collector.yaml").read_text())["exporters"]["prometheus"]
    [target] = read["static_configs"][0]["targets"]
    assert target == f"collector:{exporter['endpoint'].rpartition(':')[2]}"
