"""Work that is overdue waits for a person.

After a long outage, or with a restored backup, what was to be said hours ago may be wrong by now.
So of what a late fact leads to everything stands but the writing. A person who pauses and resumes
the campaign lets it go on; where nobody does in time, the contact ends with a person.
"""

from datetime import datetime, timedelta

from services.orchestrator.state import (
    OVERDUE,
    PROMISED,
    Decision,
    Effect,
    Say,
    Then,
    Wait,
    Waiting,
)
from shared.words import SERVICE_PURPOSES

PERSON_PATIENCE = timedelta(days=3)


def hold(decision: Decision, now: datetime) -> Decision:
    """The decision without its messages, now or later; they wait for a person to resume.

    What nobody sells with stands: service lines, promises to come back, and what goes to a person
    anyway.
    """
    effects = tuple(_held(effect, now) for effect in decision.effects)
    if effects == decision.effects:
        return decision
    return Decision(effects, OVERDUE, decision.candidates)


def released(held: Waiting, now: datetime) -> Decision | None:
    """What a person let go on, where its time has not come yet."""
    return Decision((Wait(held),), held.why) if now < held.until else None


def _held(effect: Effect, now: datetime) -> Effect:
    match effect:
        case Say(message=message) if message.purpose not in SERVICE_PURPOSES:
            return _for_a_person(Waiting(now, Then.SAY, OVERDUE, message), now)
        case Wait(waiting=waiting) if _writes(waiting):
            return _for_a_person(waiting, now)
        case _:
            return effect


def _writes(waiting: Waiting) -> bool:
    """Whether a message may come of it that was neither promised nor serves the contact."""
    if waiting.message:
        return waiting.message.purpose not in SERVICE_PURPOSES
    return waiting.then is not Then.HAND_OVER and waiting.why != PROMISED


def _for_a_person(held: Waiting, now: datetime) -> Wait:
    return Wait(Waiting(now + PERSON_PATIENCE, Then.HAND_OVER, OVERDUE, held=held))
