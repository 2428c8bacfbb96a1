"""A table of pure functions, and several handlers side by side."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from shared.bus import Several, Steps
from shared.events.base import Event
from shared.ids import named

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN, BOB = named("contact", 1), named("contact", 2)


class Added(Event, topic="added"):
    number: int


class Asked(Event, topic="asked"):
    """What is the sum?"""


class Told(Event, topic="told"):
    number: int


def said(kind, who=ANN, **more):
    return kind(subject=who, workspace_id=who, **more)


def on_added(state, event, now):
    return state + event.number, []


def on_asked(state, event, now):
    return state, [said(Told, event.subject, number=state)]


class Store:
    """What `Steps` loads and saves."""

    def __init__(self, **sums):
        self.loads, self.saved = [], []
        self.sums = sums

    def steps(self, known=None):
        def load(tx, events):
            self.loads.append([event.subject for event in events])
            return dict(known or {})

        return Steps(
            {Added: on_added, Asked: on_asked},
            load,
            lambda tx, states: self.saved.append(dict(states)),
            new=lambda event: 1000,
        )


def run(handler, *events):
    return handler(None, events, NOON)


def test_each_contact_s_events_are_folded_over_its_state_in_order():
    store = Store()
    events = [said(Added, number=1), said(Added, BOB, number=5), said(Asked), said(Added, number=2)]
    answers = run(store.steps({ANN: 0, BOB: 0}), *events)
    assert store.saved == [{ANN: 3, BOB: 5}]
    assert [(event, [o.number for o in outputs]) for event, outputs in answers] == [
        (events[0], []),
        (events[1], []),
        (events[2], [1]),
        (events[3], []),
    ]


def test_an_unknown_contact_begins_with_a_new_state_and_is_saved():
    store = Store()
    run(store.steps(), said(Asked))
    assert store.saved == [{ANN: 1000}]


def test_a_state_that_did_not_change_is_not_saved():
    store = Store()
    run(store.steps({ANN: 7}), said(Asked))
    assert store.saved == []


def test_the_batch_is_loaded_at_once():
    store = Store()
    run(store.steps(), said(Asked), said(Asked, BOB), said(Asked))
    assert store.loads == [[ANN, BOB, ANN]]


@dataclass
class Part:
    hears: tuple
    runs: list

    def __call__(self, tx, inputs, now):
        self.runs.append((self, list(inputs)))
        return [(event, []) for event in inputs]


def test_several_handlers_get_their_inputs_in_runs_and_in_order():
    runs = []
    adds, asks = Part((Added,), runs), Part((Asked, Told), runs)
    events = [said(Added, number=1), said(Added, number=2), said(Asked), said(Told, number=1)]
    events += [said(Added, number=3)]
    answers = run(Several(adds, asks), *events)
    assert runs == [(adds, events[:2]), (asks, events[2:4]), (adds, events[4:])]
    assert [event for event, _ in answers] == events


def test_several_handlers_hear_what_their_parts_hear():
    assert set(Several(Store().steps(), Part((Told,), [])).hears) == {Added, Asked, Told}
    assert set(Several().hears) == set()


def test_two_parts_that_hear_the_same_are_refused():
    with pytest.raises(ValueError, match="Added is heard by two handlers"):
        Several(Part((Added,), []), Part((Asked, Added), []))
