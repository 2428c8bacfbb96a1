"""Stretches of time that must not overlap. Pure."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span(Generic[T]):
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime
    of: T


def overlaps(spans: Iterable[Span[T]], key: Callable[[T], Hashable]) -> Iterator[tuple[T, T]]:
    """Each span that begins before an earlier one of the same key is over, after that one."""
    open_: dict[Hashable, Span[T]] = {}
    for span in sorted(spans, key=lambda its: (its.start, its.end)):
        before = open_.get(key(span.of))
        if before and span.start < before.end:
            yield before.of, span.of
        if before is None or span.end > before.end:
            open_[key(span.of)] = span
