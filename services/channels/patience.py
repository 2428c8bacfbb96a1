"""Whoever brings us something waits for an answer: time in which our database may come back."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from shared.bus.faults import is_temporary
from shared.clock import elapsed_seconds

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE_SECONDS = 10.0  # Twilio waits for fifteen, and mail programs longer
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.1, 1.0


async def patiently(work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """Do this in a thread; what passes by itself, such as a restart, is waited out.

    Raises what it raised last when it did not pass in time.
    """
    end, pause = elapsed_seconds() + PATIENCE_SECONDS, PAUSE_SECONDS
    while True:
        try:
            return await asyncio.to_thread(work, *args, **more)
        except Exception as error:
            if not is_temporary(error) or elapsed_seconds() + pause > end:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, PAUSE_SECONDS_MAX)
