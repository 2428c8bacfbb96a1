"""The simulated world: a clock, an agenda of what comes next, and a diary of what came.

Nothing here waits. The clock jumps to the next entry of the agenda, and two entries of one moment
keep their order, so that a world is the same each time it is made from the same seed.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from shared.events import Event
from tests.simulation.fate import Fate

START = datetime(2026, 11, 23, 7, tzinfo=UTC)  # a Monday
TELLING = (
    "plan",
    "number",
    "revision",
    "version_number",
    "channel",
    "purpose",
    "result",
    "refusal",
    "delivery",
    "intent",
    "suppression",
    "verdict",
    "code",
    "state",
    "slot",
    "why",
    "reason",
    "wake_at",
)
STEPS_MAX = 400_000  # a world that does more runs in circles


class World:
    """Where and when everything happens."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.fate = Fate(seed)
        self.now = START
        self.diary: list[tuple[datetime, str, tuple[object, ...]]] = []
        self._agenda: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._steps = 0

    def at(self, when: datetime, act: Callable[..., None], *of: Any) -> None:
        """Let this happen then, or now when that is over."""
        self._steps += 1
        heappush(self._agenda, (max(when, self.now), self._steps, act, of))

    def after(self, delay: timedelta, act: Callable[..., None], *of: Any) -> None:
        self.at(self.now + delay, act, *of)

    def run(self, until: datetime) -> None:
        """Let everything happen that is to happen by then."""
        while self._agenda and self._agenda[0][0] <= until:
            assert self._steps < STEPS_MAX, "the world runs in circles"
            self.now, _, act, of = heappop(self._agenda)
            act(*of)
        self.now = until

    def note(self, what: str, *details: object) -> None:
        """Write it into the diary."""
        self.diary.append((self.now, what, details))

    def told(self) -> list[str]:
        """The diary, a line for each entry."""
        return [f"{at:%d. %H:%M:%S.%f} {what} {_words(its)}" for at, what, its in self.diary]


def _words(details: tuple[object, ...]) -> str:
    return " ".join(_outline(one) if isinstance(one, Event) else str(one) for one in details)


def _outline(event: Event) -> str:
    """An event in a few words: what, of whom, and whatever of `TELLING` it has."""
    its = (str(getattr(event, name, None) or "") for name in TELLING)
    return " ".join([event.topic, event.subject.hex[:6], *filter(None, its)])
