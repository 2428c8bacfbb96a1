"""The calls on their way to a provider, and how long each is waited for.

On a running clock that is the wall's affair. The stepped clock stands still while a call hangs, so
there the deadline is a moment of that clock: a call that the world says it will not answer keeps
nobody waiting, and ends when the clock has come to its deadline.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.channels.adapters.base import CALL_SECONDS_MAX
from shared.clock import Clock, SteppedClock, due_until

LEAVING_SECONDS_MAX = 1.0


@dataclass(eq=False)
class Calls:
    """Open calls, by touch."""

    clock: Clock
    _open: set[UUID] = field(default_factory=set)
    _limits: dict[UUID, asyncio.Timeout] = field(default_factory=dict)
    _end: float | None = None  # of the loop's time, once the process leaves

    def __len__(self) -> int:
        return len(self._open)

    def add(self, touch_id: UUID) -> None:
        self._open.add(touch_id)

    def remove(self, touch_id: UUID) -> None:
        self._open.discard(touch_id)

    @property
    def waited_for(self) -> int:
        """How many may still be answered, or are to be given up now."""
        return sum(not self._hangs(touch_id) for touch_id in self._open)

    @asynccontextmanager
    async def limited(self, touch_id: UUID) -> AsyncIterator[None]:
        """Around the call itself. Ends it with TimeoutError when its time is over."""
        seconds: float | None = CALL_SECONDS_MAX
        if isinstance(self.clock, SteppedClock):
            self.clock.calls[touch_id] = self.clock.now + timedelta(seconds=CALL_SECONDS_MAX)
            seconds = None
        try:
            async with asyncio.timeout(seconds) as self._limits[touch_id]:
                self._keep_to_the_end()
                yield
        finally:
            del self._limits[touch_id]
            if isinstance(self.clock, SteppedClock):
                del self.clock.calls[touch_id]

    def give_up_overdue(self) -> None:
        """End the calls whose deadline the stepped clock has come to."""
        for touch_id, limit in self._limits.items():
            if self._is_overdue(touch_id) and limit.when() is None:
                limit.reschedule(asyncio.get_running_loop().time())

    def hurry(self) -> None:
        """The process leaves: what is not answered in a moment is given up, on any clock."""
        self._end = asyncio.get_running_loop().time() + LEAVING_SECONDS_MAX
        self._keep_to_the_end()

    def _keep_to_the_end(self) -> None:
        for limit in self._limits.values():
            when = limit.when()
            if self._end and (when is None or when > self._end):
                limit.reschedule(self._end)

    def _hangs(self, touch_id: UUID) -> bool:
        known = isinstance(self.clock, SteppedClock) and touch_id in self.clock.hanging
        return known and touch_id in self._limits and not self._is_overdue(touch_id)

    def _is_overdue(self, touch_id: UUID) -> bool:
        clock = self.clock
        return isinstance(clock, SteppedClock) and clock.calls[touch_id] <= due_until(clock)
