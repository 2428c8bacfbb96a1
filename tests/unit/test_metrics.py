"""The page of figures is what Prometheus reads, and figures are kept from no thread."""

from concurrent.futures import ThreadPoolExecutor

from shared.bus.insistence import Insistence
from shared.telemetry.metrics import (
    GROWING,
    LEVELS,
    RETRIED,
    SECONDS,
    VIEW,
    Counter,
    Times,
    page,
)


def test_a_counter_is_told_by_its_labels() -> None:
    events = Counter("events_total", "Events.", ("group", "topic"))
    events.add(2, "triage", "contact.imported")
    events.add(3, "triage", "contact.imported")
    assert list(events.lines()) == [
        "# HELP events_total Events.",
        "# TYPE events_total counter",
        'events_total{group="triage",topic="contact.imported"} 5',
    ]


def test_a_label_cannot_break_the_page() -> None:
    events = Counter("events_total", "Events.", ("topic",))
    events.add(1, 'a"\\\n')
    assert list(events.lines())[-1] == r'events_total{topic="a\"\\\n"} 1'


def test_times_are_counted_up_to_each_limit() -> None:
    calls = Times("call_seconds", "A call.", ("channel",))
    for seconds in (0.0005, 0.001, 0.3, 60.0):
        calls.add(seconds, "sms")
    lines = dict(line.rsplit(" ", 1) for line in list(calls.lines())[2:])
    up_to = {limit: int(lines[f'call_seconds_bucket{{channel="sms",le="{limit}"}}'])
             for limit in (*SECONDS, "+Inf")}  # fmt: skip
    assert (up_to[0.001], up_to[0.25], up_to[0.5], up_to[10.0], up_to["+Inf"]) == (2, 2, 3, 3, 4)
    assert lines['call_seconds_count{channel="sms"}'] == "4"
    assert float(lines['call_seconds_sum{channel="sms"}']) == 60.3015


def test_an_age_that_nobody_knows_is_endless() -> None:
    told = page({VIEW.name: {("triage", "triage"): float("inf")}})
    assert 'rekindle_view_age_seconds{service="triage",group="triage"} +Inf\n' in told


def test_every_metric_has_a_name_of_its_own_and_says_what_it_is() -> None:
    metrics = [*GROWING, *LEVELS]
    names = [name for metric in metrics for name in metric.names]
    assert len(set(names)) == len(names)
    assert all(metric.about.endswith(".") for metric in metrics)
    assert all(m.name.endswith("_total") == (m.kind == "counter") for m in metrics)
    assert page({}).count("# TYPE ") == len(metrics)


def test_no_count_is_lost_between_threads() -> None:
    events = Counter("events_total", "Events.", ("group",))
    with ThreadPoolExecutor(8) as threads:
        for _ in range(2000):
            threads.submit(events.add, 1, "triage")
    assert list(events.lines())[-1].endswith(" 2000")


async def test_what_is_tried_again_is_counted() -> None:
    attempts = iter([OSError("away"), OSError("away"), None])

    async def attempt() -> None:
        if error := next(attempts):
            raise error

    await Insistence("of a test").on(attempt, "trying")
    [line] = [line for line in RETRIED.lines() if "of a test" in line]
    assert line == 'rekindle_retries_total{group="of a test",source="work"} 2'
