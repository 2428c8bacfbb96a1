"""What a reading asks for: one move out of a closed set. What is done about it comes later."""

from dataclasses import dataclass
from datetime import datetime

from services.orchestrator.state import Sequence, Then
from shared.events import ReplyUnderstood, When
from shared.outcomes import Outcome
from shared.words import Intent, Purpose, Suppression

CONFIDENCE_MIN = 0.5  # below it a reading is a guess
OFFERS_MAX = 3  # the first, and two more

# From the weightiest to the lightest: of several messages in a row the weightiest is acted on.
WEIGHT = (
    Intent.OPT_OUT,
    Intent.ERASURE_REQUEST,
    Intent.NOT_INTERESTED,
    Intent.WRONG_PERSON,
    Intent.COMPLAINT,
    Intent.HUMAN_HANDOFF,
    Intent.CHURN_REASON,
    Intent.NOT_NOW,
    Intent.BOOK_CALL,
    Intent.INTERESTED,
    Intent.CONFIRM_NO,
    Intent.CONFIRM_YES,
    Intent.QUESTION,
    Intent.ARE_YOU_A_BOT,
    Intent.OTHER,
    Intent.AUTO_REPLY,
)


@dataclass(frozen=True, slots=True)
class Close:
    """The conversation is over."""

    code: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Take:
    """An offered slot was chosen."""

    slot: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The booked call is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Slots, please; others than before when those did not suit."""

    wish: When | None = None
    others: bool = False


@dataclass(frozen=True, slots=True)
class ComeBack:
    """Not now, but then; or without saying when."""

    when: When | None


@dataclass(frozen=True, slots=True)
class Tell:
    """A signed line answers this."""

    purpose: Purpose
    topic: str = ""


@dataclass(frozen=True, slots=True)
class LeaveIt:
    """Nothing to answer: what was planned goes on, though not before the contact is back."""

    back: datetime | None = None


Move = Close | Take | GiveUp | Offer | ComeBack | Tell | LeaveIt

CLOSES = {
    Intent.ERASURE_REQUEST: Close(Outcome.OPTED_OUT, "erasure_request"),
    Intent.NOT_INTERESTED: Close(Outcome.DECLINED, "not_interested"),
    Intent.WRONG_PERSON: Close(Outcome.WRONG_PERSON, "wrong_person"),
    Intent.COMPLAINT: Close(Outcome.NEEDS_PERSON, "complaint"),
    Intent.HUMAN_HANDOFF: Close(Outcome.NEEDS_PERSON, "human_handoff"),
    Intent.CHURN_REASON: Close(Outcome.NEEDS_PERSON, "churn_reason"),
}


def weightier(one: ReplyUnderstood | None, other: ReplyUnderstood) -> ReplyUnderstood:
    """The reading that decides when both wait to be acted on; on a tie the newer one."""
    if one is None:
        return other
    return min((other, one), key=lambda its: (urgent(its) is None, WEIGHT.index(its.intent)))


def urgent(reading: ReplyUnderstood) -> Close | None:
    """What must not wait even for what was written since: the wish to be left alone."""
    if reading.suppression is Suppression.SUPPRESS or reading.intent is Intent.OPT_OUT:
        erasure = reading.intent is Intent.ERASURE_REQUEST
        return CLOSES[Intent.ERASURE_REQUEST] if erasure else Close(Outcome.OPTED_OUT, "asked")
    if reading.suppression is Suppression.HOLD:
        return Close(Outcome.NEEDS_PERSON, "may_be_an_opt_out")
    return None


def move(state: Sequence, reading: ReplyUnderstood) -> Move:
    """What this contact asks for with this reading."""
    if close := urgent(reading):
        return close
    if reading.intent in CLOSES:
        sure = reading.confidence >= CONFIDENCE_MIN
        return CLOSES[reading.intent] if sure else Close(Outcome.NEEDS_PERSON, "may_be_a_no")
    if reading.intent is Intent.AUTO_REPLY:
        return LeaveIt(reading.when.start if reading.when else None)
    if reading.confidence < CONFIDENCE_MIN:
        return _clarify(state)
    if reading.slot in state.offered:
        return Take(reading.slot)
    return _by_intent(state, reading)


def _by_intent(state: Sequence, reading: ReplyUnderstood) -> Move:
    last = state.touch.message.purpose if state.touch else None
    match reading.intent:
        case Intent.NOT_NOW | Intent.CONFIRM_NO if state.call:
            return GiveUp()
        case Intent.NOT_NOW:
            return ComeBack(reading.when)
        case Intent.OTHER | Intent.CONFIRM_YES if last is Purpose.ASK_WHEN and reading.when:
            return ComeBack(reading.when)
        case Intent.CONFIRM_YES if state.promise or state.call:
            return LeaveIt()
        case Intent.INTERESTED | Intent.BOOK_CALL | Intent.CONFIRM_YES:
            return Offer(reading.when, others=state.offers > 0)
        case Intent.CONFIRM_NO if last is Purpose.OFFER_SLOTS:
            return Offer(reading.when, others=True)
        case Intent.CONFIRM_NO:
            return Close(Outcome.DECLINED, "said_no")
        case Intent.QUESTION:
            return Tell(Purpose.ANSWER, reading.answer)
        case Intent.ARE_YOU_A_BOT:
            return Tell(Purpose.BOT_ANSWER)
        case _:
            return _clarify(state)


def _clarify(state: Sequence) -> Move:
    """Not understood: go on with what was agreed, else offer a call, else ask, else a person."""
    if state.interrupted and state.interrupted.then is Then.OFFER:
        return Offer(others=True)
    if state.promise or state.wanted or state.call:
        return LeaveIt()
    if state.offers == 0:
        return Offer()
    if not state.asked_when:
        return Tell(Purpose.ASK_WHEN)
    return Close(Outcome.NEEDS_PERSON, "not_understood")
