"""Which free slots a contact is offered."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby, islice
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.orchestrator.workdays import working_time
from shared.events import CalendarOffered, When

LEAD = timedelta(hours=24)  # time to answer, before the slot is too near to be booked


def choose(
    calendar: Iterable[CalendarOffered],
    contact_id: UUID,
    zones: tuple[str, ...],
    now: datetime,
    *,
    count: int,
    wish: When | None = None,
    seen: tuple[datetime, ...] = (),
) -> tuple[datetime, ...]:
    """At most `count` slots, soonest first, on different days where there are enough.

    They lie within working hours in all zones in which the contact may be, else in the first one.
    Those from the wished time on are preferred, and ones that were `seen` before are left out.
    Which slot of a day it is follows from the contact, so that not all are offered the same one.
    """
    offer = counting(calendar, now)
    free = (
        [slot for slot in offer.slots if slot >= now + LEAD and slot not in seen] if offer else []
    )
    free = [slot for slot in free if wish and slot >= wish.start] or free
    days = list(islice(_days(free, zones), count)) or list(islice(_days(free, zones[:1]), count))
    chosen = [_one_of(day, contact_id, len(seen) + n) for n, day in enumerate(days)]
    rest = (slot for day in days for slot in day if slot not in chosen)
    return tuple(sorted([*chosen, *islice(rest, count - len(chosen))]))


def counting(calendar: Iterable[CalendarOffered], now: datetime) -> CalendarOffered | None:
    """The free slots that count now: the newest that have begun to."""
    return max((o for o in calendar if o.counts_from <= now), key=_age, default=None)


def _age(offer: CalendarOffered) -> datetime:
    return offer.counts_from


def _days(slots: list[datetime], zones: tuple[str, ...]) -> Iterator[list[datetime]]:
    """The slots in working hours, day by day, as the contact's calendar has the days."""
    zone = ZoneInfo(zones[0]) if zones else ZoneInfo("UTC")
    suitable = (slot for slot in slots if working_time(slot, zones) == slot)
    for _, day in groupby(suitable, key=lambda slot: slot.astimezone(zone).date()):
        yield list(day)


def _one_of(day: list[datetime], contact_id: UUID, n: int) -> datetime:
    return day[uuid5(contact_id, f"slot/{n}").int % len(day)]
