"""Slots offered, chosen, settled, moved and given up; and what is left after the end."""

from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.orchestrator.replies import OFFERS_MAX
from services.orchestrator.slots import choose
from services.orchestrator.state import World
from shared.events import BookingRequested, MessageRequested, OutcomeRecorded
from shared.outcomes import Outcome
from shared.words import BookingState, Intent, Purpose, Refusal, Suppression
from tests.examples import CONTACT
from tests.sequences import (
    DAY,
    HOUR,
    NOW,
    a_calendar,
    a_campaign,
    received,
    settled,
    suppressed,
    understood,
)
from tests.stories import WHATSAPP, Story, booked, ended_without_an_answer, offered, opened, wanting

# The call.


def test_slots_are_offered_on_two_days_in_working_hours_and_not_too_soon() -> None:
    slots = opened().write(Intent.INTERESTED).request.slots
    assert len({slot.date() for slot in slots}) == 2
    assert all(slot >= NOW + DAY for slot in slots)


def test_wishes_are_met_where_there_are_slots() -> None:
    slots = opened().write(Intent.BOOK_CALL, when=NOW + 7 * DAY).request.slots
    assert min(slots) >= NOW + 7 * DAY


def test_a_chosen_slot_is_asked_for_with_the_summary() -> None:
    story = wanting()
    [asked] = story.of(BookingRequested)
    assert (asked.slot, asked.plan) == (story.sequence.offered[0], story.sequence.plan)
    assert asked.summary is not None


def test_a_slot_that_was_never_offered_is_not_booked() -> None:
    story = offered().write(Intent.CONFIRM_YES, slot=NOW + 3 * DAY)
    assert (story.of(BookingRequested), story.request.purpose) == ([], Purpose.OFFER_SLOTS)


def test_a_confirmed_call_is_the_outcome_and_is_told() -> None:
    story = wanting()
    slot = story.sequence.wanted
    story.hear(settled(BookingState.CONFIRMED, slot))
    assert story.outcome == (Outcome.BOOKED, "call_booked")
    assert (story.request.purpose, story.request.slots) == (Purpose.CONFIRM_BOOKING, (slot,))
    assert story.hear(settled(BookingState.CONFIRMED, slot)).of(MessageRequested) == []


def test_a_taken_slot_is_answered_with_others_but_not_for_ever() -> None:
    story, seen = wanting(), []
    while story.sequence.open:
        story.hear(settled(BookingState.TAKEN, story.sequence.wanted))
        seen += [slot for one in story.of(MessageRequested) for slot in one.slots]
        if story.sequence.open:
            story.deliver().write(Intent.CONFIRM_YES, slot=story.request.slots[0])
    assert len(seen) == len(set(seen)) == 2 * (OFFERS_MAX - 1)
    assert story.outcome == (Outcome.NEEDS_PERSON, "no_slot_suits")


def test_slots_that_do_not_suit_are_followed_by_others() -> None:
    story = offered()
    first = story.request.slots
    assert not set(story.write(Intent.CONFIRM_NO).request.slots) & set(first)


def test_without_a_free_slot_a_person_has_to_find_one() -> None:
    story = Story(World(a_campaign())).start().deliver().write(Intent.INTERESTED)
    assert story.outcome == (Outcome.NEEDS_PERSON, "no_free_slot")


def test_a_calendar_counts_from_its_moment_on() -> None:
    later = a_calendar(first=NOW + 2 * HOUR)
    story = Story(World(a_campaign(), (a_calendar(0), later))).start().deliver()
    assert story.write(Intent.INTERESTED).outcome == (Outcome.NEEDS_PERSON, "no_free_slot")


def test_a_calendar_that_does_not_answer_goes_to_a_person() -> None:
    assert wanting().wake().outcome == (Outcome.NEEDS_PERSON, "call_not_settled")


def test_thanks_do_not_disturb_a_call_that_is_being_settled() -> None:
    story = wanting()
    due = story.due
    story.write(Intent.OTHER)
    assert (story.of(MessageRequested), story.due) == ([], due)


def test_a_slot_taken_while_the_contact_writes_is_answered_after_reading() -> None:
    story = wanting()
    number, slot = story.sequence.received + 1, story.sequence.wanted
    story.hear(received(number, WHATSAPP)).hear(settled(BookingState.TAKEN, slot))
    assert story.last == []
    story.hear(understood(number, WHATSAPP, Intent.OTHER))
    assert story.request.purpose is Purpose.OFFER_SLOTS


def test_who_declines_after_booking_loses_the_call() -> None:
    story = booked().write(Intent.NOT_INTERESTED)
    assert story.outcome == (Outcome.DECLINED, "not_interested")
    assert [one.slot for one in story.of(BookingRequested)] == [None]
    story.hear(settled(BookingState.CANCELLED, None))
    assert story.of(OutcomeRecorded) == []
    assert story.request.purpose is Purpose.CONFIRM_CANCELLED


@pytest.mark.parametrize("intent", [Intent.CONFIRM_NO, Intent.NOT_NOW])
def test_a_call_that_is_given_up_goes_to_a_person_and_is_told(intent) -> None:
    story = booked().write(intent)
    assert [one.slot for one in story.of(BookingRequested)] == [None]
    story.hear(settled(BookingState.CANCELLED, None))
    assert story.outcome == (Outcome.NEEDS_PERSON, "call_cancelled")
    assert story.request.purpose is Purpose.CONFIRM_CANCELLED


def test_a_call_is_moved_to_another_offered_slot() -> None:
    story = booked()
    other = story.sequence.offered[1]
    story.write(Intent.CONFIRM_YES, slot=other)
    assert [one.slot for one in story.of(BookingRequested)] == [other]
    story.hear(settled(BookingState.MOVED, other))
    assert (story.of(OutcomeRecorded), story.request.slots) == ([], (other,))


def test_a_call_that_can_not_be_moved_stays_and_is_confirmed_again() -> None:
    story = booked()
    stays, other = story.sequence.call, story.sequence.offered[1]
    story.write(Intent.CONFIRM_YES, slot=other).hear(settled(BookingState.TAKEN, other))
    assert (story.request.purpose, story.request.slots) == (Purpose.CONFIRM_BOOKING, (stays,))


def test_a_call_confirmed_after_an_opt_out_is_given_up_in_silence() -> None:
    story = wanting()
    slot = story.sequence.wanted
    story.write(Intent.OPT_OUT, suppression=Suppression.SUPPRESS)
    assert [one.slot for one in story.of(BookingRequested)] == [None]
    story.hear(settled(BookingState.CONFIRMED, slot))
    assert [one.slot for one in story.of(BookingRequested)] == [None]
    assert story.hear(settled(BookingState.CANCELLED, None)).of(MessageRequested) == []


def test_a_confirmation_that_was_refused_is_said_again_after_the_end() -> None:
    story = wanting()
    story.hear(settled(BookingState.CONFIRMED, story.sequence.wanted)).refuse(Refusal.LATE)
    assert story.wake().request.purpose is Purpose.CONFIRM_BOOKING


# After the end.


def test_who_writes_after_the_end_is_handed_to_a_person() -> None:
    story = ended_without_an_answer().write(Intent.INTERESTED)
    assert story.outcome == (Outcome.NEEDS_PERSON, "wrote_after_the_end")


def test_an_automatic_reply_after_the_end_is_nothing() -> None:
    assert ended_without_an_answer().write(Intent.AUTO_REPLY).of(OutcomeRecorded) == []


def test_an_offered_slot_can_still_be_chosen_after_the_end() -> None:
    story = offered()
    slot = story.sequence.offered[0]
    while story.sequence.open:
        story.wake()
    story.write(Intent.CONFIRM_YES, slot=slot)
    assert [one.slot for one in story.of(BookingRequested)] == [slot]
    story.hear(settled(BookingState.CONFIRMED, slot))
    assert story.outcome == (Outcome.BOOKED, "call_booked")


def test_an_opt_out_supersedes_every_other_end() -> None:
    story = opened().write(Intent.NOT_INTERESTED).hear(suppressed())
    [outcome] = story.of(OutcomeRecorded)
    assert (outcome.code, outcome.revision) == (Outcome.OPTED_OUT, 2)


# Which slots.


def test_not_everybody_is_offered_the_same_slots() -> None:
    zones = ("Europe/Vilnius",)
    offers = {choose([a_calendar()], UUID(int=n), zones, NOW, count=2) for n in range(20)}
    assert len(offers) > 5


def test_a_slot_suits_every_zone_in_which_the_contact_may_be_else_the_first() -> None:
    calendar = [a_calendar(hours=range(24))]
    coasts = ("America/Los_Angeles", "America/New_York")
    for slot in choose(calendar, CONTACT, coasts, NOW, count=2):
        assert all(9 <= slot.astimezone(ZoneInfo(zone)).hour < 18 for zone in coasts)
    far_apart = ("Europe/Vilnius", "Pacific/Apia")
    for slot in choose(calendar, CONTACT, far_apart, NOW, count=2):
        assert 9 <= slot.astimezone(ZoneInfo("Europe/Vilnius")).hour < 18


def test_one_day_is_enough_for_two_slots() -> None:
    monday = [a_calendar(days=1, first=NOW + 7 * DAY).model_copy(update={"counts_from": NOW})]
    slots = choose(monday, CONTACT, ("Europe/Vilnius",), NOW, count=2)
    assert len(set(slots)) == 2
