"""Where a process can be cut, and what becomes of what it had in hand.

A point lies on each side of a boundary at which something becomes lasting or leaves the house. With
`REKINDLE_CRASH_AT=name` in its environment a process ends there, as `kill -9` would end it. With
`REKINDLE_POINTS_FILE=path` it counts what passes in a small file that outlives it, so that whoever
kills it from outside can tell what it was in the middle of. With neither, a point costs nothing.
"""

import mmap
import os
import signal
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

# The order is frozen: a point's number is its place in the file. New ones are added at the end.
POINTS: Mapping[str, str] = {
    "reserve.before": "The reservation is rolled back; the request is due and is reserved anew.",
    "reserve.after": "The touch stays reserved and uncalled; its timer makes it unknown.",
    "call.before": "As after `reserve`: nobody knows whether it was called, so it becomes unknown.",
    "call.after": "The provider's answer is lost: unknown, until a callback or a look-up heals it.",
    "settle.before": "The settlement is rolled back; the touch becomes unknown, as without answer.",
    "settle.after": "The touch is settled and `message.sent` is in the outbox; a relay says it.",
    "outbox.before": "The decision is rolled back with its batch, which is read and decided again.",
    "outbox.after": "Rolled back with their decision; what is said again is the same event.",
    "publish.before": "The row is in the outbox and goes out with the next relay.",
    "publish.after": "The batch may be on the bus and is published again; readers know its ids.",
    "acknowledgement.before": "As after `publish`, for every topic and lane on the way.",
    "acknowledgement.after": "On the bus and not deleted: published again, known by id.",
    "delete.before": "The deletion is rolled back: published again, known by id.",
    "delete.after": "Nothing is lost; the rows are on the bus and out of the outbox.",
    "offset.before": "The whole batch is rolled back and read again from the old position.",
    "offset.after": "The batch is committed. Kafka does not know; the position counts.",
    "timer.before": "The timers are rolled back with what they caused, and fire again.",
    "timer.after": "What the timers caused is committed; they do not fire again.",
    "webhook.before": "Rolled back; whoever brought it got no answer and brings it again.",
    "webhook.after": "It is committed and unanswered; when it is brought again its id is known.",
    "answer.before": "As after `webhook`: committed, and brought again.",
    "answer.after": "Nothing is lost: committed, and whoever brought it knows.",
    "key.before": "The key is rolled back with the row that needs it; both are made anew.",
    "key.after": "A key without a row; whoever makes the row finds it.",
    "booking.before": "The slot is free, the wish is still there: its timer fires again.",
    "booking.after": "Slot and confirmation are rolled back together: the timer fires again.",
    "template.before": "The template is still wanted, and is made.",
    "template.after": "The provider has a template that nobody knows; it is made once more.",
    "import.before": "A chunk of records is rolled back; the same import goes on with it.",
    "import.after": "The chunk is stored and said; the same import finds it unchanged.",
}
NUMBERS = {name: number for number, name in enumerate(POINTS, start=1)}
SLOT_BYTES = 8  # the first slot has the number of the last point, each other one a count


def _nothing() -> "array[int]":
    return array("Q", [0] * (len(POINTS) + 1))


@dataclass
class _Watch:
    """What this process does at its points."""

    on: bool = False
    ends_at: str = ""
    slots: memoryview = field(default_factory=lambda: memoryview(_nothing()))
    lock: Lock = field(default_factory=Lock)

    def passed(self, name: str, times: int) -> None:
        number = NUMBERS[name]
        with self.lock:  # threads pass points too
            self.slots[number] += times
            self.slots[0] = number
        if name == self.ends_at:
            os.kill(os.getpid(), signal.SIGKILL)


_WATCH = _Watch()


def point(name: str, times: int = 1) -> None:
    """So many things pass this boundary at once; nothing passes it when there are none."""
    if _WATCH.on and times:
        _WATCH.passed(name, times)


def watch(environ: Mapping[str, str]) -> None:
    """Do from now on what the environment asks for.

    Raises ValueError, a sentence with every name, when it names a point that does not exist.
    """
    ends_at, file = environ.get("REKINDLE_CRASH_AT", ""), environ.get("REKINDLE_POINTS_FILE", "")
    if ends_at and ends_at not in POINTS:
        names = ", ".join(POINTS)
        raise ValueError(f"REKINDLE_CRASH_AT={ends_at!r} names no point; there are: {names}.")
    _WATCH.ends_at, _WATCH.on = ends_at, bool(ends_at or file)
    if file:
        _WATCH.slots = _mapped(Path(file))


@dataclass(frozen=True, slots=True)
class Passed:
    """What one process passed since it started."""

    last: str  # empty when it passed nothing
    counts: Mapping[str, int]

    @property
    def open_touches(self) -> int:
        """Touches that were reserved and not settled: their calls hung in the air."""
        return self.counts["reserve.after"] - self.counts["settle.after"]


def read_points(path: Path) -> Passed:
    """What a process, dead or alive, wrote into its file. One that wrote none passed nothing."""
    slots = array("Q", path.read_bytes() if path.exists() else b"") or _nothing()
    counts = {name: slots[number] for name, number in NUMBERS.items()}
    last = next((name for name, number in NUMBERS.items() if number == slots[0]), "")
    return Passed(last, counts)


def _mapped(path: Path) -> memoryview:
    """The slots in a file of this process's own: the kernel keeps them when the process dies."""
    path.write_bytes(_nothing().tobytes())
    with path.open("r+b") as file:
        return memoryview(mmap.mmap(file.fileno(), 0)).cast("Q")
