"""The only module that reads a clock. Everyone else takes `now` as an argument.

Three clocks, all callables that return an aware moment in UTC: the wall, a stepped one that a
driver moves by hand, and a scaled one that several processes share without talking.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, time_ns
from uuid import UUID

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def wall_ns() -> int:
    """Nanoseconds since 1970 on the wall's clock, whatever clock a process works by."""
    return time_ns()


def elapsed_seconds() -> float:
    """Seconds on a clock that only runs forward, for limits and measurements."""
    return monotonic()


@dataclass
class SteppedClock:
    """Stands still until it is moved; it never goes back.

    A step has two halves. In the first the world speaks: `now` is the new moment, but nothing of
    ours is due that was not before. In the second our timers and senders act.

    A call to a provider that hangs is on its way from one step to another, so the clock knows of
    it: `calls` are those of senders, by touch, each with its deadline, a moment at which the clock
    shall stop; `hanging` are those of which the world says that it will not answer.
    """

    now: datetime
    due: datetime | None = None
    calls: dict[UUID, datetime] = field(default_factory=dict)
    hanging: Collection[UUID] = ()

    def __call__(self) -> datetime:
        return self.now

    def move_to(self, moment: datetime) -> None:
        """The first half of a step."""
        self.due = self.now if self.due is None else self.due
        self.now = max(self.now, moment)

    def act(self) -> None:
        """The second half."""
        self.due = self.now


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """Runs `factor` times as fast as the wall, from `start` at the wall's moment `began`."""

    start: datetime
    factor: float
    began: datetime

    def __call__(self) -> datetime:
        return self.start + (utc_now() - self.began) * self.factor


def speed_of(clock: Clock) -> float:
    """Seconds of this clock in a second of the wall."""
    return clock.factor if isinstance(clock, ScaledClock) else 1.0


def due_until(clock: Clock) -> datetime:
    """What was to happen by this moment is due: `now`, but for the first half of a step."""
    if isinstance(clock, SteppedClock) and clock.due is not None:
        return clock.due
    return clock()


def clock_from(text: str) -> Clock:
    """The clock that a setting names: `wall`, or `scaled:START@FACTOR@BEGAN` (ISO 8601 moments).

    Raises ValueError with a sentence when the text is neither.
    """
    if text == "wall":
        return utc_now
    kind, _, rest = text.partition(":")
    try:
        start, factor, began = rest.split("@")
        if kind == "scaled":
            return ScaledClock(_moment(start), float(factor), _moment(began))
    except ValueError:
        pass
    sentence = f"CLOCK={text!r} is not a clock: write wall, or scaled:START@FACTOR@BEGAN."
    raise ValueError(sentence)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
