"""The figures count what the stream says, and each thing once."""

from dataclasses import asdict

from rekindle.figures import figures
from rekindle.recorded import record_of
from shared.events import ContactImported, ContactSuppressed, ContactTriaged, MessageSent
from shared.outcomes import Outcome
from shared.words import Channel, Reason, Refusal, Result, Verdict
from tests.unit.planting import changed, with_more
from tests.unit.small_stream import (
    ANA,
    ANA_AGAIN,
    BEN,
    CLEO,
    DORA,
    END,
    FINN,
    end,
    hours,
    small_stream,
)


def test_the_small_stream_is_counted():
    assert asdict(figures(small_stream())) == {
        "rows": 7,
        "admitted": 5,
        "pool": 4,
        "waiting": 1,
        "held": {},
        "excluded": {"never_paid": 1},
        "duplicates": 1,
        "touches": {"whatsapp": 6, "sms": 3},
        "replies": {"opt_out": 1, "not_now": 1, "interested": 1, "book_call": 1},
        "outcomes": {"opted_out": 1, "booked": 1},
        "booked": 1,
        "suppressed": 1,
        "callbacks": 1,
        "events": len(small_stream().events),
    }


def test_nothing_said_is_nothing_counted():
    counted = asdict(figures(record_of([])))
    assert not any(counted.values())


def test_a_row_counts_once_under_its_decisive_reason():
    planted = changed(
        small_stream(),
        ContactTriaged,
        lambda its: its.subject == FINN,
        verdict=Verdict.HELD,
        reasons=(Reason.OUT_OF_WINDOW, Reason.CONFLICTING_FACTS),
    )
    assert (figures(planted).held, figures(planted).excluded) == ({"out_of_window": 1}, {})


def test_a_verdict_of_before_the_pool_was_frozen_counts_and_a_later_one_does_not():
    (verdict,) = [its for its in small_stream().of(ContactTriaged) if its.subject == DORA]
    held = {"verdict": Verdict.HELD, "reasons": (Reason.LANGUAGE_NOT_IN_SCRIPT,), "revision": 2}

    def revised_at(time):
        later = verdict.model_copy(update={**held, "id": DORA, "time": time})
        events = [*small_stream().events, later]
        return figures(record_of(sorted(events, key=lambda its: its.time)))

    assert revised_at(hours(0)).held == {"language_not_in_script": 1}
    assert revised_at(hours(1)).held == {}


def test_only_the_current_outcome_counts():
    planted = with_more(
        small_stream(), lambda story: end(story, ANA, END, Outcome.OPTED_OUT, "asked", 2)
    )
    assert (figures(planted).outcomes, figures(planted).booked) == ({"opted_out": 2}, 0)


def test_an_unknown_touch_counts_as_sent_and_a_refused_one_does_not():
    def cleos(its):
        return its.subject == CLEO and its.channel is Channel.SMS

    unknown = changed(small_stream(), MessageSent, cleos, result=Result.UNKNOWN)
    refused = changed(
        small_stream(), MessageSent, cleos, result=Result.REFUSED, refusal=Refusal.LATE
    )
    assert figures(unknown).touches["sms"] == 3
    assert figures(refused).touches["sms"] == 2


def test_a_person_with_two_records_is_suppressed_once():
    (of_ben,) = small_stream().of(ContactSuppressed)

    def listed(*contacts):
        events = [of_ben.model_copy(update={"id": one, "subject": one}) for one in contacts]
        return figures(record_of([*small_stream().events, *events])).suppressed

    assert listed(ANA, ANA_AGAIN) == 2  # Ben and Ana
    assert listed(ANA, CLEO) == 3


def test_a_record_that_was_imported_twice_is_one_row():
    again = [
        its.model_copy(update={"id": its.import_id})
        for its in small_stream().of(ContactImported)
        if its.subject == BEN
    ]
    assert figures(record_of([*small_stream().events, *again])).rows == 7
