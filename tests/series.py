"""The names under which Prometheus finds our figures."""

from prometheus_client.parser import text_string_to_metric_families

from shared.telemetry.metrics import GROWING, LEVELS

PARTS = {"counter": ("total",), "histogram": ("bucket", "sum", "count")}
# By name, the labels that a figure has.
SERIES = {
    f"{its._name}_{part}": its._labelnames
    for its in GROWING._collector_to_names
    for part in PARTS[its._type]
} | {its.name: its.labels for its in LEVELS}


def figures_on(page):
    """What a page tells, by name and labels: `found["rekindle_ready", ("service", "triage")]`."""
    return {
        (its.name, *its.labels.items()): its.value
        for family in text_string_to_metric_families(page)
        for its in family.samples
    }
