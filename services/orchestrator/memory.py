"""What stays of what was heard and done. Total: whatever comes, in whatever order, is taken in."""

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from services.orchestrator.replies import weightier
from services.orchestrator.sending import lost, passing
from services.orchestrator.state import (
    NOT_READ,
    Book,
    Effect,
    End,
    Fact,
    Heed,
    Join,
    Say,
    Sequence,
    Standing,
    Then,
    Touch,
    Vow,
    Wait,
    Waiting,
)
from shared.events import (
    BookingSettled,
    ContactSuppressed,
    ContactTriaged,
    MessageDelivered,
    MessageSent,
    ReplyReceived,
    ReplyUnderstood,
    Woke,
)
from shared.rules.facts import Attempt
from shared.words import (
    SERVICE_PURPOSES,
    BookingState,
    Channel,
    Openness,
    Purpose,
    Refusal,
    Result,
    Verdict,
)

if TYPE_CHECKING:
    from dataclasses import replace as altered  # which has its names and types checked
else:
    from services.orchestrator.state import altered


def evolve(state: Sequence, entry: Fact | Effect) -> Sequence:
    """Fold one entry of the journal, heard or done, into the state."""
    match entry:
        case Join() | Say() | Wait() | Book() | Vow() | Heed() | End():
            return _done(state, entry)
        case _:
            return _heard(state, entry)


def note(state: Sequence, fact: Fact) -> Sequence:
    """The next decision follows from this fact, too."""
    return altered(state, noted=(*state.noted, fact.id))


def named(state: Sequence) -> Sequence:
    """A decision has named what was noted."""
    return altered(state, noted=())


def _heard(state: Sequence, fact: Fact) -> Sequence:
    match fact:
        case ContactTriaged(revision=revision):
            newer = revision > state.standing.revision
            return altered(state, standing=_standing(fact)) if newer else state
        case ContactSuppressed(everything=True, source=source):
            return altered(state, suppressed=state.suppressed or source)
        case ContactSuppressed(channels=channels):
            return altered(state, dropped=_with(state.dropped, *channels))
        case MessageSent():
            return _sent(state, fact)
        case MessageDelivered(channel=channel):
            return _drop(state, channel) if lost(state, fact) else state
        case ReplyReceived(number=number, channel=channel, time=time):
            return _noticed(state, number, channel, time)
        case ReplyUnderstood(number=number, channel=channel, time=time):
            return _read(_noticed(state, number, channel, time), fact)
        case BookingSettled():
            return _settled(state, fact)
        case Woke():
            return state
        case _:
            assert_never(fact)


def _done(state: Sequence, effect: Effect) -> Sequence:
    match effect:
        case Join(campaign_id=campaign_id):
            return altered(state, campaign_id=campaign_id)
        case Say():
            return _said(state, effect)
        case Wait(waiting=waiting):
            return altered(state, plan=state.plan + 1, waiting=waiting)
        case Book(slot=slot, waiting=waiting):
            return altered(state, plan=state.plan + 1, wanted=slot, waiting=waiting)
        case Vow(promise=promise):
            return altered(state, promise=promise)
        case Heed():
            return altered(state, reading=None, interrupted=None)
        case End(code=code):
            return altered(
                state,
                outcome=code,
                revision=state.revision + 1,
                waiting=None,
                interrupted=None,
                promise=None,
            )
        case _:
            assert_never(effect)


def _said(state: Sequence, effect: Say) -> Sequence:
    """A request was made: the newest touch, and what it means for the conversation."""
    message, plan = effect.message, state.plan + 1
    state = altered(
        state,
        plan=plan,
        touch=Touch(plan, message, effect.answer_until),
        waiting=effect.waiting,
        touches=state.touches + (message.purpose not in SERVICE_PURPOSES),
    )
    match message.purpose:
        case Purpose.OPENER:
            return altered(state, used=_with(state.used, message.channel))
        case Purpose.CALLBACK:
            return altered(state, promise=None)
        case Purpose.OFFER_SLOTS:
            offered = (*state.offered, *message.slots)
            return altered(state, offered=tuple(dict.fromkeys(offered)), offers=state.offers + 1)
        case Purpose.ASK_WHEN:
            return altered(state, asked_when=True)
        case Purpose.CONFIRM_BOOKING:
            return altered(state, told=message.slots[0])
        case Purpose.CONFIRM_CANCELLED:
            return altered(state, told=None)
        case Purpose.CONFIRM_OPT_OUT:
            return altered(state, farewell=True)
        case _:
            return state


def _sent(state: Sequence, fact: MessageSent) -> Sequence:
    """What a gateway did. A refusal that only asks for patience does not count as a message."""
    touch = state.touch
    newest = touch is not None and touch.plan == fact.plan
    if fact.result is not Result.REFUSED:
        reached = state.reached
        if fact.channel not in state.dropped:
            reached = _with(reached, fact.channel)
        if touch and newest:
            touch = replace(touch, id=fact.touch_id)
            state = altered(state, repeats=0)
        attempts = _attempted(state.attempts, fact)
        return altered(state, reached=reached, touch=touch, attempts=attempts)
    if fact.refusal is Refusal.PROVIDER_REFUSED:
        state = _drop(state, fact.channel)
    if touch is None or not newest or touch.refused:
        return state
    state = altered(state, touch=replace(touch, refused=True))
    if not passing(fact):
        return state
    sold = touch.message.purpose not in SERVICE_PURPOSES
    offered = touch.message.purpose is Purpose.OFFER_SLOTS
    return altered(
        state,
        touches=state.touches - sold,
        offers=state.offers - offered,
        repeats=state.repeats + 1,
    )


def _attempted(before: dict[int, Attempt], fact: MessageSent) -> dict[int, Attempt]:
    """What may have reached the contact unasked; a touch may be told of more than once."""
    if fact.plan in before or fact.is_answer or fact.purpose in SERVICE_PURPOSES:
        return before
    its = Attempt(channel=fact.channel.value, at=fact.reserved_at or fact.time)
    return {**before, fact.plan: its}


def _noticed(state: Sequence, number: int, channel: Channel, time: datetime) -> Sequence:
    """The contact wrote: nothing is planned any more, until it is known what was meant."""
    if number <= state.received:
        return state
    state = altered(state, received=number, wrote_on=channel, wrote_at=time)
    if not state.open:
        return state
    waiting = state.waiting
    before = state.interrupted if waiting and waiting.why == NOT_READ else waiting
    return altered(state, waiting=None, interrupted=before)


def _read(state: Sequence, reading: ReplyUnderstood) -> Sequence:
    """Count what was read without a gap, and keep the weightiest of what is to be acted on."""
    if reading.number <= state.heard or reading.number in state.ahead:
        return state
    heard, ahead = state.heard, {*state.ahead, reading.number}
    while heard + 1 in ahead:
        heard += 1
    return altered(
        state,
        heard=heard,
        ahead=tuple(sorted(number for number in ahead if number > heard)),
        reading=weightier(state.reading, reading) if state.joined else None,
    )


def _settled(state: Sequence, fact: BookingSettled) -> Sequence:
    """How the call stands now."""
    match fact.state:
        case BookingState.CONFIRMED | BookingState.MOVED:
            wanted = None if fact.slot == state.wanted else state.wanted
            return altered(state, call=fact.slot, wanted=wanted)
        case BookingState.CANCELLED:
            return altered(state, call=None)
        case BookingState.TAKEN if fact.slot != state.wanted:
            return state
        case BookingState.TAKEN if state.open:
            others = Waiting(fact.time, Then.OFFER, "slot_taken")
            if state.unread:
                return altered(state, wanted=None, interrupted=others)
            return altered(state, wanted=None, waiting=others)
        case BookingState.TAKEN:  # another slot than the booked one, which stays
            return altered(state, wanted=None, told=None)


def _standing(fact: ContactTriaged) -> Standing:
    channels = fact.channels.items()
    return Standing(
        revision=fact.revision,
        admitted=fact.verdict is Verdict.ADMITTED,
        reason=fact.reasons[0] if fact.reasons else None,
        opens={c: its.opens_at for c, its in channels if its.openness is not Openness.CLOSED},
        closed={c: its.code for c, its in channels if its.openness is Openness.CLOSED},
        segment=fact.segment,
        goal=fact.goal,
        language=fact.language,
        zones=fact.zones,
        facts=json.dumps(fact.facts),
    )


def _drop(state: Sequence, channel: Channel) -> Sequence:
    reached = tuple(other for other in state.reached if other is not channel)
    return altered(state, dropped=_with(state.dropped, channel), reached=reached)


def _with(channels: tuple[Channel, ...], *more: Channel) -> tuple[Channel, ...]:
    return tuple(dict.fromkeys((*channels, *more)))
