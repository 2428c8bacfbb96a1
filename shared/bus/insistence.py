"""Tries until it works: what fails in the shell passes, or is for an operator; nothing is lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from shared.bus.faults import BusChangedError, StoppingError, Trouble, described, trouble
from shared.telemetry.metrics import RETRIED

log = logging.getLogger(__name__)
T = TypeVar("T")

PAUSE_SECONDS = 0.1
PAUSE_SECONDS_MAX = 5.0


@dataclass
class Insistence:
    """One group's patience, until it is told to stop."""

    group: str
    fatal: Callable[[Exception], None] = lambda error: log.critical("%s", described(error))
    troubles: dict[str, Trouble] = field(default_factory=dict)  # by what is tried in vain
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        """No new attempt from now on; what is running may finish."""
        self._stopping.set()

    async def on(self, attempt: Callable[[], Awaitable[T]], what: str) -> T:
        """What the attempt gives, when it works at last.

        Raises StoppingError once stopped, and BusChangedError, which no patience heals; `fatal`
        hears of that one first.
        """
        pause = PAUSE_SECONDS
        while True:
            try:
                result = await attempt()
            except BusChangedError as error:
                self.fatal(error)
                raise
            except Exception as error:
                if self._stopping.is_set():
                    raise StoppingError("leaving") from error
                self.troubles[what] = trouble(self.group, what, error)
                log.warning("%s", self.troubles[what].sentence)
                RETRIED.labels(self.group, self.troubles[what].source).inc()
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._stopping.wait()
                pause = min(pause * 2, PAUSE_SECONDS_MAX)
            else:
                self.troubles.pop(what, None)
                return result
