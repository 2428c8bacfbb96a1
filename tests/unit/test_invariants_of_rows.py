"""Sealed words, rows, outcomes and slots: each check names exactly what is planted for it."""

from dataclasses import replace
from uuid import UUID

import pytest

from rekindle.recorded import record_of
from shared.events import (
    BookingSettled,
    CampaignChanged,
    ContactImported,
    ContactTriaged,
    ImportEnded,
    MessageSent,
    OutcomeRecorded,
    ReplyReceived,
)
from shared.outcomes import Outcome
from shared.privacy.sealed import Sealed
from shared.words import BookingState, Reason, Verdict
from tests.unit.planting import breaches, changed, of_touch, with_more, without
from tests.unit.small_stream import (
    ANA,
    ANA_AGAIN,
    BEN,
    CLEO,
    DORA,
    EMIL,
    END,
    FINN,
    SEALED_NAMES,
    SLOT,
    START,
    WORKSPACE,
    decide,
    end,
    hours,
    small_stream,
)

# -- promise 8


@pytest.mark.parametrize(
    "text",
    ["write to ana@studio.example", "call +491700000001", "the record of ANA ALVAREZ"],
)
def test_personal_words_in_a_plain_field_are_named(text):
    planted = changed(small_stream(), OutcomeRecorded, lambda its: its.subject == ANA, reason=text)
    assert breaches(planted, words=SEALED_NAMES) == ["personal_words_are_sealed"]


def test_a_field_that_our_events_do_not_know_is_searched_too():
    stream = small_stream()
    (outcome, *_) = stream.of(OutcomeRecorded)
    leaky = outcome.body()[:-1] + b',"note":"ana@studio.example"}'
    planted = replace(stream, bodies={**stream.bodies, outcome.id: leaky})
    assert breaches(planted) == ["personal_words_are_sealed"]


def test_a_sealed_field_that_is_not_closed_is_named():
    planted = changed(
        small_stream(), ReplyReceived, lambda its: its.subject == BEN, words=Sealed("+491700000002")
    )
    assert breaches(planted) == ["personal_words_are_sealed"]


def test_names_of_messages_look_like_addresses_and_are_none():
    planted = changed(
        small_stream(), MessageSent, of_touch(CLEO, 2), provider_id="<1f2e@mail.studio.example>"
    )
    assert breaches(planted) == []


def test_what_founders_write_of_their_campaign_is_about_no_contact():
    (campaign, *_) = small_stream().of(CampaignChanged)
    brief = campaign.brief.model_copy(update={"offer": "Write to ieva@studiolog.example."})
    assert breaches(changed(small_stream(), CampaignChanged, lambda _: True, brief=brief)) == []


# -- promise 9


def test_a_record_that_got_lost_is_named():
    (lost,) = [its for its in small_stream().of(ContactImported) if its.subject == FINN]
    (verdict,) = [its for its in small_stream().of(ContactTriaged) if its.subject == FINN]
    found = breaches(without(small_stream(), lost, verdict))
    assert found == ["every_import_is_complete"] * 2  # too few are there, and too few are known


def test_two_records_in_one_row_are_named():
    planted = changed(small_stream(), ContactImported, lambda its: its.subject == FINN, row=1)
    assert breaches(planted) == ["every_import_is_complete"]


def test_a_second_import_of_the_same_file_changes_nothing_and_is_complete():
    def tell(story):
        story.say(
            ImportEnded,
            WORKSPACE,
            END,
            import_id=UUID(int=5),
            source="csv",
            records=7,
            changed=0,
        )

    assert breaches(with_more(small_stream(), tell)) == []


def test_a_row_without_a_verdict_is_named():
    (verdict,) = [its for its in small_stream().of(ContactTriaged) if its.subject == FINN]
    assert breaches(without(small_stream(), verdict)) == ["every_row_has_its_verdict"]


@pytest.mark.parametrize(
    ("contact", "fields"),
    [
        (FINN, {"reasons": ()}),
        (FINN, {"row": 0}),
        (DORA, {"verdict": Verdict.HELD}),
        (ANA_AGAIN, {"duplicate_of": None}),
    ],
)
def test_a_verdict_without_its_reasons_or_its_row_is_named(contact, fields):
    planted = changed(small_stream(), ContactTriaged, lambda its: its.subject == contact, **fields)
    assert breaches(planted) == ["every_row_has_its_verdict"]


def test_a_verdict_on_what_was_never_imported_is_named():
    imported = [its for its in small_stream().of(ContactImported) if its.subject == FINN]
    ended = changed(small_stream(), ImportEnded, lambda _: True, records=6, changed=6)
    assert breaches(without(ended, *imported)) == ["every_row_has_its_verdict"]


def test_a_contact_of_the_pool_that_was_not_admitted_is_named():
    def tell(story):
        decide(story, FINN, START, "joined_pool", hours(96))

    assert breaches(with_more(small_stream(), tell)) == ["the_pool_was_admitted"]


def test_a_verdict_that_came_after_the_pool_was_frozen_does_not_count():
    (verdict,) = [its for its in small_stream().of(ContactTriaged) if its.subject == BEN]
    later = {"id": UUID(int=3), "time": hours(3), "revision": 2, "verdict": Verdict.EXCLUDED}
    planted = record_of([*small_stream().events, verdict.model_copy(update=later)])
    assert breaches(planted) == []


def test_whoever_joins_later_counts_as_it_was_then():
    def tell(story):
        decide(story, DORA, hours(5), "joined_pool", hours(96))

    (verdict,) = [its for its in small_stream().of(ContactTriaged) if its.subject == DORA]
    later = {"id": UUID(int=3), "time": hours(4), "revision": 2}
    held = {"verdict": Verdict.HELD, "reasons": (Reason.OUT_OF_WINDOW,)}
    planted = changed(small_stream(), ContactTriaged, lambda its: its.subject == DORA, **held)
    admitted = record_of([*planted.events, verdict.model_copy(update=later)])
    assert breaches(with_more(admitted, tell)) == []
    assert breaches(with_more(planted, tell)) == ["the_pool_was_admitted"]


def test_an_outcome_outside_the_pool_is_named():
    planted = with_more(
        small_stream(), lambda story: end(story, DORA, END, Outcome.NO_ANSWER, "silent")
    )
    assert breaches(planted) == ["only_the_pool_has_outcomes"]


def test_an_outcome_that_does_not_outrank_the_last_is_named():
    planted = with_more(
        small_stream(), lambda story: end(story, BEN, END, Outcome.BOOKED, "call_booked", 2)
    )
    assert breaches(planted) == ["outcomes_only_rise"]


def test_two_outcomes_with_one_revision_are_named():
    planted = with_more(
        small_stream(), lambda story: end(story, ANA, END, Outcome.OPTED_OUT, "asked", 1)
    )
    assert breaches(planted) == ["outcomes_only_rise"]


def test_a_call_that_was_cancelled_gives_way_to_any_outcome():
    def tell(story):
        story.in_campaign(
            BookingSettled,
            ANA,
            hours(30),
            plan=8,
            state=BookingState.CANCELLED,
            slot=None,
            uid=f"{ANA}@rekindle",
            sequence=1,
            booking_id=ANA,
        )
        end(story, ANA, hours(30), Outcome.NEEDS_PERSON, "call_cancelled", 2)

    assert breaches(with_more(small_stream(), tell)) == []


def book(story, contact, time, state, sequence=0):
    story.in_campaign(
        BookingSettled,
        contact,
        time,
        plan=5,
        state=state,
        slot=SLOT,
        uid=f"{contact}@rekindle",
        sequence=sequence,
        booking_id=contact,
    )


def test_two_calls_in_one_slot_are_named():
    planted = with_more(
        small_stream(), lambda story: book(story, EMIL, hours(9), BookingState.CONFIRMED)
    )
    assert breaches(planted) == ["one_call_per_slot"]


def test_a_slot_that_was_asked_for_and_taken_holds_one_call():
    planted = with_more(
        small_stream(), lambda story: book(story, EMIL, hours(9), BookingState.TAKEN)
    )
    assert breaches(planted) == []


def test_a_slot_that_was_given_up_can_be_booked_again():
    def tell(story):
        book(story, ANA, hours(9), BookingState.CANCELLED, 1)
        book(story, EMIL, hours(9), BookingState.CONFIRMED)

    assert breaches(with_more(small_stream(), tell)) == []
