"""The figures of a process, on a page that Prometheus and OpenTelemetry's collector read.

Counts and times grow here as the work is done. What stands in queues is asked of the database when
the page is read: it is the same look by which `/readyz` complains.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import ClassVar

PAGE_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Labels = tuple[str, ...]


@dataclass
class Metric:
    """A figure by its labels; `name` is what is asked for in Prometheus."""

    kind: ClassVar[str] = ""
    name: str
    about: str
    labels: Labels
    _lock: Lock = field(default_factory=Lock, repr=False)

    def head(self) -> Iterator[str]:
        yield f"# HELP {self.name} {self.about}"
        yield f"# TYPE {self.name} {self.kind}"

    @property
    def names(self) -> list[str]:
        """Of all its lines."""
        return [self.name]


@dataclass
class Counter(Metric):
    """Only grows, until the process ends."""

    kind = "counter"
    _counts: dict[Labels, int] = field(default_factory=dict)

    def add(self, count: int, *labels: str) -> None:
        with self._lock:
            self._counts[labels] = self._counts.get(labels, 0) + count

    def lines(self) -> Iterator[str]:
        yield from self.head()
        with self._lock:
            known = list(self._counts.items())
        for labels, count in known:
            yield _line(self.name, self.labels, labels, count)


@dataclass
class Times(Metric):
    """How long something took, in seconds, and how often it was."""

    kind = "histogram"
    _counts: dict[Labels, list[int]] = field(default_factory=dict)  # by bucket, the last: longer
    _sums: dict[Labels, float] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return [f"{self.name}_{part}" for part in ("bucket", "sum", "count")]

    def add(self, seconds: float, *labels: str) -> None:
        with self._lock:
            counts = self._counts.setdefault(labels, [0] * (len(SECONDS) + 1))
            counts[bisect_left(SECONDS, seconds)] += 1
            self._sums[labels] = self._sums.get(labels, 0.0) + seconds

    def lines(self) -> Iterator[str]:
        yield from self.head()
        with self._lock:
            known = [(its, list(counts), self._sums[its]) for its, counts in self._counts.items()]
        for labels, counts, total in known:
            up_to = 0
            for limit, count in zip((*map(str, SECONDS), "+Inf"), counts, strict=True):
                up_to += count
                yield _line(f"{self.name}_bucket", (*self.labels, "le"), (*labels, limit), up_to)
            yield _line(f"{self.name}_sum", self.labels, labels, total)
            yield _line(f"{self.name}_count", self.labels, labels, up_to)


@dataclass
class Level(Metric):
    """What is now; whoever makes the page says it."""

    kind = "gauge"

    def lines(self, levels: Mapping[Labels, float]) -> Iterator[str]:
        yield from self.head()
        for labels, level in levels.items():
            yield _line(self.name, self.labels, labels, level)


APPLIED = Counter("rekindle_events_applied_total", "Events applied from the bus.", ("group",))
FIRED = Counter("rekindle_timers_fired_total", "Timers that came due.", ("group",))
PUBLISHED = Counter(
    "rekindle_events_published_total", "Events that the bus took.", ("group", "topic")
)
RETRIED = Counter("rekindle_retries_total", "What failed and is tried again.", ("group", "source"))
REFUSED = Counter(
    "rekindle_sends_refused_total", "Messages not sent by a gateway.", ("channel", "refusal")
)
BATCH = Times("rekindle_transaction_seconds", "A batch or the timers due, committed.", ("group",))
CALL = Times("rekindle_provider_call_seconds", "A call to a provider.", ("channel", "answer"))
REQUEST = Times("rekindle_http_request_seconds", "A request answered.", ("server", "status"))
GROWING: Sequence[Counter | Times] = (
    APPLIED, FIRED, PUBLISHED, RETRIED, REFUSED, BATCH, CALL, REQUEST,
)  # fmt: skip

READY = Level("rekindle_ready", "1: the service can work.", ("service",))
LAG = Level("rekindle_lag_events", "Events yet to be heard.", ("service", "group", "topic"))
VIEW = Level("rekindle_view_age_seconds", "Age of what a group knows.", ("service", "group"))
UNPUBLISHED = Level(
    "rekindle_outbox_age_seconds", "Age of the oldest event that the bus has yet to take.",
    ("service",),
)  # fmt: skip
QUEUE = Level("rekindle_queue", "What stands in a queue.", ("service", "queue"))
WAITING = Level("rekindle_waiting", "What waits for a person.", ("service", "what"))
COMPLAINTS = Level("rekindle_complaints", "What is wrong, by its name.", ("service", "what"))
LEVELS: Sequence[Level] = (READY, LAG, VIEW, UNPUBLISHED, QUEUE, WAITING, COMPLAINTS)


def page(levels: Mapping[str, Mapping[Labels, float]]) -> str:
    """All figures in Prometheus's text format. `levels` are those of now, by their names."""
    lines = [line for metric in GROWING for line in metric.lines()]
    lines += [line for level in LEVELS for line in level.lines(levels.get(level.name, {}))]
    return "\n".join(lines) + "\n"


def _line(name: str, labels: Labels, values: Labels, figure: float) -> str:
    told = ",".join(
        f'{label}="{_plain(value)}"' for label, value in zip(labels, values, strict=True)
    )
    return f"{name}{{{told}}} {'+Inf' if figure == math.inf else figure}"


def _plain(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
