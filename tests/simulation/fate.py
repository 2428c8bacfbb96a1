"""All that chance decides, out of one number.

A world first gets its temperament: one crashes at every turn, another has a reader that lags for
minutes, a third a provider that lies. So rare accidents meet one another often enough, and what a
calm world would hide is not hidden by noise either.
"""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import TypeVar

T = TypeVar("T")
NOTHING = timedelta(0)
BLINK = 0.004  # seconds: what usually passes between two steps of a process
# How far a reader usually is behind a topic, in seconds.
QUICK, SLOW = (0.005, 0.2, 2.0), (20.0, 60.0, 180.0)


class Fate:
    """One world's luck. `calm` ends all accidents, so that what is left to do gets done."""

    def __init__(self, seed: int) -> None:
        self.calm = False
        self._chance = chance = Random(seed)
        self.crashes = chance.choice((0.0, 0.002, 0.01, 0.03))  # at each step of a process
        self.freezes = chance.choice((0.0, 0.0, 0.002, 0.01))
        self.stutters = chance.choice((0.0, 0.01, 0.1))  # a step that takes seconds
        self.repeats = chance.choice((0.0, 0.02, 0.2))  # of what somebody says once
        self.hangs = chance.choice((0.0, 0.05, 0.3))  # of provider calls
        self.refusals = chance.choice((0.0, 0.03, 0.1))
        self.busy = chance.choice((0.0, 0.05, 0.3))  # told to come again
        self.loses = chance.choice((0.0, 0.1, 0.5))  # callbacks
        self.whims = chance.choice((0.0, 0.3, 0.9))  # of customers, each message
        self.haste = chance.choice((1, 50))  # of customers with their first answer
        self.slowness = chance.choice((0.0, 0.15, 0.5))  # of readers
        self._lags: dict[tuple[str, str], float] = {}

    # -- draws

    def happens(self, chance: float) -> bool:
        """Whether an accident of this chance happens now."""
        return not self.calm and self._chance.random() < chance

    def one_of(self, options: Sequence[T]) -> T:
        return self._chance.choice(options)

    def some(self, most: int) -> int:
        """A number from 1 on, more often a small one."""
        return 1 + int(most * self._chance.random() ** 3)

    def within(self, shortest: timedelta, longest: timedelta) -> timedelta:
        """Anything between the two, as likely below their geometric mean as above it."""
        low, high = shortest.total_seconds(), longest.total_seconds()
        return timedelta(seconds=low * (high / low) ** self._chance.random())

    # -- times

    def pause(self) -> timedelta:
        """Between two steps of a process."""
        seconds = self._chance.expovariate(1 / BLINK)
        if self.happens(self.stutters):
            seconds += self._chance.uniform(0.3, 4.0)
        return timedelta(seconds=seconds)

    def lag(self, group: str, topic: str) -> timedelta:
        """Between the bus and a reader: each has its own habit with each topic."""
        if self.calm:
            return timedelta(seconds=BLINK)
        if (group, topic) not in self._lags:
            habits = SLOW if self.happens(self.slowness) else QUICK
            self._lags[group, topic] = self._chance.choice(habits)
        return timedelta(seconds=self._chance.expovariate(1 / self._lags[group, topic]))

    def freeze(self) -> timedelta:
        """How long a stopped process lies still."""
        return self.within(timedelta(seconds=1), timedelta(minutes=3))

    def downtime(self) -> timedelta:
        """How long a dead process stays dead."""
        if self.calm:
            return timedelta(seconds=1)
        longest = timedelta(hours=9) if self.happens(0.01) else timedelta(minutes=1)
        return self.within(timedelta(seconds=0.3), longest)
