"""What an event is: a fact about one subject, in the past tense, that never changes.

The envelope is CloudEvents 1.0 in binary mode: it travels in headers (`headers_of`, `envelope_of`)
and stands on the event as ordinary attributes; the body holds the rest. Whoever says an event
gives subject, workspace and campaign; id, cause and time are given by the bus, because they follow
from what caused it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from shared.ids import NOBODY

About = Literal["contact", "campaign", "workspace"]
ENVELOPE = frozenset({"subject", "workspace_id", "campaign_id", "id", "cause_id", "time"})
UNSAID = datetime(1970, 1, 1, tzinfo=UTC)


class Value(BaseModel):
    """A part of an event: frozen, and tolerant of fields that a later version adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Value):
    """A fact. `class ReplyReceived(Event, topic="reply.received")`.

    `about` says what the subject is, which is also the key on the bus.
    """

    topic: ClassVar[str] = ""
    version: ClassVar[int] = 1
    about: ClassVar[About] = "contact"

    subject: UUID
    workspace_id: UUID
    campaign_id: UUID | None = None
    id: UUID = Field(default=NOBODY)
    cause_id: UUID = Field(default=NOBODY)
    time: datetime = Field(default=UNSAID)

    def __init_subclass__(
        cls,
        *,
        topic: str = "",
        version: int = 1,
        about: About = "contact",
        **rest: Any,  # noqa: ANN401  pydantic's own
    ) -> None:
        super().__init_subclass__(**rest)
        cls.topic, cls.version, cls.about = topic or cls.topic, version, about

    def body(self) -> bytes:
        """The event without its envelope, as JSON."""
        return self.model_dump_json(exclude=set(ENVELOPE)).encode()

    @classmethod
    def from_bus(cls, body: bytes, envelope: Mapping[str, Any]) -> Self:
        """The event from a body and its envelope. Raises ValueError when either does not fit."""
        return cls.model_validate({**from_json(body), **envelope})


class Woke(Event, topic="woke"):
    """A timer came due. It never leaves the service that armed it."""

    plan: int


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Tell me `Woke(plan)` at this moment. Arming the same plan again moves its timer."""

    contact_id: UUID
    workspace_id: UUID
    plan: int
    at: datetime


Output = Event | WakeAt
Answer = tuple[Event, Sequence[Output]]
