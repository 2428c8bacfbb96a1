"""The page of figures is what Prometheus reads."""

from shared.bus.insistence import Insistence
from shared.telemetry.metrics import APPLIED, BATCH, RETRIED, VIEW, page
from tests.series import SERIES, figures_on


def told(levels=()):
    return figures_on(page(dict(levels)).decode())


def test_what_grew_and_what_is_now_stand_on_one_page() -> None:
    its = ("group", "of a page")
    APPLIED.labels("of a page").inc(2)
    BATCH.labels("of a page").observe(0.3)
    found = told({VIEW.name: {("triage", "triage"): 4.5}})
    assert found["rekindle_events_applied_total", its] == 2
    assert found["rekindle_transaction_seconds_bucket", its, ("le", "0.25")] == 0
    assert found["rekindle_transaction_seconds_bucket", its, ("le", "0.5")] == 1
    assert found["rekindle_view_age_seconds", ("group", "triage"), ("service", "triage")] == 4.5


def test_an_age_that_nobody_knows_is_endless() -> None:
    found = told({VIEW.name: {("triage", "triage"): float("inf")}})
    its = ("group", "triage"), ("service", "triage")
    assert found["rekindle_view_age_seconds", *its] == float("inf")


def test_no_figure_stands_there_under_another_name() -> None:
    APPLIED.labels("a test").inc()
    BATCH.labels("a test").observe(1.0)
    assert {name for name, *_ in told()} <= SERIES.keys()


async def test_what_is_tried_again_is_counted() -> None:
    attempts = iter([OSError("away"), OSError("away"), None])

    async def attempt() -> None:
        if error := next(attempts):
            raise error

    await Insistence("of a test").on(attempt, "trying")
    assert RETRIED.labels("of a test", "work")._value.get() == 2
