"""Slots on the founder's calendar: offered, asked for, settled."""

from datetime import datetime
from uuid import UUID

from shared.events.base import Event
from shared.privacy.sealed import Sealed
from shared.words import BookingState


class CalendarOffered(Event, topic="calendar.offered", about="workspace"):
    """The founder's free slots, soonest first. They count from `counts_from` on."""

    slots: tuple[datetime, ...]
    minutes: int
    counts_from: datetime


class BookingRequested(Event, topic="booking.requested"):
    """A slot is asked for, or (`slot` is None) the booked call is given up."""

    plan: int
    slot: datetime | None
    asked_at: datetime
    summary: Sealed[tuple[str, str, str]] | None = None


class BookingSettled(Event, topic="booking.settled"):
    """What became of it. `uid` stays the same for all that happens to one contact's call."""

    plan: int
    state: BookingState
    slot: datetime | None
    uid: str
    sequence: int
    booking_id: UUID
