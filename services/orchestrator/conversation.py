"""What is done about what the contact wrote."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.orchestrator.endings import barred, end, final, hand_over
from services.orchestrator.ladder import go_on
from services.orchestrator.policy import Campaign
from services.orchestrator.replies import (
    OFFERS_MAX,
    Close,
    ComeBack,
    GiveUp,
    LeaveIt,
    Offer,
    Take,
    Tell,
    move,
    urgent,
)
from services.orchestrator.slots import choose
from services.orchestrator.speech import compose, say, talks_on, usable
from services.orchestrator.state import (
    PROMISED,
    Book,
    Decision,
    Effect,
    Heed,
    Message,
    Promise,
    Sequence,
    Then,
    Vow,
    Wait,
    Waiting,
    World,
)
from services.orchestrator.workdays import working_time
from shared.events import Candidate, ReplyUnderstood, When
from shared.outcomes import Outcome
from shared.words import Channel, Purpose

Asked = Take | GiveUp | Offer | ComeBack | Tell | LeaveIt
# Where an opt-out is confirmed by us; on SMS the carrier does it.
CONFIRMS_OPT_OUT = (Channel.WHATSAPP, Channel.EMAIL)
# What another channel, or the promise alone, can stand in for.
OF_THE_LADDER = (Purpose.OPENER, Purpose.CALLBACK, Purpose.LATER)


def respond(
    state: Sequence, reading: ReplyUnderstood, now: datetime, world: World
) -> Decision | None:
    """Act on the weightiest of what was read; None while something is still to be read."""
    if state.unread and not urgent(reading):
        return None
    asked = move(state, reading)
    if isinstance(asked, Close):
        return _close(state, asked, reading.channel, now, world.campaign)
    if not state.open or barred(state, world.campaign):
        return _after_the_end(state, asked, reading, world.campaign)
    return _answer(state, asked, reading, now, world)


def speak(
    state: Sequence, message: Message | str, now: datetime, campaign: Campaign, *, why: str
) -> Decision:
    """Say it; where there is nothing to say, a person has to."""
    if isinstance(message, str):
        return hand_over(state, message)
    return Decision((Heed(), *say(state, message, now, campaign)), why)


def offer(
    state: Sequence, now: datetime, world: World, wish: When | None = None, *, others: bool = False
) -> Decision:
    """Offer slots, but not for ever."""
    campaign = world.campaign
    if state.offers >= OFFERS_MAX:
        return hand_over(state, "no_slot_suits")
    slots = choose(
        world.calendar,
        state.contact_id,
        state.standing.zones,
        now,
        count=campaign.policy.slots_offered,
        wish=wish,
        seen=state.offered if others else (),
    )
    if not slots:
        return hand_over(state, "no_free_slot")
    message = compose(state, campaign, Purpose.OFFER_SLOTS, slots=slots)
    return speak(state, message, now, campaign, why="slots")


def say_again(state: Sequence, message: Message, now: datetime, world: World) -> Decision:
    """Say what could not be said earlier, if it still makes sense."""
    purpose, works = message.purpose, usable(state, message.channel)
    too_late = message.date is not None and message.date <= now
    if purpose is Purpose.OFFER_SLOTS:
        return offer(state, now, world)
    if purpose in OF_THE_LADDER and (too_late or not works):
        return go_on(state, now, world.campaign)
    if works or purpose is Purpose.CONFIRM_OPT_OUT:
        return Decision(say(state, message, now, world.campaign), "again")
    return hand_over(state, "no_open_channel")


def choose_day(state: Sequence, now: datetime, campaign: Campaign) -> Decision:
    """The contact did not say when: come back on the usual day, without another message."""
    promise = _promise(state, None, now, campaign)
    if promise is None:
        return hand_over(state, "no_open_channel")
    effects = (Vow(promise), Wait(Waiting(promise.at, Then.GO_ON, PROMISED)))
    return Decision(effects, "silent", (_candidate(promise),))


def _answer(
    state: Sequence, asked: Asked, reading: ReplyUnderstood, now: datetime, world: World
) -> Decision:
    campaign = world.campaign
    match asked:
        case Take(slot=slot):
            until = now + campaign.our_patience
            settles = Waiting(until, Then.HAND_OVER, "call_not_settled")
            return Decision((Heed(), Book(slot, reading, settles)), "slot_chosen")
        case _ if state.wanted:
            return _leave_it(state, None, now)  # what the calendar says goes first
        case Offer(wish=wish, others=others):
            return offer(state, now, world, wish, others=others)
        case ComeBack(when=when):
            return _come_back(state, when, now, campaign)
        case Tell(purpose=purpose, topic=topic):
            message = compose(state, campaign, purpose, topic=topic)
            return speak(state, message, now, campaign, why=purpose)
        case LeaveIt(back=back):
            return _leave_it(state, back, now)
        case GiveUp():
            return _leave_it(state, None, now)


def _come_back(state: Sequence, when: When | None, now: datetime, campaign: Campaign) -> Decision:
    """Ask when, once; then promise a day and name it."""
    question = compose(state, campaign, Purpose.ASK_WHEN)
    if when is None and not state.asked_when and isinstance(question, Message):
        return speak(state, question, now, campaign, why="when")
    promise = _promise(state, when, now, campaign)
    if promise is None:
        return hand_over(state, "no_open_channel")
    message = compose(state, campaign, Purpose.LATER, date=promise.at)
    effects: tuple[Effect, ...] = (Wait(Waiting(promise.at, Then.GO_ON, PROMISED)),)
    if isinstance(message, Message):
        effects = say(state, message, now, campaign)
    return Decision((Heed(), Vow(promise), *effects), "promised", (_candidate(promise),))


def _promise(
    state: Sequence, when: When | None, now: datetime, campaign: Campaign
) -> Promise | None:
    """The wished day, if it is still to come, else the usual one, on the contact's own channel."""
    channel = talks_on(state)
    if channel is None:
        return None
    usual = now + timedelta(days=campaign.policy.callback_days)
    day = when.start if when and when.start > now else usual
    return Promise(working_time(day, state.standing.zones), channel)


def _candidate(promise: Promise) -> Candidate:
    """The promise, as the journal keeps it."""
    return Candidate(channel=promise.channel, verdict="promised", why=promise.at.isoformat())


def _leave_it(state: Sequence, back: datetime | None, now: datetime) -> Decision:
    """What the contact's writing interrupted goes on, though not before the contact is back."""
    before = state.interrupted or Waiting(now, Then.GO_ON, "nothing_to_answer")
    until = max(before.until, now)
    if back and back > now:
        until = max(until, working_time(back, state.standing.zones))
    return Decision((Heed(), Wait(replace(before, until=until))), "goes_on")


def _close(
    state: Sequence, asked: Close, channel: Channel, now: datetime, campaign: Campaign
) -> Decision:
    effects = (Heed(), *end(state, asked.code, asked.reason))
    if asked.code is Outcome.OPTED_OUT:
        effects += _farewell(state, channel, now, campaign)
    return Decision(effects, asked.reason)


def _farewell(
    state: Sequence, channel: Channel, now: datetime, campaign: Campaign
) -> tuple[Effect, ...]:
    """The one confirmation of an opt-out, where the contact asked for it."""
    if state.farewell or channel not in state.used or channel not in CONFIRMS_OPT_OUT:
        return ()
    line_id = campaign.line(Purpose.CONFIRM_OPT_OUT, channel, state.standing.language)
    if line_id is None:
        return ()
    return say(state, Message(channel, Purpose.CONFIRM_OPT_OUT, line_id), now, campaign)


def _after_the_end(
    state: Sequence, asked: Asked, reading: ReplyUnderstood, campaign: Campaign
) -> Decision:
    """No line that sells may leave any more, but a call can still be booked or given up."""
    bar = barred(state, campaign) if state.open else None
    if bar and (bar[0] is Outcome.OPTED_OUT or isinstance(asked, LeaveIt)):
        return Decision((Heed(), *end(state, *bar)), bar[1])
    if final(state) or isinstance(asked, LeaveIt):
        return Decision((Heed(),), "nothing_to_do_after_the_end")
    match asked:
        case Take(slot=slot) if not bar and slot != state.call:
            return Decision((Heed(), Book(slot, reading, None)), "slot_chosen")
        case GiveUp():
            return Decision((Heed(), Book(None, reading, None)), "call_given_up")
        case _:
            return hand_over(state, "wrote_after_the_end")
