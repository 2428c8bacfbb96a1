"""Several services in one process, on one loop."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from faststream.kafka import KafkaBroker

from shared.bus.bus import Bus
from shared.bus.insistence import Insistence
from shared.bus.member import Member
from shared.quiet import quieten

LEAVE_SECONDS_MAX = 4.0


@asynccontextmanager
async def running(bus_url: str, members: Sequence[Member]) -> AsyncIterator[None]:
    """The members work inside, and leave on the way out.

    Raises BusChangedError, also out of the body, when one of them may not go on.
    """
    quieten()
    me, broken = asyncio.current_task(), list[Exception]()

    def fatal(error: Exception) -> None:
        if not broken and me is not None:
            me.cancel()
        broken.append(error)

    broker = KafkaBroker(
        bus_url,
        logger=None,
        apply_types=False,
        graceful_timeout=LEAVE_SECONDS_MAX,
        consumer_only=True,  # relays publish; and nobody makes topics by asking for them
    )
    bus = Bus(bus_url)
    try:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(bus.stop)
            for member in members:
                await member.start(bus)
            for member in members:
                member.on_fatal(fatal)
                member.subscribe(broker)
                await stack.enter_async_context(member.working())
            stack.push_async_callback(broker.stop)
            for member in members:
                stack.callback(member.leave)
            await Insistence("every group").on(lambda: _started(broker), "joining")
            yield
    except asyncio.CancelledError:
        if broken and me is not None:
            me.uncancel()
            raise broken[0] from None
        raise


async def _started(broker: KafkaBroker) -> None:
    """All readers or none: the bus may go away while they start, and then they start again."""
    try:
        await broker.start()
    except Exception:
        await broker.stop()
        raise


async def until_told_to_stop() -> None:
    """Wait for SIGTERM or SIGINT; from then on the process has `LEAVE_SECONDS_MAX` to leave.

    A dead bus makes the goodbye slow. It may always be cut short: a kill loses nothing.
    """
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, told.set)
    await told.wait()
    last_call = threading.Timer(LEAVE_SECONDS_MAX, os._exit, (0,))  # whatever the loop waits for
    last_call.daemon = True
    last_call.start()
