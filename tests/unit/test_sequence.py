"""The orchestrator's core, story by story."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.orchestrator.replies import OFFERS_MAX
from services.orchestrator.sending import REPEATS_MAX
from services.orchestrator.state import World
from shared.events import BookingRequested, MessageRequested, OutcomeRecorded, WakeAt
from shared.outcomes import Outcome
from shared.words import (
    BookingState,
    CampaignState,
    Channel,
    Delivery,
    Goal,
    Intent,
    Purpose,
    Reason,
    Refusal,
    Result,
    Suppression,
)
from tests.sequences import (
    A_WORLD,
    DAY,
    HOUR,
    NOW,
    TOPIC,
    Story,
    a_calendar,
    a_campaign,
    delivered,
    received,
    refused,
    sent,
    settled,
    suppressed,
    triaged,
    understood,
    woke,
)

WHATSAPP, SMS, EMAIL = Channel.WHATSAPP, Channel.SMS, Channel.EMAIL
PAUSED = World(a_campaign(state=CampaignState.PAUSED), (a_calendar(),))
ENDED = World(a_campaign(state=CampaignState.ENDED), (a_calendar(),))


def opened(*channels: Channel) -> Story:
    """The first opener was accepted."""
    return Story().start(*channels).deliver()


def offered() -> Story:
    """Slots were offered and seen."""
    return opened().write(Intent.INTERESTED).deliver()


def wanting() -> Story:
    """The contact chose the first slot."""
    story = offered()
    return story.write(Intent.CONFIRM_YES, slot=story.sequence.offered[0])


def booked() -> Story:
    story = wanting()
    return story.hear(settled(BookingState.CONFIRMED, story.sequence.wanted)).deliver()


def ended_without_an_answer() -> Story:
    return opened(SMS).wake()


# The ladder.


def test_the_first_timer_joins_the_pool_and_opens_the_first_channel() -> None:
    story = Story().start()
    request = story.request
    assert (request.channel, request.purpose) == (WHATSAPP, Purpose.OPENER)
    assert (request.plan, request.heard, request.triage_revision) == (1, 0, 1)
    assert request.answer_until == NOW + 20 * HOUR == story.due
    assert [one.verdict for one in story.last if hasattr(one, "verdict")] == ["joined_pool", "say"]


def test_outside_of_a_pool_nothing_is_decided() -> None:
    story = Story().hear(triaged()).hear(received(1, SMS)).hear(suppressed())
    assert (story.last, story.sequence.outcome) == ([], None)


def test_each_channel_follows_when_the_last_one_stayed_silent() -> None:
    story = Story().start()
    spoken = [story.request.channel]
    while story.sequence.open:
        story.deliver().wake()
        spoken += [one.channel for one in story.of(MessageRequested)]
    assert spoken == [WHATSAPP, SMS, EMAIL]
    assert story.outcome == (Outcome.NO_ANSWER, "silent")


def test_a_decision_says_of_each_channel_why_it_was_not_taken() -> None:
    story = Story(World(a_campaign([SMS, EMAIL]))).start(WHATSAPP, SMS).deliver().wake()
    said = {one.channel: one.verdict for one in story.decision.candidates}
    assert said == {WHATSAPP: "no_signed_line", SMS: "used", EMAIL: "closed"}


def test_the_goals_own_line_goes_before_one_for_all() -> None:
    lines = a_campaign().lines
    own = lines[0].model_copy(update={"id": "opener.own", "goal": Goal.CROSS_SELL})
    story = Story(World(a_campaign(lines=(*lines, own)))).start()
    assert story.request.line_id == "opener.own"


def test_a_language_without_lines_goes_to_a_person() -> None:
    story = Story().start(language="lt")
    assert story.outcome == (Outcome.NEEDS_PERSON, "no_signed_line")


def test_an_opener_waits_for_the_morning() -> None:
    story = Story(now=NOW + 14 * HOUR).start(SMS)
    assert story.of(MessageRequested) == []
    assert story.due == datetime.fromisoformat("2026-11-24T07:00:00+00:00")  # 9 in Vilnius
    assert story.wake().request.channel is SMS


def test_an_opener_waits_until_triage_lets_its_channel_open() -> None:
    story = Story().start(SMS, opens_at=NOW + DAY)
    assert story.due == NOW + DAY
    assert story.wake().request.channel is SMS


def test_a_campaign_that_starts_later_is_waited_for() -> None:
    story = Story(World(a_campaign(starts_at=NOW + DAY))).start()
    assert story.due == NOW + DAY


def test_without_a_zone_only_mail_is_ever_sent() -> None:
    assert Story().start(zones=()).request.channel is EMAIL
    story = Story().start(SMS, zones=())
    assert story.outcome == (Outcome.UNREACHABLE, "nothing_delivered")


def test_a_bounce_goes_on_at_once_and_never_comes_back() -> None:
    story = opened(SMS, EMAIL)
    story.hear(delivered(story.request, Delivery.FAILED))
    assert story.request.channel is EMAIL
    story.deliver().hear(delivered(story.request, Delivery.BOUNCED))
    assert story.outcome == (Outcome.UNREACHABLE, "nothing_delivered")


def test_a_failure_of_an_older_message_disturbs_nothing() -> None:
    story = opened()
    first = story.request
    story.wake().deliver().hear(delivered(first, Delivery.FAILED))
    assert story.last == []


def test_a_complaint_about_a_mail_is_an_opt_out() -> None:
    story = opened(EMAIL)
    story.hear(delivered(story.request, Delivery.COMPLAINED))
    assert story.outcome == (Outcome.OPTED_OUT, "complained")


def test_a_stale_timer_does_nothing() -> None:
    story = opened()
    story.hear(woke(story.sequence.plan - 1, story.now))
    assert story.last == []
    story.wake().hear(woke(story.sequence.plan - 1, story.now))
    assert story.last == []


def test_looking_again_too_early_does_nothing() -> None:
    assert opened().look_again().last == []


def test_work_that_is_long_overdue_waits_for_a_person() -> None:
    assert opened().wake(late=7 * HOUR).outcome == (Outcome.NEEDS_PERSON, "overdue")
    assert opened().wake(late=6 * HOUR).request.channel is SMS


def test_the_policy_bounds_the_messages() -> None:
    policy = a_campaign().policy.model_copy(update={"plans_max": 1})
    story = Story(World(a_campaign(policy=policy))).start().deliver().wake()
    assert story.outcome == (Outcome.NO_ANSWER, "silent")


# What became of a message.


@pytest.mark.parametrize(
    "refusal", [Refusal.LATE, Refusal.STALE_VIEW, Refusal.PAUSED, Refusal.NEWER_REPLY]
)
def test_a_passing_refusal_is_tried_again_in_a_minute(refusal) -> None:
    story = Story().start()
    first = story.request
    story.refuse(refusal)
    assert story.due == NOW + timedelta(minutes=1)
    again = story.wake().request
    assert (again.plan, again.line_id) == (first.plan + 2, first.line_id)
    assert story.sequence.touches == 1, "a refused message does not count"


def test_an_address_that_is_busy_is_tried_when_it_is_free() -> None:
    story = Story().start().refuse(Refusal.ADDRESS_BUSY, NOW + 5 * HOUR)
    assert story.due == NOW + 5 * HOUR


def test_refusals_in_a_row_end_with_a_person() -> None:
    story = Story(A_WORLD).start(EMAIL)
    for _ in range(REPEATS_MAX):
        story.refuse(Refusal.LATE).wake()
    assert story.refuse(Refusal.LATE).outcome == (Outcome.NEEDS_PERSON, "not_sent")


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal.NOT_PERMITTED,
        Refusal.PROVIDER_REFUSED,
        Refusal.WINDOW_CLOSED,
        Refusal.UNKNOWN_CONTACT,
    ],
)
def test_a_refusal_for_good_opens_the_next_channel(refusal) -> None:
    assert Story().start().refuse(refusal).request.channel is SMS


def test_a_message_that_met_the_night_is_said_in_the_morning() -> None:
    story = Story(now=NOW + 7 * HOUR).start(SMS, country="LT")
    assert story.request.channel is SMS
    story.now += 6 * HOUR
    story.refuse(Refusal.NOT_PERMITTED)
    assert story.wake().request.purpose is Purpose.OPENER
    assert story.now.hour == 7


def test_an_unsigned_line_goes_to_a_person() -> None:
    assert Story().start().refuse(Refusal.NOT_SIGNED).outcome == (
        Outcome.NEEDS_PERSON, "not_signed",
    )  # fmt: skip


def test_a_suppression_that_was_announced_is_waited_for() -> None:
    story = Story().start().refuse(Refusal.SUPPRESSED)
    assert story.due == NOW + 4 * HOUR
    assert story.hear(suppressed()).outcome == (Outcome.OPTED_OUT, "suppressed_by_keyword")


def test_a_suppression_of_one_channel_goes_on_with_the_next() -> None:
    story = Story().start().refuse(Refusal.SUPPRESSED).hear(suppressed(WHATSAPP))
    assert story.request.channel is SMS


def test_a_suppression_that_never_comes_goes_to_a_person() -> None:
    story = Story().start().refuse(Refusal.SUPPRESSED).wake()
    assert story.outcome == (Outcome.NEEDS_PERSON, "suppressed")


def test_an_unknown_result_counts_as_sent() -> None:
    story = Story().start(SMS).deliver(Result.UNKNOWN)
    assert story.due == NOW + 20 * HOUR
    assert story.wake().outcome == (Outcome.NO_ANSWER, "silent")


def test_a_refusal_of_an_older_plan_is_stale() -> None:
    story = Story().start()
    first = story.request
    story.hear(received(1, WHATSAPP)).hear(refused(first, Refusal.NEWER_REPLY))
    assert story.last == []


# The contact writes.


def test_a_reply_drops_every_plan_at_once() -> None:
    story = opened()
    old = story.sequence.plan
    story.hear(received(1, WHATSAPP), after=HOUR)
    assert story.sequence.plan > old
    assert story.due == NOW + 5 * HOUR
    story.hear(woke(old, story.now))
    assert story.last == []


def test_a_reply_that_nobody_reads_goes_to_a_person() -> None:
    story = opened().hear(received(1, WHATSAPP)).wake()
    assert story.outcome == (Outcome.NEEDS_PERSON, "reply_not_read")


def test_a_reading_may_come_before_the_reply_itself() -> None:
    story = opened().hear(understood(1, WHATSAPP, Intent.INTERESTED))
    assert (story.request.purpose, story.request.heard) == (Purpose.OFFER_SLOTS, 1)
    assert story.hear(received(1, WHATSAPP)).last == []


def test_nothing_is_said_while_something_is_unread() -> None:
    story = opened().hear(received(1, WHATSAPP)).hear(received(2, WHATSAPP))
    story.hear(understood(1, WHATSAPP, Intent.INTERESTED))
    assert story.of(MessageRequested) == []
    story.hear(understood(2, WHATSAPP, Intent.OTHER))
    assert (story.request.purpose, story.request.heard) == (Purpose.OFFER_SLOTS, 2)


def test_the_weightiest_of_several_messages_is_acted_on() -> None:
    story = opened().hear(received(1, WHATSAPP)).hear(received(2, WHATSAPP))
    story.hear(understood(1, WHATSAPP, Intent.NOT_INTERESTED))
    story.hear(understood(2, WHATSAPP, Intent.QUESTION, answer=TOPIC))
    assert story.outcome == (Outcome.DECLINED, "not_interested")


def test_what_was_read_beyond_a_gap_is_not_heard() -> None:
    story = opened().hear(understood(2, WHATSAPP, Intent.INTERESTED))
    assert (story.of(MessageRequested), story.sequence.heard) == ([], 0)
    story.hear(understood(1, WHATSAPP, Intent.OTHER))
    assert (story.request.heard, story.sequence.ahead) == (2, ())


def test_a_reading_that_comes_twice_acts_once() -> None:
    story = opened().write(Intent.INTERESTED)
    assert story.hear(understood(1, WHATSAPP, Intent.INTERESTED)).last == []


def test_an_answer_at_night_does_not_wait() -> None:
    story = opened().write(Intent.INTERESTED, after=13 * HOUR)
    assert story.now.hour == 22
    assert story.request.purpose is Purpose.OFFER_SLOTS


@pytest.mark.parametrize(
    ("intent", "outcome", "reason"),
    [
        (Intent.NOT_INTERESTED, Outcome.DECLINED, "not_interested"),
        (Intent.WRONG_PERSON, Outcome.WRONG_PERSON, "wrong_person"),
        (Intent.COMPLAINT, Outcome.NEEDS_PERSON, "complaint"),
        (Intent.HUMAN_HANDOFF, Outcome.NEEDS_PERSON, "human_handoff"),
        (Intent.CHURN_REASON, Outcome.NEEDS_PERSON, "churn_reason"),
        (Intent.ERASURE_REQUEST, Outcome.OPTED_OUT, "erasure_request"),
        (Intent.CONFIRM_NO, Outcome.DECLINED, "said_no"),
    ],
)
def test_some_replies_end_the_conversation(intent, outcome, reason) -> None:
    story = opened(SMS).write(intent)
    assert story.outcome == (outcome, reason)
    assert story.of(MessageRequested) == []


def test_a_no_that_is_a_guess_goes_to_a_person() -> None:
    story = opened().write(Intent.NOT_INTERESTED, confidence=0.3)
    assert story.outcome == (Outcome.NEEDS_PERSON, "may_be_a_no")


def test_a_doubtful_opt_out_stops_everything() -> None:
    story = opened().write(Intent.QUESTION, suppression=Suppression.HOLD)
    assert story.outcome == (Outcome.NEEDS_PERSON, "may_be_an_opt_out")


@pytest.mark.parametrize(("channel", "confirmed"), [(WHATSAPP, 1), (EMAIL, 1), (SMS, 0)])
def test_an_opt_out_is_confirmed_once_and_never_on_sms(channel, confirmed) -> None:
    story = opened(channel).write(Intent.OPT_OUT, suppression=Suppression.SUPPRESS)
    assert story.outcome == (Outcome.OPTED_OUT, "asked")
    assert len(story.of(MessageRequested)) == confirmed
    story.write(Intent.OPT_OUT, channel=channel, suppression=Suppression.SUPPRESS)
    assert story.of(MessageRequested) + story.of(OutcomeRecorded) == []


def test_an_opt_out_by_keyword_is_confirmed_when_it_is_read() -> None:
    story = opened().hear(received(1, WHATSAPP)).hear(suppressed())
    assert story.outcome == (Outcome.OPTED_OUT, "suppressed_by_keyword")
    story.hear(understood(1, WHATSAPP, Intent.OPT_OUT, suppression=Suppression.SUPPRESS))
    assert story.request.purpose is Purpose.CONFIRM_OPT_OUT


def test_an_opt_out_does_not_wait_for_what_was_written_since() -> None:
    story = opened().hear(received(1, WHATSAPP)).hear(received(2, WHATSAPP))
    story.hear(understood(1, WHATSAPP, Intent.OPT_OUT, suppression=Suppression.SUPPRESS))
    assert story.outcome == (Outcome.OPTED_OUT, "asked")


def test_a_question_is_answered_in_signed_words_or_by_a_person() -> None:
    story = opened().write(Intent.QUESTION, answer=TOPIC)
    assert story.request.line_id == f"{Purpose.ANSWER}.{WHATSAPP}"
    story = opened().write(Intent.QUESTION, answer="the weather")
    assert story.outcome == (Outcome.NEEDS_PERSON, "no_signed_answer")


def test_who_asks_whether_it_is_a_bot_is_told() -> None:
    assert opened().write(Intent.ARE_YOU_A_BOT).request.purpose is Purpose.BOT_ANSWER


def test_what_is_not_understood_goes_to_a_person_only_in_the_end() -> None:
    story = opened()
    said = []
    while story.sequence.open:
        story.write(Intent.OTHER)
        said += [one.purpose for one in story.of(MessageRequested)]
    assert said == [Purpose.OFFER_SLOTS, Purpose.ASK_WHEN]
    assert story.outcome == (Outcome.NEEDS_PERSON, "not_understood")


def test_who_writes_before_we_did_goes_to_a_person() -> None:
    story = Story().start(SMS, opens_at=NOW + DAY).write(Intent.QUESTION, channel=SMS, answer=TOPIC)
    assert story.outcome == (Outcome.NEEDS_PERSON, "wrote_first")


# Not now.


def test_not_now_with_a_date_is_a_promise_for_that_working_day() -> None:
    sunday = NOW + 6 * DAY
    story = opened().write(Intent.NOT_NOW, when=sunday)
    monday = datetime.fromisoformat("2026-11-30T07:00:00+00:00")  # 9 in Vilnius
    assert story.request.purpose is Purpose.LATER
    assert story.request.fields == {"date": monday.isoformat()}
    assert (story.decision.verdict, story.decision.wake_at) == ("call_back", monday)
    called = story.deliver().wake().request
    assert (story.now, called.purpose, called.channel) == (monday, Purpose.CALLBACK, WHATSAPP)


def test_after_not_now_no_other_channel_is_tried_in_between() -> None:
    story = opened().write(Intent.NOT_NOW, when=NOW + 7 * DAY).deliver()
    assert story.due == NOW + 7 * DAY


def test_not_now_without_a_date_is_asked_once_then_promised_in_a_week() -> None:
    story = opened().write(Intent.NOT_NOW)
    assert story.request.purpose is Purpose.ASK_WHEN
    story.deliver().write(Intent.NOT_NOW)
    assert story.request.purpose is Purpose.LATER
    assert story.due == story.now + 7 * DAY


def test_the_answer_to_when_is_a_promise_whatever_else_it_says() -> None:
    story = opened().write(Intent.NOT_NOW).deliver().write(Intent.OTHER, when=NOW + 3 * DAY)
    assert story.request.purpose is Purpose.LATER


def test_who_does_not_say_when_is_called_back_in_a_week_and_not_before() -> None:
    story = opened().write(Intent.NOT_NOW).deliver().wake()
    assert (story.of(MessageRequested), story.decision.verdict) == ([], "call_back")
    assert story.wake().request.purpose is Purpose.CALLBACK


def test_thanks_leave_a_promise_as_it_is() -> None:
    story = opened().write(Intent.NOT_NOW, when=NOW + 7 * DAY).deliver().write(Intent.OTHER)
    assert (story.of(MessageRequested), story.due) == ([], NOW + 7 * DAY)


def test_a_promise_survives_an_answered_question() -> None:
    story = opened().write(Intent.NOT_NOW, when=NOW + 7 * DAY).deliver()
    story.write(Intent.QUESTION, answer=TOPIC).deliver().wake()
    assert (story.of(MessageRequested), story.due) == ([], NOW + 7 * DAY)


def test_a_promise_that_can_not_be_kept_goes_to_a_person() -> None:
    story = opened(SMS).write(Intent.NOT_NOW, when=NOW + 7 * DAY).deliver().wake()
    assert story.refuse(Refusal.WINDOW_CLOSED).outcome == (
        Outcome.NEEDS_PERSON, "promise_not_kept",
    )  # fmt: skip


def test_an_automatic_reply_lets_the_patience_go_on() -> None:
    story = opened().write(Intent.AUTO_REPLY)
    assert story.due == NOW + 20 * HOUR  # at night, so that the next channel waits for the morning
    assert story.wake().wake().request.channel is SMS


def test_who_is_away_is_not_disturbed_before_being_back() -> None:
    story = opened().write(Intent.AUTO_REPLY, when=NOW + 8 * DAY)
    assert story.due == NOW + 8 * DAY


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


# What comes from outside.


def test_losing_its_permission_ends_a_sequence() -> None:
    story = opened().hear(triaged(revision=2, reason=Reason.NO_LAWFUL_CHANNEL))
    assert story.outcome == (Outcome.NOT_PERMITTED, "no_lawful_channel")


def test_an_opt_out_in_the_source_ends_a_sequence() -> None:
    story = opened().hear(triaged(revision=2, reason=Reason.OPTED_OUT))
    assert story.outcome == (Outcome.OPTED_OUT, "opted_out")


def test_an_older_triage_changes_nothing() -> None:
    story = Story().start(revision=3).hear(triaged(revision=2, reason=Reason.OPTED_OUT))
    assert (story.last, story.sequence.open) == ([], True)


def test_a_channel_that_triage_closes_is_not_used_any_more() -> None:
    story = opened().hear(triaged((WHATSAPP, EMAIL), revision=2)).wake()
    assert story.request.channel is EMAIL


def test_who_was_suppressed_before_the_start_ends_at_the_first_timer() -> None:
    story = Story().hear(triaged()).hear(suppressed()).look_again()
    assert story.outcome == (Outcome.OPTED_OUT, "suppressed_by_keyword")


def test_a_pause_lets_timers_pass_and_resuming_looks_again() -> None:
    story = opened()
    story.world = PAUSED
    story.wake()
    assert (story.of(MessageRequested), story.of(WakeAt), story.decision.why) == ([], [], "paused")
    story.world = A_WORLD
    story.now += 30 * DAY + 5 * HOUR
    assert story.look_again().request.channel is SMS, "a pause is never overdue"


def test_a_reply_in_a_pause_is_answered_when_the_campaign_goes_on() -> None:
    story = opened()
    story.world = PAUSED
    story.write(Intent.QUESTION, answer=TOPIC)
    assert story.of(MessageRequested) == []
    story.world = A_WORLD
    assert story.look_again().request.purpose is Purpose.ANSWER


def test_an_opt_out_in_a_pause_is_an_outcome_at_once() -> None:
    story = opened()
    story.world = PAUSED
    story.write(Intent.OPT_OUT, suppression=Suppression.SUPPRESS)
    assert story.outcome == (Outcome.OPTED_OUT, "asked")


def test_the_end_of_the_campaign_stops_whoever_is_still_open() -> None:
    story = opened()
    story.world = ENDED
    assert story.look_again().outcome == (Outcome.STOPPED, "campaign_ended")


def test_who_writes_when_the_campaign_has_just_ended_is_handed_to_a_person() -> None:
    story = opened().hear(received(1, WHATSAPP))
    story.world = ENDED
    story.hear(understood(1, WHATSAPP, Intent.INTERESTED))
    assert story.outcome == (Outcome.NEEDS_PERSON, "wrote_after_the_end")


def test_a_version_of_the_campaign_is_named_in_what_follows() -> None:
    story = Story(replace(A_WORLD, campaign=a_campaign(version=7))).start()
    assert (story.request.campaign_version, story.decision.campaign_version) == (7, 7)


def test_a_delivery_needs_no_decision() -> None:
    story = opened()
    assert story.hear(delivered(story.request, Delivery.READ)).last == []
    assert story.hear(sent(story.request)).last == []
