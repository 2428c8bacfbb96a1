"""The spans of a batch: one trace for a contact, a link to the batch, none of what never was."""

import pytest

from shared.bus import Lanes, make_engine, tell
from shared.bus.relay import _headers
from shared.events.base import WakeAt
from shared.ids import named
from shared.telemetry import spans
from shared.telemetry.spans import Link, span_of, traceparent, work_on
from tests.service.bus_world import (
    METADATA,
    NOON,
    TABLES,
    WORKSPACE,
    Diary,
    OfWorkspace,
    Said,
    contact,
    heard,
    prepared,
    record,
    rows,
    take,
)

ANN, BOB = contact(1, lane=1), contact(2, lane=4)


@pytest.fixture
def engine(database):
    its = make_engine(database("diary", METADATA))
    yield its
    its.dispose()


@pytest.fixture
def taken():
    """The spans, in the order of their ends."""
    its = []
    spans.record(1.0, lambda span, _: its.append(span))
    yield its
    spans.stop()


def saying(*whom):
    """A group that says something of each of these, whatever it hears."""

    def answer(tx, event):
        return [Said(subject=who, workspace_id=WORKSPACE, number=1) for who in whom]

    return Lanes("diary", TABLES, Diary(answer), lambda: NOON)


def by_name(taken):
    return {span.name: span for span in taken}


def test_what_is_said_because_of_an_event_stands_below_it_in_its_trace(engine, taken):
    event = heard(ANN, 1)
    take(engine, prepared(engine, saying(ANN)), record(event, 0))
    work, created = (by_name(taken)[name] for name in ("process test.heard", "create test.said"))
    assert {work.trace, created.trace} == {ANN.int}
    assert (work.parent, work.id) == (span_of(event.id), work_on("diary", event.id))
    [row] = rows(engine, TABLES.outbox)
    assert (created.parent, created.id) == (work.id, span_of(row.event_id))
    assert created.attributes["messaging.message.id"] == str(row.event_id)


def test_a_batch_has_a_trace_of_its_own_that_is_linked_both_ways(engine, taken):
    events = [heard(ANN, 1), heard(BOB, 1)]
    take(engine, prepared(engine, saying()), *(record(event, 0) for event in events))
    batch = by_name(taken)["apply 2"]
    assert batch.trace not in (ANN.int, BOB.int)
    assert sorted(batch.links) == sorted(Link(e.subject.int, span_of(e.id)) for e in events)
    works = [span for span in taken if span.name == "process test.heard"]
    assert [span.links for span in works] == [(Link(batch.trace, batch.id),)] * 2


def test_what_is_said_of_somebody_else_stands_in_their_trace_and_names_its_cause(engine, taken):
    event = heard(WORKSPACE, 1, OfWorkspace)
    take(engine, prepared(engine, saying(BOB)), record(event, 0))
    of_bob = [span for span in taken if span.trace == BOB.int]
    work, created = sorted(of_bob, key=lambda span: span.name, reverse=True)
    assert (work.name, work.parent) == ("process test.workspace", span_of(BOB))
    assert Link(WORKSPACE.int, work_on("diary", event.id)) in work.links
    assert (created.name, created.parent) == ("create test.said", work.id)


def test_what_a_timer_wakes_stands_below_its_contact(engine, taken):
    def answer(tx, event):
        return [WakeAt(ANN, WORKSPACE, 1, NOON)] if event.topic == "test.heard" else []

    lanes = prepared(engine, Lanes("diary", TABLES, Diary(answer), lambda: NOON))
    take(engine, lanes, record(heard(ANN, 1), 0))
    with engine.begin() as tx:
        lanes.wake(tx, [1])
    woke = by_name(taken)["process woke"]
    assert (woke.trace, woke.parent) == (ANN.int, span_of(ANN))


def test_what_is_rolled_back_leaves_no_span(engine, taken):
    lanes = prepared(engine, saying(ANN))
    with engine.connect() as tx:
        tell(tx, TABLES, "diary", named("edge"), [_said(ANN)], NOON)
        tx.rollback()
    assert taken == []
    take(engine, lanes, record(heard(BOB, 1), 0))
    assert {span.attributes.get("rekindle.cause_id") for span in taken} == {None}


def test_an_edge_speaks_below_the_contact_or_below_what_it_names(engine, taken):
    touch = named("touch")
    with engine.begin() as tx:
        tell(tx, TABLES, "diary", named("a"), [_said(ANN)], NOON)
        tell(tx, TABLES, "diary", named("b"), [_said(BOB)], NOON, under=touch)
    parents = {span.trace: span.parent for span in taken if span.name == "tell test.said"}
    assert parents == {ANN.int: span_of(ANN), BOB.int: span_of(touch)}


def test_who_is_not_recorded_leaves_nothing_and_travels_without_a_header(engine, taken):
    spans.RECORDER.share = 0.0
    take(engine, prepared(engine, saying(ANN)), record(heard(ANN, 1), 0))
    assert taken == []
    assert "traceparent" not in _headers(rows(engine, TABLES.outbox)[0])


def test_who_is_recorded_travels_with_the_trace_in_a_header(engine, taken):
    take(engine, prepared(engine, saying(ANN)), record(heard(ANN, 1), 0))
    [row] = rows(engine, TABLES.outbox)
    assert _headers(row)["traceparent"] == traceparent(ANN, row.event_id)


def _said(who):
    return Said(subject=who, workspace_id=WORKSPACE, number=1)
