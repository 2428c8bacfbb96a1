"""What a brain is given, and what it returns.

A brain returns data and does nothing: who is suppressed, what is said and when follows from the
reading elsewhere. Reading the same message in the same context gives the same reading.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.events import When
from shared.rules.optout import Asked
from shared.words import Channel, Intent, Suppression


@dataclass(frozen=True, slots=True)
class Message:
    """What the contact wrote, without quotes and signatures. `automatic`: a machine wrote it."""

    text: str
    channel: Channel
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the contact and of what we last said.

    `now` is aware; `zones` are IANA names, all in which the contact may be; `language` is that of
    the conversation (ISO 639-1); `answers` are the topics to which the script has answers.
    """

    now: datetime
    zones: tuple[str, ...] = ()
    country: str = ""
    language: str = ""
    asked: Asked = Asked.OPENER
    slots: tuple[datetime, ...] = ()
    answers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood. `slot` is one of those offered, `answer` one of the topics given."""

    intent: Intent
    confidence: float
    suppression: Suppression
    also: tuple[Intent, ...] = ()
    when: When | None = None
    slot: datetime | None = None
    topics: tuple[str, ...] = ()
    answer: str = ""
    language: str = ""


class Brain(Protocol):
    """One way of understanding. `name` says which, with its version; readings record it."""

    @property
    def name(self) -> str: ...

    def read(self, message: Message, context: Context) -> Reading:
        """The reading of one message. Never fails, whatever the text."""
        ...
