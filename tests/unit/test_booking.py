"""The founder's calendar, as pure functions."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from services.booking.entries import CallEntry, as_ics
from services.booking.slots import OFFER_NOTICE, Claim, WorkingHours, free_slots, winner

HOURS = WorkingHours("Europe/Vilnius", 9, 17, 30)
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
MOMENTS = st.integers(0, 700 * 24 * 60).map(lambda n: NOW + timedelta(minutes=n))


@given(MOMENTS)
def test_slots_lie_in_working_hours_on_working_days_and_not_too_soon(now: datetime) -> None:
    slots = free_slots(HOURS, (), now)
    assert slots
    assert list(slots) == sorted(slots)
    for slot in slots:
        local = slot.astimezone(ZoneInfo("Europe/Vilnius"))
        assert local.weekday() < 5
        assert 9 * 60 <= local.hour * 60 + local.minute <= 16 * 60 + 30
        assert slot >= now + OFFER_NOTICE


def test_a_taken_slot_is_not_offered() -> None:
    first = free_slots(HOURS, (), NOW)[0]
    assert first not in free_slots(HOURS, {first}, NOW)


def test_the_hours_follow_the_founders_summer_time() -> None:
    winter = free_slots(HOURS, (), datetime(2027, 3, 25, 23, tzinfo=UTC))
    opening = {
        slot.hour for slot in winter if slot.astimezone(ZoneInfo("Europe/Vilnius")).hour == 9
    }
    assert opening == {7, 6}


def test_a_slot_outside_the_hours_cannot_be_held() -> None:
    assert not HOURS.holds(NOW.replace(hour=3) + timedelta(days=1), NOW)
    assert HOURS.holds(free_slots(HOURS, (), NOW)[0], NOW)


def test_who_asked_first_wins_and_on_a_tie_the_lower_contact() -> None:
    early, late = Claim(NOW, UUID(int=9)), Claim(NOW + timedelta(seconds=1), UUID(int=1))
    assert winner([late, early]) == early
    assert winner([early, Claim(NOW, UUID(int=3))]).contact_id == UUID(int=3)


def test_a_call_is_an_entry_that_any_calendar_reads() -> None:
    entry = CallEntry(
        uid="call@rekindle", sequence=2, start=NOW, minutes=30, name="Rūta; K, Ltd",
        phone="+37061200001", crm_id="10441", lines=("one", "two, with a comma", "three"),
        stamped_at=NOW,
    )  # fmt: skip
    [event] = Calendar.from_ical(as_ics(entry)).walk("VEVENT")
    assert str(event["uid"]) == "call@rekindle"
    assert event["sequence"] == 2
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=30)
    assert "Rūta; K, Ltd" in str(event["summary"])
    for words in ("+37061200001", "10441", "two, with a comma"):
        assert words in str(event["description"])
