"""What the calendar said, and what the contact is told of it."""

from datetime import datetime

from services.orchestrator.conversation import offer
from services.orchestrator.endings import barred, end, final, hand_over
from services.orchestrator.policy import Campaign
from services.orchestrator.speech import compose, say
from services.orchestrator.state import (
    Book,
    Decision,
    Effect,
    End,
    Message,
    Sequence,
    Then,
    World,
)
from shared.events import BookingSettled
from shared.outcomes import Outcome
from shared.words import BookingState, Purpose


def settled(state: Sequence, fact: BookingSettled, now: datetime, world: World) -> Decision | None:
    """Answer the calendar. The state knows already how the call stands."""
    match fact.state:
        case BookingState.CONFIRMED | BookingState.MOVED if final(state):
            return Decision((Book(None, None, None),), "no_call_after_a_no")
        case BookingState.CONFIRMED | BookingState.MOVED:
            booked = end(state, Outcome.BOOKED, "call_booked")
            return Decision((*booked, *_tell(state, now, world.campaign)), "call_booked")
        case BookingState.CANCELLED:
            effects = (*_withdraw(state), *_tell(state, now, world.campaign))
            return Decision(effects, "call_cancelled")
        case BookingState.TAKEN if not state.open:
            told = _tell(state, now, world.campaign)
            return Decision(told, "call_stays") if told else hand_over(state, "slot_taken")
        case BookingState.TAKEN:
            return _taken(state, now, world)


def _taken(state: Sequence, now: datetime, world: World) -> Decision | None:
    if bar := barred(state, world.campaign):
        return Decision(end(state, *bar), bar[1])
    if state.waiting is None or state.waiting.then is not Then.OFFER:
        return None  # not the slot that is waited for, or the contact wrote meanwhile
    return offer(state, now, world, others=True)


def _withdraw(state: Sequence) -> tuple[Effect, ...]:
    """A call that was cancelled is no outcome: the one case in which a rank goes down."""
    if state.outcome is not Outcome.BOOKED:
        return ()
    return (End(Outcome.NEEDS_PERSON, "call_cancelled"),)


def _tell(state: Sequence, now: datetime, campaign: Campaign) -> tuple[Effect, ...]:
    """Confirm the call, or that there is none any more, unless the contact knows or wants peace."""
    slot = state.call or state.told
    if slot is None or state.call == state.told or state.outcome is Outcome.OPTED_OUT:
        return ()
    if state.call and final(state):
        return ()  # it is being given up
    purpose = Purpose.CONFIRM_BOOKING if state.call else Purpose.CONFIRM_CANCELLED
    message = compose(state, campaign, purpose, slots=(slot,))
    return say(state, message, now, campaign) if isinstance(message, Message) else ()
