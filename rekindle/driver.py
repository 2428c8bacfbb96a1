"""Moves the stepped clock from hour to hour, and asks everyone whether they are idle.

A step has two halves: first the sandbox acts until all is idle, then timers and senders act until
all is idle. Idle is asked, not guessed: everyone must say so twice in a row. Hours in which nothing
is due are skipped; a promised moment gets a step of its own, and so does the deadline of a call
that hangs: until then nobody waits for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rekindle.sandboxed import SandboxClient
from shared.clock import SteppedClock, elapsed_seconds
from shared.service import Service

STUCK_SECONDS_MAX = 60.0
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.004, 0.03
HOUR = timedelta(hours=1)
AFTERMATH = timedelta(minutes=15)  # longer than a call and all look-ups after it
# Whose timers are promises to people: the clock stops at exactly their moment.
PROMISING = frozenset({"orchestrator"})


Ask = tuple[str, Callable[[], Awaitable[str]]]


class StuckError(RuntimeError):
    """Somebody does not come to rest; the sentence says who, and with what."""


@dataclass
class Driver:
    """Drives these services and the sandbox, when there is one."""

    clock: SteppedClock
    services: Sequence[Service]
    sandbox: SandboxClient | None = None
    _asks: list[Ask] = field(default_factory=list)

    def __post_init__(self) -> None:
        for service in self.services:
            for member in service.members:
                self._asks.append((member.lanes.group, member.busy))
            for loop in service.loops:
                self._asks.append((f"{service.name} {type(loop).__name__}", loop.busy))
        if self.sandbox:
            self._asks.append(("sandbox", self._ask_sandbox))

    async def step(self, moment: datetime) -> None:
        """Move to this moment and let everything happen that is due by then."""
        self.clock.move_to(moment)
        if self.sandbox:
            await self.sandbox.move_to(moment)
            await self.until_idle()
        self.clock.act()
        self.nudge()
        await self.until_idle()

    async def play_out(self) -> None:
        """A few more steps, until no call hangs and nothing is to be looked up that was unknown."""
        end = self.clock.now + AFTERMATH
        while (due := await self._loops_due()) and due <= end:
            await self.step(due)

    async def _loops_due(self) -> datetime | None:
        """The next moment after this one at which a call ends or a loop has something to do."""
        loops = [loop for service in self.services for loop in service.loops]
        dues = [*self.clock.calls.values(), *[await loop.next_due() for loop in loops]]
        return min((due for due in dues if due and due > self.clock.now), default=None)

    def nudge(self) -> None:
        for service in self.services:
            for one in (*service.members, *service.loops):
                one.nudge()

    async def until_idle(self) -> None:
        """Returns when everyone said twice in a row that there is nothing left to do.

        Whoever was busy last is asked first: asking all of them is for when it has come to rest.
        """
        end = elapsed_seconds() + STUCK_SECONDS_MAX
        quiet, last, pause = 0, self._asks[0], PAUSE_SECONDS
        while quiet < 2:  # noqa: PLR2004  once may be between two hands
            busy = await self._busy(last)
            if busy is None:
                quiet, pause = quiet + 1, PAUSE_SECONDS
                continue
            quiet, (last, answer) = 0, busy
            if self.sandbox and pause == PAUSE_SECONDS_MAX:  # it may be full of calls that hang
                await self._ask_sandbox()
            if elapsed_seconds() > end:
                sentence = f"Nothing moves any more: {last[0]} says “{answer}”."
                raise StuckError(sentence)
            await asyncio.sleep(pause)
            pause = min(2 * pause, PAUSE_SECONDS_MAX)

    async def next_moment(self) -> datetime | None:
        """When the next step is due: a full hour, or sooner where a promise falls before it."""
        moments = [self.sandbox and await self.sandbox.next_due()]
        promises: list[datetime] = [*self.clock.calls.values()]
        for service in self.services:
            dues = [await one.next_due() for one in (*service.members, *service.loops)]
            (promises if service.name in PROMISING else moments).extend(filter(None, dues))
        hours = [full_hour(moment) for moment in moments if moment]
        return min((max(one, self.clock.now) for one in (*hours, *promises)), default=None)

    async def _ask_sandbox(self) -> str:
        """What it is busy with. Whoever has a call there hears when it hangs."""
        assert self.sandbox
        idle = await self.sandbox.idle()
        if set(idle.hanging) != set(self.clock.hanging):
            self.clock.hanging = idle.hanging
            self.nudge()
        return idle.busy

    async def _busy(self, first: Ask) -> tuple[Ask, str] | None:
        """Who is busy, and with what; None when nobody is."""
        if answer := await first[1]():
            return first, answer
        answers = await asyncio.gather(*(ask() for _, ask in self._asks))
        found = zip(self._asks, answers, strict=True)
        return next(((ask, answer) for ask, answer in found if answer), None)


def full_hour(moment: datetime) -> datetime:
    """The first full hour that is not before this moment."""
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if whole == moment else whole + HOUR
