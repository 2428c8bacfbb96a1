"""What may be said, where, and from when on."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

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
from shared.rules.case import MARKETING, SERVICE
from shared.rules.facts import Facts, Inbound
from shared.rules.knowing import read_facts
from shared.rules.loading import rules_in_force
from shared.rules.verdict import Weight
from shared.rules.whoever import judge_whoever, opens_for_whoever
from shared.words import SERVICE_PURPOSES, Channel, Purpose

SERVICE_IS_OPEN = timedelta(hours=1)  # nobody has to answer a confirmation
FACTS_KEPT = 1024


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


def permitted_from(
    state: Sequence, channel: Channel, purpose: Purpose, now: datetime
) -> datetime | None:
    """The first moment from `now` on at which the contact rules let this be said; None for never.

    What serves the contact waits only for decent hours: it answers what the contact did.
    """
    facts = _facts(state, channel, purpose)
    first = max(now, state.standing.opens.get(channel) or now)
    if purpose in SERVICE_PURPOSES:
        return opens_for_whoever(facts, first, rules_in_force())
    verdict = judge_whoever(facts, first, rules_in_force())
    return first if verdict.verdict is Weight.ALLOW else verdict.next_allowed


def say(state: Sequence, message: Message, now: datetime, campaign: Campaign) -> tuple[Effect, ...]:
    """Say it now, or as soon as it is permitted; where it never is, a person has to.

    In a pause it waits until the campaign goes on, which looks again at each contact.
    """
    if campaign.paused:
        return (Wait(Waiting(now, Then.SAY, "paused", message)),)
    at = permitted_from(state, message.channel, message.purpose, now)
    if at is None:
        return end(state, Outcome.NEEDS_PERSON, "not_permitted")
    if at > now:
        return (Wait(Waiting(at, Then.SAY, "not_permitted_yet", message)),)
    return (_request(message, now, campaign),)


def _facts(state: Sequence, channel: Channel, purpose: Purpose) -> Facts:
    """What is known of the contact, of this touch, and of those before."""
    inbound = None
    if state.wrote_on and state.wrote_at:
        answers = purpose is not Purpose.OPENER
        inbound = Inbound(channel=state.wrote_on.value, at=state.wrote_at, same_matter=answers)
    serves = purpose in SERVICE_PURPOSES
    return replace(
        _facts_of(state.standing.facts),
        channel=channel.value,
        purpose=SERVICE if serves else MARKETING,
        script_signed=True,  # a campaign holds no other lines
        disclosure_first=True,  # at its first touch the gateway looks
        attempts=() if serves else tuple(state.attempts.values()),
        last_inbound=inbound,
    )


@lru_cache(FACTS_KEPT)
def _facts_of(text: str) -> Facts:
    return read_facts(json.loads(text))


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
