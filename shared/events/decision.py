"""The journal: each decision, also the ones not to act."""

from datetime import datetime
from uuid import UUID

from shared.events.base import Event, Value
from shared.words import Channel


class Candidate(Value):
    """One thing that could have been done, and what was said of it."""

    channel: Channel | None = None
    verdict: str
    why: str = ""


class DecisionMade(Event, topic="decision.made"):
    """Who decided what, from which events, at which recorded moment, by which rules.

    With its `inputs`, in their order, and what was `set_up` for sending, the same engine and rules
    come to the same decision again.
    """

    by: str
    decided_at: datetime
    inputs: tuple[UUID, ...]
    engine: str
    rules: str
    set_up: tuple[str, ...] = ()
    campaign_version: int = 0
    candidates: tuple[Candidate, ...] = ()
    verdict: str
    why: str = ""
    plan: int = 0
    wake_at: datetime | None = None
