"""Which channel next, and what from outside ends a sequence or halts it."""

from dataclasses import replace
from datetime import datetime

from services.orchestrator.policy import campaign_of
from services.orchestrator.state import World
from shared.events import MessageRequested, WakeAt
from shared.outcomes import Outcome
from shared.words import BookingState, Delivery, Goal, Intent, Purpose, Reason, Refusal, Suppression
from tests.examples import a_campaign as a_whole_campaign
from tests.examples import a_line, lawful
from tests.sequences import (
    A_WORLD,
    DAY,
    HOUR,
    NOW,
    TOPIC,
    a_campaign,
    at,
    delivered,
    received,
    sent,
    settled,
    suppressed,
    triaged,
    understood,
    woke,
)
from tests.stories import EMAIL, ENDED, PAUSED, SMS, WHATSAPP, Story, opened

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
    assert story.now == NOW + 2 * DAY + 72 * HOUR
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


def test_where_the_rules_allow_nothing_nothing_is_said() -> None:
    for facts in (lawful(consents=[]), {}):
        story = Story().start(facts=facts)
        assert story.requests == []
        assert story.outcome == (Outcome.NOT_PERMITTED, "no_lawful_channel")


def test_a_channel_that_the_rules_close_is_left_out() -> None:
    agreed = {"kind": "explicit_optin", "channels": ["email"], "given": "2026-01-05", "proof": True}
    story = Story().start(facts=lawful(consents=[agreed]))
    assert story.request.channel is EMAIL
    said = {one.channel: one.verdict for one in story.decision.candidates}
    assert said == {WHATSAPP: "not_permitted", SMS: "not_permitted", EMAIL: "open"}


def test_what_came_unasked_counts_for_a_day_and_an_answer_does_not() -> None:
    assert opened().wake().due == NOW + DAY
    story = Story().start()
    story.hear(sent(story.request).model_copy(update={"is_answer": True}))
    assert story.wake().due == NOW + 22 * HOUR  # in the morning
    assert story.wake().request.channel is SMS


def test_six_touches_in_a_month_are_enough() -> None:
    story = opened()
    for plan in range(10, 15):
        told = sent(story.request).model_copy(update={"plan": plan})
        story.hear(told, after=DAY + HOUR)
    assert story.look_again().due == NOW + 30 * DAY


def test_a_bounce_goes_on_after_a_day_and_never_comes_back() -> None:
    story = opened(SMS, EMAIL)
    story.hear(delivered(story.request, Delivery.FAILED))
    assert story.due == NOW + DAY
    assert story.wake().request.channel is EMAIL
    story.deliver().hear(delivered(story.request, Delivery.BOUNCED))
    assert story.outcome == (Outcome.UNREACHABLE, "nothing_delivered")


def test_a_failure_of_an_older_message_disturbs_nothing() -> None:
    story = opened()
    first = story.request
    story.wake().wake().deliver().hear(delivered(first, Delivery.FAILED))
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
    assert opened().wake(late=6 * HOUR).request.channel is SMS
    story = opened().wake(late=7 * HOUR)
    assert (story.of(MessageRequested), story.decision.why) == ([], "overdue")
    assert story.wake().outcome == (Outcome.NEEDS_PERSON, "overdue")


def test_who_resumes_the_campaign_lets_overdue_work_go_on() -> None:
    story = opened().wake(late=7 * HOUR)
    story.world = PAUSED
    assert story.look_again().of(MessageRequested) == []
    story.world = A_WORLD
    assert story.look_again().request.channel is SMS


def test_who_resumes_and_is_heard_too_late_lets_nothing_go_on() -> None:
    story = opened().wake(late=7 * HOUR)
    resumed = woke(0, story.now)
    story.now += 7 * HOUR
    story._take(resumed)
    assert (story.of(MessageRequested), story.decision.why) == ([], "overdue")


def test_what_a_contact_wrote_long_ago_is_answered_when_a_person_resumes() -> None:
    story = opened()
    story.hear(received(1, WHATSAPP))
    question = at(understood(1, WHATSAPP, Intent.QUESTION, answer=TOPIC), story.now)
    story.now += 2 * HOUR
    assert story._take(question).request.purpose is Purpose.ANSWER

    story = opened()
    story.hear(received(1, WHATSAPP))
    story.now += 7 * HOUR
    assert story._take(question).of(MessageRequested) == []
    assert story.look_again().request.purpose is Purpose.ANSWER


def test_a_promise_that_is_still_to_be_kept_is_not_overdue() -> None:
    story = Story().start().deliver().write(Intent.NOT_NOW, when=NOW + 5 * DAY).deliver()
    promised = story.due
    story.hear(received(2, WHATSAPP))
    thanks = at(understood(2, WHATSAPP, Intent.CONFIRM_YES), story.now)
    story.now += 7 * HOUR
    assert story._take(thanks).due == promised


def test_what_a_gateway_finds_overdue_is_said_when_a_person_resumes() -> None:
    story = Story().start().refuse(Refusal.OVERDUE)
    assert (story.of(MessageRequested), story.decision.why) == ([], "overdue")
    assert story.look_again().request.purpose is Purpose.OPENER


def test_the_policy_bounds_the_messages() -> None:
    policy = a_campaign().policy.model_copy(update={"plans_max": 1})
    story = Story(World(a_campaign(policy=policy))).start().deliver().wake()
    assert story.outcome == (Outcome.NO_ANSWER, "silent")


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
    story = opened().hear(triaged((WHATSAPP, EMAIL), revision=2)).wake().wake()
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
    story.now += 20 * DAY + 4 * HOUR
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


def test_a_line_that_nobody_signed_as_it_stands_is_no_line() -> None:
    signed = a_line(id="signed")
    unsigned = signed.model_copy(update={"id": "unsigned", "signature": None})
    altered = signed.model_copy(update={"id": "altered", "text": "Buy now!"})
    campaign = campaign_of(a_whole_campaign(script=(unsigned, altered, signed)))
    assert [line.id for line in campaign.lines] == ["signed"]


def test_a_policy_may_leave_channels_out() -> None:
    policy = a_campaign().policy.model_copy(update={"patience_hours": {SMS: 2}})
    campaign = a_campaign(policy=policy)
    assert [campaign.patience(channel) / HOUR for channel in (SMS, EMAIL)] == [2, 72]


# Answers and confirmations.


def test_first_words_on_a_channel_answer_nothing() -> None:
    story = Story(now=NOW + 12 * HOUR).hear(triaged([SMS])).hear(received(1, SMS))
    story.hear(understood(1, SMS, Intent.AUTO_REPLY)).look_again()
    assert story.due == NOW + 22 * HOUR  # in the morning, though the contact wrote at night
    assert story.wake().request.purpose is Purpose.OPENER


def test_a_confirmation_waits_for_the_morning_and_for_no_cap() -> None:
    story = opened(SMS).write(Intent.INTERESTED).deliver()
    story.write(Intent.CONFIRM_YES, slot=story.sequence.offered[0])
    late = story.now + DAY + 12 * HOUR  # at 23 in Vilnius, a day and a half after it was asked for
    story.now = late
    story.hear(settled(BookingState.CONFIRMED, story.sequence.wanted))
    morning = late.replace(hour=7, minute=0) + DAY
    assert story.due == morning
    assert story.wake().request.purpose is Purpose.CONFIRM_BOOKING
