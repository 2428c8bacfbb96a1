"""Processes: several loops that live and die together, and remember nothing of a former life.

A loop is a generator. Each time it yields it has reached a boundary, where chance may let time
pass, stop the whole process for a while, or end it; what only the loop knew is lost then. What is
done between two boundaries is one transaction: it happens as a whole or not at all.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.simulation.world import World


class Bell:
    """What sleeping loops listen for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sleepers: dict[int, tuple[Process, Loop, int]] = {}
        self._count = 0

    def ring(self) -> None:
        """Wake all who sleep now."""
        sleepers, self._sleepers = self._sleepers, {}
        for process, loop, life in sleepers.values():
            self._world.after(self._world.fate.pause(), process.go_on, loop, life)

    def await_ring(
        self, process: "Process", loop: "Loop", life: int, until: datetime | None
    ) -> None:
        self._count += 1
        self._sleepers[self._count] = (process, loop, life)
        if until is not None:
            self._world.at(until, self._oversleep, self._count)

    def _oversleep(self, sleeper: int) -> None:
        if woken := self._sleepers.pop(sleeper, None):
            process, loop, life = woken
            process.go_on(loop, life)


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do before the bell rings, or that moment comes."""

    bell: Bell
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """At this boundary exactly so much time passes."""

    boundary: str
    delay: timedelta


Loop = Iterator[str | Rest | Wait]


class Process:
    """One process. `loops` are begun anew in each life."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.loops: Sequence[Callable[[], Loop]] = ()
        self.life, self.alive = 0, False
        self._frozen_until = world.now

    def start(self) -> None:
        if not self.alive:
            self.alive, self.life = True, self.life + 1
            for loop in self.loops:
                self.run(loop())

    def run(self, loop: Loop) -> None:
        """Begin one more loop in this life."""
        self.world.after(self.world.fate.pause(), self.go_on, loop, self.life)

    def go_on(self, loop: Loop, life: int) -> None:
        """Up to the loop's next boundary, if the process still lives the life it was begun in."""
        if life != self.life or not self.alive:
            return
        if self.world.now < self._frozen_until:
            self.world.at(self._frozen_until, self.go_on, loop, life)
            return
        match next(loop, None):
            case None:
                return
            case Rest(bell=bell, until=until):
                bell.await_ring(self, loop, life, until)
            case Wait(boundary=boundary, delay=delay):
                self._pass(boundary, delay, loop)
            case boundary:
                self._pass(boundary, self.world.fate.pause(), loop)

    def crash(self, where: str, downtime: timedelta) -> None:
        """All that the process had in hand is gone; another life begins later."""
        if self.alive:
            self.alive = False
            self.world.note("dies", self.name, where)
            self.world.after(downtime, self.start)

    def _pass(self, boundary: str, delay: timedelta, loop: Loop) -> None:
        fate = self.world.fate
        if fate.happens(fate.crashes):
            self.crash(boundary, fate.downtime())
            return
        if fate.happens(fate.freezes):
            self._frozen_until = self.world.now + fate.freeze()
            self.world.note("stops", self.name, boundary)
        self.world.after(delay, self.go_on, loop, self.life)
