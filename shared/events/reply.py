"""What the agent understood of a reply. Recorded once, never computed again."""

from datetime import datetime
from uuid import UUID

from shared.events.base import Event, Value
from shared.privacy.sealed import Sealed
from shared.words import Channel, Intent, Suppression


class When(Value):
    """A time the contact named: any moment from `start` to `end`, in UTC."""

    start: datetime
    end: datetime


class ReplyUnderstood(Event, topic="reply.understood"):
    """The reading of one inbound item; a contact's readings come in order of `number`."""

    number: int
    channel: Channel
    intent: Intent
    also: tuple[Intent, ...] = ()
    confidence: float
    suppression: Suppression
    when: When | None = None
    slot: datetime | None = None  # the offered slot that was chosen
    answer: str = ""  # the topic of the signed answer that fits the question
    language: str = ""
    summary: Sealed[tuple[str, str, str]]
    brain: str
    reply_id: UUID
