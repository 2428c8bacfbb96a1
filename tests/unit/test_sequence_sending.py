"""What follows from what became of a message."""

from datetime import timedelta

import pytest

from services.orchestrator.sending import REPEATS_MAX
from shared.outcomes import Outcome
from shared.words import Purpose, Refusal, Result
from tests.sequences import A_WORLD, HOUR, NOW, received, refused, suppressed
from tests.stories import EMAIL, SMS, WHATSAPP, Story


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
    story = Story(now=NOW + 7 * HOUR).start(SMS)
    assert story.request.channel is SMS
    story.now += 6 * HOUR
    morning = NOW + 22 * HOUR
    story.refuse(Refusal.NOT_PERMITTED, morning)
    assert story.wake().request.purpose is Purpose.OPENER
    assert (story.now, story.sequence.touches) == (morning, 1)


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
