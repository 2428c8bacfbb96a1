"""What is done about what a contact writes: ends, answers, promises."""

from datetime import datetime

import pytest

from shared.events import MessageRequested, OutcomeRecorded
from shared.outcomes import Outcome
from shared.words import Intent, Purpose, Refusal, Suppression
from tests.sequences import DAY, HOUR, NOW, TOPIC, received, suppressed, understood, woke
from tests.stories import EMAIL, SMS, WHATSAPP, Story, opened

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


def test_an_opt_out_is_confirmed_where_it_was_asked_for_whatever_was_written_since() -> None:
    story = opened(WHATSAPP).hear(received(1, WHATSAPP)).hear(received(2, SMS))
    story.hear(understood(1, WHATSAPP, Intent.OPT_OUT, suppression=Suppression.SUPPRESS))
    assert (story.request.purpose, story.request.channel) == (Purpose.CONFIRM_OPT_OUT, WHATSAPP)


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
