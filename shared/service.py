"""What every service is: members of consumer groups, and loops that work beside the lanes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

import sqlalchemy as sa
from starlette.routing import BaseRoute

from shared.bus import Lanes, Member
from shared.clock import Clock
from shared.settings import Settings


class Loop(Protocol):
    """A sender, an HTTP server, a listener: what works without being told by an event."""

    async def run(self) -> None:
        """Work until cancelled."""

    def nudge(self) -> None:
        """Look again now: the clock moved, or there is new work."""

    async def busy(self) -> str:
        """What it is in the middle of; empty when idle."""

    async def next_due(self) -> datetime | None:
        """The next moment at which it has something to do; None for never."""


class Complaint(NamedTuple):
    """Something that is wrong, and what follows from it."""

    name: str
    sentence: str
    stops: bool = False  # the service can do nothing at all meanwhile
    waiting: int = 0  # contacts or touches that wait for a person


def no_complaint(_: sa.Connection) -> Sequence[Complaint]:
    return []


def no_queues(_: sa.Connection) -> dict[str, int]:
    return {}


@dataclass
class Service:
    """One service, built and not yet started. `metadata` names its schema and its tables.

    `behind` says what follows when a group's view is old; `ailing` looks into its own tables for
    what else is wrong, and `queues` for what stands in queues of its own. `elsewhere` are groups of
    its schema whose members work in other processes, and `routes` is what an operator may ask of it
    besides what is parked.
    """

    name: str
    metadata: sa.MetaData
    members: Sequence[Member] = ()
    loops: Sequence[Loop] = ()
    engines: Sequence[sa.Engine] = field(default_factory=list)
    behind: Mapping[str, str] = field(default_factory=dict)
    ailing: Callable[[sa.Connection], Sequence[Complaint]] = no_complaint
    queues: Callable[[sa.Connection], dict[str, int]] = no_queues
    elsewhere: Sequence[Lanes] = ()
    routes: Sequence[BaseRoute] = ()

    @property
    def groups(self) -> list[Lanes]:
        """All groups of its schema, wherever their members work."""
        return [*(member.lanes for member in self.members), *self.elsewhere]


Build = Callable[[Settings, Clock], Service]
