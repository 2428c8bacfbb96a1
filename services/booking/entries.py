"""A booked call as an iCalendar entry (RFC 5545). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event


@dataclass(frozen=True, slots=True)
class CallEntry:
    """What the founder needs to take the call."""

    uid: str
    sequence: int
    start: datetime
    minutes: int
    name: str
    phone: str
    crm_id: str
    lines: tuple[str, ...]  # why they are hot, three lines
    stamped_at: datetime


def as_ics(entry: CallEntry) -> bytes:
    """One calendar with one entry."""
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamped_at)
    event.add("dtstart", entry.start)
    event.add("dtend", entry.start + timedelta(minutes=entry.minutes))
    event.add("summary", f"Call with {entry.name or 'a customer'}")
    facts = (f"Phone: {entry.phone}", f"CRM id: {entry.crm_id}")
    event.add("description", "\n".join((*facts, *entry.lines)))
    calendar = Calendar()
    calendar.add("prodid", "-//Rekindle//Calls//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
