"""Services at work in this process, until it is told to stop."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import sqlalchemy as sa

from shared import crash, logs
from shared.bus import BusChangedError, running, until_told_to_stop
from shared.clock import elapsed_seconds
from shared.internal import endpoint
from shared.privacy.master import MasterKeyError
from shared.service import Build, Loop, Service
from shared.settings import Settings
from shared.telemetry.exporting import traced
from shared.web import PortTakenError

log = logging.getLogger(__name__)

GOODBYE_SECONDS_MAX, LOOK_SECONDS = 5.0, 0.02
FOR_PEOPLE = (BusChangedError, MasterKeyError, PortTakenError)


@asynccontextmanager
async def working(loops: Sequence[Loop]) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """The loops run inside; they are cancelled on leaving. One that fails ends the process.

    What is given ends them earlier: once it returns, each has finished what it had in hand.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop.run()) for loop in loops]

        async def leave() -> None:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)

        try:
            yield leave
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


async def serve(settings: Settings, services: Sequence[Service]) -> None:
    """Several services in this process, with one internal endpoint, until SIGTERM or SIGINT.

    Then its loops finish first, so that what they still say is published by the members.
    """
    loops = [endpoint(settings, services), *(loop for its in services for loop in its.loops)]
    members = [member for service in services for member in service.members]
    with traced(settings):
        async with working(loops) as leave, running(settings.kafka_url, members):
            await until_told_to_stop()
            await leave()


def main(build: Build) -> None:
    """The entry point of one service's own process: settings come from the environment.

    What a person can mend ends it with one sentence and exit code 1; what is our fault with a log
    line that says where, for the text of an error may be anyone's data.
    """
    try:
        settings = Settings()
        crash.watch(os.environ)
        service = build(settings, settings.make_clock())
    except (MasterKeyError, ValueError) as error:  # a setting that cannot be
        sys.exit(str(error))
    logs.as_json(service.name)
    try:
        asyncio.run(serve(settings, [service]))
    except Exception as error:
        if sentence := sentence_of(error, FOR_PEOPLE):
            sys.exit(sentence)
        log.critical("%s ends by a fault of ours", service.name, exc_info=error)
        sys.exit(1)


def sentence_of(error: BaseException, for_people: tuple[type[Exception], ...]) -> str:
    """What a person can do about it, also where it lies in a group; empty when it is our fault."""
    if isinstance(error, for_people):
        return str(error)
    if isinstance(error, BaseExceptionGroup):
        sentences = (sentence_of(one, for_people) for one in error.exceptions)
        return next(filter(None, sentences), "")
    return ""
