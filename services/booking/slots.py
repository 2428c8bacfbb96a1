"""When the founder can be called, and who gets a slot that several want. Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

DAYS_AHEAD = 14
SLOTS_MAX = 200
OFFER_NOTICE = timedelta(hours=4)  # a slot sooner than this is not offered
BOOK_NOTICE = timedelta(hours=1)  # one that was offered earlier can be booked up to this
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The founder's working hours, Monday to Friday, in the founder's zone."""

    zone: str
    opens_hour: int
    closes_hour: int
    call_minutes: int

    def slots_from(self, now: datetime, notice: timedelta) -> Iterator[datetime]:
        """The starts of all calls that fit into the coming days, in UTC, soonest first."""
        zone = ZoneInfo(self.zone)
        first = now.astimezone(zone).date()
        for day in (first + timedelta(days=n) for n in range(DAYS_AHEAD)):
            if day.weekday() >= SATURDAY:
                continue
            for minutes in range(
                self.opens_hour * 60,
                self.closes_hour * 60 - self.call_minutes + 1,
                self.call_minutes,
            ):
                local = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
                if local >= now + notice:
                    yield local.astimezone(UTC)

    def holds(self, slot: datetime, now: datetime) -> bool:
        """Whether this slot can still be booked at all."""
        return slot in set(self.slots_from(now, BOOK_NOTICE))


def free_slots(
    hours: WorkingHours, taken: Collection[datetime], now: datetime
) -> tuple[datetime, ...]:
    """The slots that nobody has, soonest first, at most SLOTS_MAX."""
    gone = set(taken)
    free = (slot for slot in hours.slots_from(now, OFFER_NOTICE) if slot not in gone)
    return tuple(slot for slot, _ in zip(free, range(SLOTS_MAX), strict=False))


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """Who wants a slot: the order is who asked first, and on a tie the lower id."""

    asked_at: datetime
    contact_id: UUID


def winner(claims: Iterable[Claim]) -> Claim:
    """Whose slot it is. There is at least one claim."""
    return min(claims)
