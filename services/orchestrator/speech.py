"""What may be said, where, and from when on."""

from datetime import datetime, timedelta

from services.orchestrator.endings import end
from services.orchestrator.policy import Campaign
from services.orchestrator.state import (
    PROMISED,
    Effect,
    Message,
    Say,
    Sequence,
    Then,
    Wait,
    Waiting,
)
from shared.outcomes import Outcome
from shared.rules.hours import A_WEEK, next_open
from shared.words import SERVICE_PURPOSES, Channel, Purpose

ANSWER_IS_FREE = timedelta(hours=24)  # of quiet hours, on the channel on which the contact wrote
PROMISE_IS_FREE = timedelta(hours=1)  # of quiet hours, from the promised moment on
SERVICE_IS_OPEN = timedelta(hours=1)  # nobody has to answer a confirmation


def usable(state: Sequence, channel: Channel | None) -> bool:
    """Whether triage leaves this channel open, now or later, and it works."""
    return channel in state.standing.opens and channel not in state.dropped


def talks_on(state: Sequence) -> Channel | None:
    """Where the conversation is: where the contact wrote last, if we spoke there first."""
    spoken = state.touch.message.channel if state.touch else None
    for channel in (state.wrote_on, spoken):
        if channel in state.used and usable(state, channel):
            return channel
    return None


def spent(state: Sequence, campaign: Campaign) -> bool:
    """Whether the contact got as many messages as the policy grants."""
    return state.touches >= campaign.policy.plans_max


def compose(
    state: Sequence,
    campaign: Campaign,
    purpose: Purpose,
    *,
    topic: str = "",
    slots: tuple[datetime, ...] = (),
    date: datetime | None = None,
) -> Message | str:
    """The message where the conversation is; or, as one word, why there is none."""
    channel = talks_on(state)
    if channel is None:
        return "no_open_channel" if state.used else "wrote_first"
    if spent(state, campaign) and purpose not in SERVICE_PURPOSES:
        return "too_many_messages"
    line_id = campaign.line(
        purpose, channel, state.standing.language, goal=state.standing.goal, topic=topic
    )
    if line_id is None:
        return f"no_signed_{purpose}"
    return Message(channel, purpose, line_id, slots, date)


def decent_from(
    state: Sequence, channel: Channel, purpose: Purpose, now: datetime
) -> datetime | None:
    """The first moment from `now` on at which this may be said there; None when none is known.

    Quiet hours do not bind an answer within a day on the contact's own channel, nor what was
    promised for this very moment.
    """
    standing = state.standing
    first = max(now, standing.opens.get(channel) or now)
    if _answers(state, channel, purpose, first) or _keeps_promise(state, purpose, first):
        return first
    at = next_open(channel, first, standing.country, standing.zones)
    return at if at - first < A_WEEK else None


def say(state: Sequence, message: Message, now: datetime, campaign: Campaign) -> tuple[Effect, ...]:
    """Say it now, or as soon as it is decent; where no hour is, a person has to.

    In a pause it waits until the campaign goes on, which looks again at each contact.
    """
    if campaign.paused:
        return (Wait(Waiting(now, Then.SAY, "paused", message)),)
    at = decent_from(state, message.channel, message.purpose, now)
    if at is None:
        return end(state, Outcome.NEEDS_PERSON, "no_open_hour")
    if at > now:
        return (Wait(Waiting(at, Then.SAY, "quiet_hours", message)),)
    return (_request(message, now, campaign),)


def _answers(state: Sequence, channel: Channel, purpose: Purpose, at: datetime) -> bool:
    if channel is not state.wrote_on or state.wrote_at is None or purpose is Purpose.OPENER:
        return False
    return at <= state.wrote_at + ANSWER_IS_FREE


def _keeps_promise(state: Sequence, purpose: Purpose, at: datetime) -> bool:
    if state.promise is None or purpose is not Purpose.CALLBACK:
        return False
    return at <= state.promise.at + PROMISE_IS_FREE


def _request(message: Message, now: datetime, campaign: Campaign) -> Say:
    if message.purpose in SERVICE_PURPOSES:
        return Say(message, now + SERVICE_IS_OPEN, None)
    patience_ends = now + campaign.patience(message.channel)
    match message:
        case Message(purpose=Purpose.LATER, date=datetime() as date):
            promised = Waiting(date, Then.GO_ON, PROMISED)
            return Say(message, min(patience_ends, date), promised)
        case Message(purpose=Purpose.ASK_WHEN):
            return Say(message, patience_ends, Waiting(patience_ends, Then.CHOOSE_DAY, "silent"))
        case _:
            return Say(message, patience_ends, Waiting(patience_ends, Then.GO_ON, "silent"))
