"""What a gateway hands to a provider, and the four things that can come of it.

The promise that nobody is written to twice rests on telling two failures apart: `NotMade` was
certainly not accepted and may be repeated; `Unknown` may have been, and never is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared.words import Channel

CALL_SECONDS_MAX = 10.0  # how long any call to a provider is waited for


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, ready to leave. What it shows of itself names nobody."""

    touch_id: UUID
    channel: Channel
    to: str = field(repr=False)
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)
    template: str = ""  # WhatsApp: the provider's name of the template that says this text
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    follows: UUID | None = None  # e-mail: the touch before it in the thread


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it. `provider_id` is its name for it."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider said no. `opted_out`: because the person asked it to be left alone."""

    code: str
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class NotMade:
    """Certainly not accepted: no connection, or told to come again. At least so long from now."""

    why: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been accepted."""

    why: str


Answer = Accepted | Refused | NotMade | Unknown


class Adapter(Protocol):
    """One provider."""

    async def send(self, message: Outgoing) -> Answer:
        """Make one call, and only one. Raises nothing that it can foresee.

        It may take for ever: whoever calls sets the limit.
        """

    async def close(self) -> None:
        """Give back connections."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message on a provider's list of what it took, and when it took it."""

    provider_id: str
    text: str = field(repr=False)
    at: datetime


class Lister(Protocol):
    """A provider that can be asked what it took."""

    async def taken(self, channel: Channel, to: str) -> Sequence[Taken]:
        """The latest messages from our sender on this channel to this address.

        Raises ConnectionError when it cannot say now.
        """

    async def close(self) -> None:
        """Give back connections."""


class TemplateRefusedError(Exception):
    """The provider will not have a template. The message is its code."""


class TemplateMaker(Protocol):
    """A provider that keeps WhatsApp templates."""

    async def make_template(self, name: str, language: str, body: str, places: int) -> str:
        """The provider's name for a new template of so many places.

        Raises TemplateRefusedError when it will not have it, ConnectionError when it may later.
        """
