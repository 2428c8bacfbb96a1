"""The figures of a process, on a page that Prometheus and OpenTelemetry's collector read.

Counts and times grow here as the work is done. What stands in queues is asked of the database when
the page is read: it is the same look by which `/readyz` complains.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

PAGE_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
GROWING = CollectorRegistry()
disable_created_metrics()  # type: ignore[no-untyped-call]  # Prometheus's; since when is of no use

Labels = tuple[str, ...]
Levels = Mapping[str, Mapping[Labels, float]]  # by name and labels


class Level(NamedTuple):
    """What is now; whoever makes the page says it."""

    name: str
    about: str
    labels: Labels


def _counter(name: str, about: str, *labels: str) -> Counter:
    return Counter(name, about, labels, registry=GROWING)


def _times(name: str, about: str, *labels: str) -> Histogram:
    return Histogram(name, about, labels, registry=GROWING, buckets=SECONDS)


APPLIED = _counter("rekindle_events_applied_total", "Events applied from the bus.", "group")
FIRED = _counter("rekindle_timers_fired_total", "Timers that came due.", "group")
PUBLISHED = _counter(
    "rekindle_events_published_total", "Events that the bus took.", "group", "topic"
)
RETRIED = _counter("rekindle_retries_total", "What failed and is tried again.", "group", "source")
REFUSED = _counter(
    "rekindle_sends_refused_total", "Messages not sent by a gateway.", "channel", "refusal"
)
BATCH = _times("rekindle_transaction_seconds", "A batch or the timers due, committed.", "group")
CALL = _times("rekindle_provider_call_seconds", "A call to a provider.", "channel", "answer")
REQUEST = _times("rekindle_http_request_seconds", "A request answered.", "server", "status")

READY = Level("rekindle_ready", "1: the service can work.", ("service",))
LAG = Level("rekindle_lag_events", "Events yet to be heard.", ("service", "group", "topic"))
VIEW = Level("rekindle_view_age_seconds", "Age of what a group knows.", ("service", "group"))
UNPUBLISHED = Level(
    "rekindle_outbox_age_seconds",
    "Age of the oldest event that the bus has yet to take.",
    ("service",),
)
QUEUE = Level("rekindle_queue", "What stands in a queue.", ("service", "queue"))
WAITING = Level("rekindle_waiting", "What waits for a person.", ("service", "what"))
COMPLAINTS = Level("rekindle_complaints", "What is wrong, by its name.", ("service", "what"))
LEVELS: Sequence[Level] = (READY, LAG, VIEW, UNPUBLISHED, QUEUE, WAITING, COMPLAINTS)


def page(levels: Levels) -> bytes:
    """All figures in Prometheus's text format. `levels` are those of now, by their names."""
    now = CollectorRegistry()
    now.register(_Now(levels))
    return generate_latest(GROWING) + generate_latest(now)


class _Now(Collector):
    def __init__(self, levels: Levels) -> None:
        self.levels = levels

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, about, labels in LEVELS:
            family = GaugeMetricFamily(name, about, labels=labels)
            for values, level in self.levels.get(name, {}).items():
                family.add_metric(values, level)
            yield family
