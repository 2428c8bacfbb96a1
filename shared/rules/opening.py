"""When a touch may leave: hours and days in every possible zone, and caps in sliding windows.

Every answer is found forwards: a moment is turned into local time and looked up there, so that
clocks that jump, and days that a country skips, need no rule of their own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from shared.rules.faults import AS_WEEKDAY, OWN_HOURS, RECIPIENT
from shared.rules.reading import MINUTES
from shared.rules.rows import Cap, Names, Spans, Window

Holidays = Mapping[str, frozenset[date]]
Counted = tuple[Cap, Sequence[datetime]]
Span = tuple[datetime, datetime]  # from the first moment up to, not including, the last
HORIZON = timedelta(days=400)  # whatever is not open within it is never open
STEPS_MOST = 10_000
MOMENTS_MOST = 64  # remembered, before all are forgotten
A_MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)
V = TypeVar("V")


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """Windows, each with the zones in which it must be open."""

    places: tuple[tuple[Window, ZoneInfo], ...]
    holidays: Holidays
    shut: dict[datetime, Names] = field(default_factory=dict)
    open_from: dict[datetime, datetime | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls, windows: Iterable[Window], zones: Sequence[ZoneInfo], holidays: Holidays
    ) -> "Hours":
        """A window counts the person's time unless its law prescribes a zone."""
        return cls(
            tuple(
                (window, zone)
                for window in windows
                for zone in (
                    zones if window.timezone == RECIPIENT else (ZoneInfo(window.timezone),)
                )
            ),
            holidays,
        )

    def closed(self, at: datetime) -> Names:
        """The windows that are closed at a moment in one of their zones."""
        known = self.shut.get(at)
        if known is None:
            shut = (its.id for its, zone in self.places if not self._open(its, zone, at))
            known = remember(self.shut, at, tuple(dict.fromkeys(shut)))
        return known

    def opens(self, at: datetime) -> datetime | None:
        """The first moment from `at` on at which all are open; None when there is none."""
        if at not in self.open_from:
            remember(self.open_from, at, self._opens(at))
        return self.open_from[at]

    def _opens(self, at: datetime) -> datetime | None:
        moment = at
        while moment <= at + HORIZON:
            shut = next((its for its in self.places if not self._open(*its, moment)), None)
            if shut is None:
                return moment
            later = self._next_opening(*shut, moment)
            if later is None:
                return None
            moment = later
        return None

    def _open(self, window: Window, zone: ZoneInfo, at: datetime) -> bool:
        local = at.astimezone(zone)
        minute = local.hour * MINUTES + local.minute
        return any(first <= minute < last for first, last in self._spans(window, local.date()))

    def _spans(self, window: Window, day: date) -> Spans:
        holidays = self.holidays.get(window.holiday_calendar, ())
        if window.holiday_rule == AS_WEEKDAY or day not in holidays:
            return window.week[day.weekday()]
        return window.holiday if window.holiday_rule == OWN_HOURS else ()

    def _next_opening(self, window: Window, zone: ZoneInfo, at: datetime) -> datetime | None:
        """The first moment after `at` at which this window is open in this zone."""
        day = at.astimezone(zone).date()
        for ahead in range(HORIZON.days):
            moments = [
                moment
                for moment in self._starts(window, zone, day + ahead * A_DAY)
                if moment > at
                and moment.astimezone(zone).date() == day + ahead * A_DAY
                and self._open(window, zone, moment)
            ]
            if moments:
                return min(moments)
        return None

    def _starts(self, window: Window, zone: ZoneInfo, day: date) -> Iterator[datetime]:
        """When hours may begin on a local day: as written, twice told, or as the clock jumps."""
        for first, _ in self._spans(window, day):
            local = datetime.combine(day, time(*divmod(first, MINUTES)), zone)
            yield local.astimezone(UTC)
            yield local.replace(fold=1).astimezone(UTC)
        midnight = datetime.combine(day, time(), zone).astimezone(UTC)
        around = timedelta(hours=2)  # a clock may jump at midnight itself
        yield from _jumps(zone, midnight - around, midnight + A_DAY + around)


def _jumps(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The minute at which the clock of a zone jumps between two moments, if it does."""
    before = first.astimezone(zone).utcoffset()
    if before == last.astimezone(zone).utcoffset():
        return
    while last - first > A_MINUTE:
        middle = first + (last - first) // 2 // A_MINUTE * A_MINUTE
        if middle.astimezone(zone).utcoffset() == before:
            first = middle
        else:
            last = middle
    yield last


def cap_opens(cap: Cap, moments: Sequence[datetime], at: datetime) -> datetime:
    """When a cap no longer stands in the way, from `at` on, as far as is known now.

    `moments` are those that count against it, earliest first.
    """
    if len(moments) < cap.max:
        return at
    since = at - cap.span
    within = [one for one in moments if since < one <= at]
    return at if len(within) < cap.max else within[-cap.max] + cap.span


def first_moment(
    at: datetime, hours: Hours, caps: Sequence[Counted], free: Sequence[Span]
) -> datetime | None:
    """The first minute from `at` on at which hours and caps are open, or do not apply.

    Within a span of `free` neither applies. None when there is no such minute within the horizon.
    """
    moment = whole_minute(at)
    for _ in range(STEPS_MOST):
        if any(first <= moment < last for first, last in free):
            return moment
        open_at = hours.opens(moment)
        later = (
            None if open_at is None else max([open_at, *(cap_opens(*its, moment) for its in caps)])
        )
        freed = [first for first, _ in free if first > moment and (later is None or first < later)]
        if freed:
            later = min(freed)
        if later is None or later == moment:
            return later
        moment = whole_minute(later)
    return None


def whole_minute(moment: datetime) -> datetime:
    """The moment, or the next whole minute after it."""
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + A_MINUTE


def remember(known: dict[datetime, V], at: datetime, value: V) -> V:
    """Keep an answer for a moment; a few moments are asked for again and again."""
    if len(known) >= MOMENTS_MOST:
        known.clear()
    known[at] = value
    return value
