"""What follows from what became of a message: refused, failed, complained of."""

from datetime import datetime, timedelta

from services.orchestrator.conversation import choose_day
from services.orchestrator.endings import end, hand_over
from services.orchestrator.ladder import go_on
from services.orchestrator.overdue import hold
from services.orchestrator.policy import Campaign
from services.orchestrator.state import Decision, Message, Sequence, Then, Wait, Waiting
from shared.events import MessageDelivered, MessageSent
from shared.outcomes import Outcome
from shared.words import SERVICE_PURPOSES, Delivery, Purpose, Refusal, Result

SUPPRESSED = "suppressed"
REPEATS_MAX = 12  # refusals in a row that only ask for patience
FIRST_PAUSE = timedelta(minutes=1)  # twice as long each time
LONGEST_PAUSE = timedelta(hours=1)

# Nothing is wrong with the message; the moment was.
PASSING = frozenset(
    {
        Refusal.ADDRESS_BUSY,
        Refusal.LATE,
        Refusal.OVERDUE,
        Refusal.STALE_VIEW,
        Refusal.PAUSED,
        Refusal.NEWER_REPLY,
    }
)
LOST = frozenset({Delivery.FAILED, Delivery.BOUNCED})


def sent(state: Sequence, fact: MessageSent, now: datetime, campaign: Campaign) -> Decision | None:
    """Find another way for a message that was refused; all others are waited for as planned."""
    touch = state.touch
    if fact.result is not Result.REFUSED or touch is None or fact.plan != state.plan:
        return None
    if not state.open and touch.message.purpose not in SERVICE_PURPOSES:
        return None
    if passing(fact):
        again = _again(state, fact, touch.message, now)
        return hold(again, now) if fact.refusal is Refusal.OVERDUE else again
    return _instead(state, fact.refusal, touch.message, now, campaign) if state.open else None


def passing(fact: MessageSent) -> bool:
    """Whether a refusal only asks for patience."""
    later = fact.refusal is Refusal.NOT_PERMITTED and fact.busy_until is not None
    return later or fact.refusal in PASSING


def delivered(
    state: Sequence, fact: MessageDelivered, now: datetime, campaign: Campaign
) -> Decision | None:
    """Do not wait for an answer to what did not arrive; a complaint is an opt-out."""
    if fact.delivery is Delivery.COMPLAINED:
        return Decision(end(state, Outcome.OPTED_OUT, "complained"), "complained")
    touch = state.touch
    if not state.open or touch is None or touch.plan != state.plan:
        return None
    its = touch.message.channel is fact.channel and touch.id in (None, fact.touch_id)
    return _elsewhere(state, touch.message, now, campaign) if its and lost(state, fact) else None


def lost(state: Sequence, fact: MessageDelivered) -> bool:
    """Whether the channel does not reach the contact; it does where the contact wrote last."""
    return fact.delivery in LOST and fact.channel is not state.wrote_on


def suppressed(state: Sequence, now: datetime, campaign: Campaign) -> Decision | None:
    """Some channels are closed: go on where a refusal has announced it."""
    waits = state.open and state.waiting is not None and state.waiting.why == SUPPRESSED
    return go_on(state, now, campaign) if waits else None


def _again(state: Sequence, fact: MessageSent, message: Message, now: datetime) -> Decision:
    """The same message, a little later: each time twice as long, and not for ever."""
    if state.repeats > REPEATS_MAX:
        return hand_over(state, "not_sent")
    pause = min(FIRST_PAUSE * 2 ** (state.repeats - 1), LONGEST_PAUSE)
    at = max(now + pause, fact.busy_until or now)
    why = fact.refusal or Refusal.LATE
    return Decision((Wait(Waiting(at, Then.SAY, why, message)),), why)


def _instead(
    state: Sequence, refusal: Refusal | None, message: Message, now: datetime, campaign: Campaign
) -> Decision:
    """What is done instead of a message that can't be said there."""
    match refusal:
        case Refusal.SUPPRESSED:  # the suppression itself is on its way
            until = now + campaign.our_patience
            return Decision((Wait(Waiting(until, Then.HAND_OVER, SUPPRESSED)),), SUPPRESSED)
        case Refusal.NOT_SIGNED:
            return hand_over(state, "not_signed")
        case _:
            return _elsewhere(state, message, now, campaign)


def _elsewhere(state: Sequence, message: Message, now: datetime, campaign: Campaign) -> Decision:
    """The next channel; but who said "not now" is not asked elsewhere when it would be better."""
    if message.purpose is Purpose.ASK_WHEN:
        return choose_day(state, now, campaign)
    return go_on(state, now, campaign)
