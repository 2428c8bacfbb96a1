"""What every service is: members of consumer groups, and loops that work beside the lanes."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

import sqlalchemy as sa

from shared import crash
from shared.bus import BusChangedError, Member, run, running
from shared.clock import Clock, elapsed_seconds
from shared.privacy.master import MasterKeyError
from shared.settings import Settings

GOODBYE_SECONDS_MAX, LOOK_SECONDS = 5.0, 0.02


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


def no_complaint(_: sa.Connection) -> Sequence[Complaint]:
    return []


@dataclass
class Service:
    """One service, built and not yet started. `metadata` names its schema and its tables.

    `behind` says what follows when a group's view is old; `ailing` looks into its own tables for
    what else is wrong.
    """

    name: str
    metadata: sa.MetaData
    members: Sequence[Member] = ()
    loops: Sequence[Loop] = ()
    engines: Sequence[sa.Engine] = field(default_factory=list)
    behind: Mapping[str, str] = field(default_factory=dict)
    ailing: Callable[[sa.Connection], Sequence[Complaint]] = no_complaint


Build = Callable[[Settings, Clock], Service]


@asynccontextmanager
async def working(loops: Sequence[Loop]) -> AsyncIterator[None]:
    """The loops run inside; they are cancelled on leaving. One that fails ends the process."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop.run()) for loop in loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


@asynccontextmanager
async def alive(bus_url: str, services: Sequence[Service]) -> AsyncIterator[None]:
    """Several services in this process, until the caller leaves."""
    async with AsyncExitStack() as stack:
        members = [member for service in services for member in service.members]
        await stack.enter_async_context(running(bus_url, members))
        await stack.enter_async_context(working([loop for s in services for loop in s.loops]))
        yield
    await given_back([engine for service in services for engine in service.engines])


async def given_back(engines: Sequence[sa.Engine]) -> None:
    """Close the connections once nobody holds one: a cancelled task's thread may still do so."""
    end = elapsed_seconds() + GOODBYE_SECONDS_MAX
    while _held(engines) and elapsed_seconds() < end:  # noqa: ASYNC110  no pool tells
        await asyncio.sleep(LOOK_SECONDS)
    for engine in engines:
        engine.dispose()


def _held(engines: Sequence[sa.Engine]) -> bool:
    pools = (engine.pool for engine in engines)
    return any(isinstance(pool, sa.QueuePool) and pool.checkedout() for pool in pools)


async def serve(bus_url: str, services: Sequence[Service]) -> None:
    """Several services in this process, until SIGTERM or SIGINT."""
    async with working([loop for service in services for loop in service.loops]):
        await run(bus_url, [member for service in services for member in service.members])


def main(build: Build) -> None:
    """The entry point of one service's own process: settings come from the environment."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = Settings()
    try:
        crash.watch(os.environ)
        service = build(settings, settings.make_clock())
        asyncio.run(serve(settings.kafka_url, [service]))
    except (MasterKeyError, BusChangedError, ValueError) as error:
        sys.exit(str(error))
