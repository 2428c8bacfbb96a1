"""The sender of one channel: reserve, call, settle; each in its own time.

Each turn settles what came back and reserves as many touches as there are free calls. A touch is
called only while its reservation is fresh. What is reserved when the process is told to stop is
still said, and settled after a moment, as unknown where the provider has not answered by then; what
is reserved when it is killed becomes unknown by its timer.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from services.channels.adapters.base import Accepted, Adapter, Answer, Unknown
from services.channels.calls import Calls
from services.channels.edges import Edge
from services.channels.queueing import not_in_hand
from services.channels.settling import Called, settle
from services.channels.store import REQUEST
from services.channels.taking import Reserved, Taking
from services.channels.touching import Late
from shared.bus.faults import described, is_temporary
from shared.clock import elapsed_seconds, wall_ns
from shared.crash import point
from shared.telemetry.metrics import CALL
from shared.telemetry.spans import Span, emit, samples, span_of

log = logging.getLogger(__name__)

CALLS_MAX = 8  # open at once, and so many at most stay unknown when the process is killed
GOODBYE_SECONDS_MAX = 2.0  # longer than the open calls are waited for
LATE_SECONDS = 1.0
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.002, 1.0


@dataclass(eq=False)
class Sender:
    """Sends what is due on one channel, `CALLS_MAX` messages at a time."""

    edge: Edge
    taking: Taking
    adapter: Adapter
    _calls: Calls = field(init=False)
    _called: list[Called] = field(default_factory=list)
    _turning: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stopping: bool = False
    _pause: float = PAUSE_SECONDS
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None

    def __post_init__(self) -> None:
        self._calls = Calls(self.edge.clock)

    async def run(self) -> None:
        """Work until cancelled; then end what was begun."""
        self._loop = asyncio.get_running_loop()
        work = asyncio.create_task(self._work())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            self._stopping = True
            self._calls.hurry()
            self.nudge()
            with suppress(TimeoutError):
                async with asyncio.timeout(GOODBYE_SECONDS_MAX):
                    await work
            raise
        finally:
            await self.adapter.close()

    def nudge(self) -> None:
        """Look again now."""
        self._pause = PAUSE_SECONDS
        self._woken.set()

    def expect(self) -> None:
        """A request was heard and is about to be committed, in some thread of this process.

        Nobody tells when; so the pauses between looks start short again.
        """
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.nudge)

    async def busy(self) -> str:
        async with self._turning:  # between two turns nothing is between two hands
            if waited_for := self._calls.waited_for + len(self._called):
                return f"{self.taking.channel}: {waited_for} open calls"
            due = await asyncio.to_thread(self._first_due)
        if due and due <= self.edge.due_until():
            return f"{self.taking.channel}: requests due"
        return ""

    async def next_due(self) -> datetime | None:
        return await asyncio.to_thread(self._first_due)

    def _first_due(self) -> datetime | None:
        c = REQUEST.c
        ask = sa.select(sa.func.min(c.due_at)).where(c.channel == self.taking.channel)
        with self.edge.engine.connect() as tx:
            due: datetime | None = tx.scalar(ask.where(not_in_hand()))
        return due

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as calls:
            while not self._stopping or self._calls or self._called:
                self._woken.clear()
                async with self._turning:
                    worked = await self._turn(calls)
                if worked:
                    self._pause = PAUSE_SECONDS
                    continue
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pause):
                        await self._woken.wait()
                self._pause = min(2 * self._pause, PAUSE_SECONDS_MAX)

    async def _turn(self, calls: asyncio.TaskGroup) -> bool:
        """Whether there was anything to do. A failure of the database costs a pause."""
        self._calls.give_up_overdue()
        try:
            called = list(self._called)
            if called:
                await asyncio.to_thread(self._settle, called)
                del self._called[: len(called)]
            reserved, committing = await asyncio.to_thread(self._reserve)
            for one in reserved:
                self._calls.add(one.outgoing.touch_id)
                calls.create_task(self._say(one, committing))
        except Exception as error:
            if not is_temporary(error):
                raise
            log.warning("%s waits: %s", self.taking.channel, described(error))
            return False
        return bool(called or reserved)

    def _reserve(self) -> tuple[list[Reserved], float]:
        """What may be called, and when at the earliest it was committed."""
        free = 0 if self._stopping else CALLS_MAX - self._calls.waited_for - len(self._called)
        if free <= 0:
            return [], 0.0

        def work(tx: sa.Connection) -> tuple[list[Reserved], float]:
            reserved = self.taking.reserve(tx, free)
            point("reserve.before", len(reserved))
            return reserved, elapsed_seconds()

        reserved, committing = self.edge.transact(work)
        point("reserve.after", len(reserved))
        return reserved, committing

    def _settle(self, called: list[Called]) -> None:
        def work(tx: sa.Connection) -> None:
            settle(tx, called, self.edge.now())
            point("settle.before", len(called))

        self.edge.transact(work)
        point("settle.after", len(called))

    async def _say(self, one: Reserved, committing: float) -> None:
        """Make the call, if it is not too late; whatever comes of it is to be settled.

        On the stepped clock nobody speaks between a reservation and its call, however long the
        machine takes, and what is decided must not depend on that.
        """
        began, called = wall_ns(), elapsed_seconds()
        late = called - committing > LATE_SECONDS
        answer = Late() if late and not self.edge.stepped else await self._call(one)
        name = type(answer).__name__.lower()
        CALL.labels(one.outgoing.channel, name).observe(elapsed_seconds() - called)
        if samples(one.contact_id):
            emit(_as_span(one, answer, began))
        self._calls.remove(one.outgoing.touch_id)
        self._called.append(Called(one, answer))
        self._woken.set()

    async def _call(self, one: Reserved) -> Answer:
        try:
            async with self._calls.limited(one.outgoing.touch_id):
                point("call.before")
                answer = await self.adapter.send(one.outgoing)
                point("call.after")
                return answer
        except TimeoutError:
            return Unknown("no answer in time")
        except Exception as error:  # noqa: BLE001  whatever it is, the message may have left
            log.warning("%s: a call ended in %s", self.taking.channel, described(error))
            return Unknown(described(error))


def _as_span(one: Reserved, answer: Answer | Late, began: int) -> Span:
    """The call as part of its request's trace; where it was accepted, with the provider's id."""
    accepted = {"rekindle.provider_id": answer.provider_id} if isinstance(answer, Accepted) else {}
    return Span(
        service="channels",
        name=f"call {one.outgoing.channel}",
        kind="client",
        trace=one.contact_id.int,
        id=span_of(one.outgoing.touch_id),
        parent=span_of(one.request_id),
        began=began,
        attributes={"rekindle.answer": type(answer).__name__.lower(), **accepted},
    )
