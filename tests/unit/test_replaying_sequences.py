"""A sequence is told again from its journal, and what comes out otherwise is named."""

import pytest

from rekindle.case import Case
from rekindle.recorded import record_of
from rekindle.replaying.sequences import sequences_come_out_the_same
from shared.events import (
    BookingRequested,
    DecisionMade,
    MessageRequested,
    MessageSent,
    OutcomeRecorded,
    ReplyUnderstood,
)
from shared.outcomes import Outcome
from shared.words import BookingState, Channel, Delivery, Intent
from tests.sequences import (
    DAY,
    HOUR,
    NOW,
    a_campaign,
    delivered,
    received,
    sent,
    settled,
    triaged,
    understood,
    woke,
)
from tests.taped import Tape, told_otherwise
from tests.unit.planting import changed, without


@pytest.fixture(scope="module")
def booked():
    """Written to by e-mail, which bounces, a day later on SMS; a slot is offered and confirmed."""
    tape = Tape()
    tape.becomes(a_campaign(), NOW)
    tape.hear(triaged([Channel.EMAIL, Channel.SMS], country="LT", zones=("Europe/Vilnius",)), NOW)
    (_, opener, *_) = tape.hear(woke(0, NOW), NOW)
    tape.hear(sent(opener), NOW)
    tape.hear(delivered(opener, Delivery.BOUNCED), NOW + HOUR)
    (second, *_) = tape.hear(woke(2, NOW + DAY), NOW + DAY)
    tape.hear(sent(second), NOW + DAY)
    tape.hear(received(1, second.channel), NOW + DAY + HOUR)
    (offer, *_) = tape.hear(understood(1, second.channel, Intent.BOOK_CALL), NOW + DAY + HOUR)
    tape.hear(sent(offer), NOW + DAY + HOUR)
    tape.hear(received(2, second.channel), NOW + DAY + 2 * HOUR)
    chosen = understood(2, second.channel, Intent.CONFIRM_YES, slot=offer.slots[0])
    tape.hear(chosen, NOW + DAY + 2 * HOUR)
    tape.hear(settled(BookingState.CONFIRMED, offer.slots[0], 6), NOW + DAY + 2 * HOUR)
    return tape.recorded


def test_a_story_comes_out_as_it_was_told(booked):
    assert [its.code for its in booked.of(OutcomeRecorded)] == [Outcome.BOOKED]
    assert len(booked.of(DecisionMade)) > len(booked.of(MessageRequested)) > 2
    assert told_otherwise(booked) == []


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (MessageRequested, {"line_id": "another"}),
        (BookingRequested, {"slot": NOW}),
        (OutcomeRecorded, {"reason": "another"}),
        (DecisionMade, {"candidates": ()}),
        (DecisionMade, {"wake_at": NOW}),
        (DecisionMade, {"decided_at": NOW + 900 * HOUR}),
        (ReplyUnderstood, {"intent": Intent.NOT_INTERESTED}),
    ],
)
def test_what_was_said_otherwise_is_named(booked, kind, change):
    planted = changed(booked, kind, lambda _: True, **change)
    (found,) = told_otherwise(planted)
    assert found.endswith(("comes out otherwise.", "is missing."))


def test_only_the_first_difference_of_a_contact_is_told(booked):
    planted = changed(booked, MessageRequested, lambda _: True, line_id="another")
    (found,) = sequences_come_out_the_same(Case(planted, NOW + 900 * HOUR))
    first = planted.of(MessageRequested)[0]
    assert found.event_ids[1] == first.id


def test_a_fact_that_is_not_there_any_more_is_named(booked):
    (found,) = told_otherwise(without(booked, booked.of(MessageSent)[0]))
    assert "which is nothing that this contact's sequence hears" in found


def test_a_version_of_the_campaign_that_nobody_said_is_named(booked):
    (found,) = told_otherwise(changed(booked, DecisionMade, lambda _: True, campaign_version=9))
    assert "of a version of its campaign that nobody said" in found


def test_a_decision_that_names_nothing_is_named(booked):
    (found,) = told_otherwise(changed(booked, DecisionMade, lambda _: True, inputs=()))
    assert "names no cause" in found


def test_a_timer_that_nothing_set_is_named(booked):
    first = booked.of(DecisionMade)[0]
    inputs = (*first.inputs[:-1], first.id)
    planted = changed(booked, DecisionMade, lambda its: its is first, inputs=inputs)
    (found,) = told_otherwise(planted)
    assert "which is nothing that this contact's sequence hears" in found


def test_what_was_decided_and_never_said_is_named(booked):
    gone = without(booked, booked.of(OutcomeRecorded)[0])
    (found,) = told_otherwise(gone)
    assert found.endswith("is missing.")
    assert told_otherwise(gone, at=booked.events[-1].time) == [], "it may be on its way"


def test_what_follows_from_no_decision_is_named(booked):
    stray = booked.of(OutcomeRecorded)[0].model_copy(update={"id": booked.events[0].cause_id})
    assert told_otherwise(record_of([*booked.events, stray])) == [
        "This outcome.recorded follows from no decision."
    ]


def test_what_another_version_decided_is_left_out(booked):
    planted = changed(booked, DecisionMade, lambda _: True, candidates=())
    older = changed(planted, DecisionMade, lambda its: its.verdict == "end", engine="sequence 0")
    assert told_otherwise(older) == []
