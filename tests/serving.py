"""An ASGI application on a real socket, in the test's own loop."""

import asyncio
import contextlib
from contextlib import asynccontextmanager

import uvicorn

START_SECONDS_MAX = 20


@asynccontextmanager
async def serving(app):
    """Yields the port."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="critical", lifespan="off", timeout_keep_alive=60
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(START_SECONDS_MAX):
        while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task
