"""One address in front of several processes, as a load balancer is: whoever is up gets the call."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

LOOPBACK = "127.0.0.1"
WAIT_SECONDS_MAX = 20.0  # while everybody behind it is down
LOOK_SECONDS, CHUNK_BYTES = 0.05, 65536

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def door(port: int, behind: Sequence[int]) -> AsyncIterator[None]:
    """Listens on `port` inside, and hands each connection to one of the ports `behind` it."""
    turns = itertools.count()
    calls: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.current_task()
        assert call is not None
        calls.add(call)
        call.add_done_callback(calls.discard)
        with suppress(OSError, asyncio.CancelledError):
            await joined((reader, writer), await reached(behind, next(turns)))
        writer.close()

    server = await asyncio.start_server(answer, LOOPBACK, port)
    async with server:
        yield
        for call in calls:
            call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def reached(ports: Sequence[int], turn: int) -> Stream:
    """A connection to whoever is up, beginning with whose turn it is. Raises OSError when none."""
    end = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        for n in range(len(ports)):
            with suppress(OSError):
                return await asyncio.open_connection(LOOPBACK, ports[(turn + n) % len(ports)])
        if time.monotonic() > end:
            raise ConnectionRefusedError
        await asyncio.sleep(LOOK_SECONDS)


async def joined(caller: Stream, called: Stream) -> None:
    """What either side says reaches the other; both end when one does."""
    ways = [
        asyncio.create_task(carried(caller[0], called[1])),
        asyncio.create_task(carried(called[0], caller[1])),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        called[1].close()


async def carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while words := await reader.read(CHUNK_BYTES):
        writer.write(words)
        await writer.drain()
