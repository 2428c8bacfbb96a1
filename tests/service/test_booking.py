"""Booking on a real database: contests, moves, cancellations."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.booking.handlers import Calendar
from services.booking.slots import WorkingHours, free_slots
from services.booking.store import METADATA, booked_calls
from shared.bus import make_engine
from shared.events import (
    BookingRequested,
    BookingSettled,
    CalendarOffered,
    Event,
    WakeAt,
    Woke,
)
from shared.words import BookingState
from tests.examples import CAMPAIGN, NOW, SUMMARY, WORKSPACE, a_campaign, a_contact_triaged

HOURS = WorkingHours("Europe/Vilnius", 9, 17, 30)
SLOTS = free_slots(HOURS, (), NOW)
ANN, BEN = UUID(int=1), UUID(int=2)


class Desk:
    """Booking's handler, asked event by event; timers fire when they are due."""

    def __init__(self, engine) -> None:
        self.engine = engine
        self.calendar = Calendar(HOURS)
        self.timers: list[WakeAt] = []

    def hear(self, event: Event, now: datetime = NOW) -> list[Event]:
        with self.engine.begin() as tx:
            [(_, outputs)] = self.calendar(tx, [event], now)
        self.timers += [one for one in outputs if isinstance(one, WakeAt)]
        return [one for one in outputs if isinstance(one, Event)]

    def ask(
        self, who: UUID, slot: datetime | None, plan: int = 1, at: datetime = NOW
    ) -> list[Event]:
        return self.hear(
            BookingRequested(
                subject=who, workspace_id=WORKSPACE, campaign_id=CAMPAIGN, plan=plan, slot=slot,
                asked_at=at, summary=SUMMARY,
            )
        )  # fmt: skip

    def settle(self) -> list[BookingSettled]:
        """Fire the contacts' timers, in whatever order they lie there."""
        due, self.timers = self.timers, []
        said = [
            event
            for timer in due
            if timer.contact_id != WORKSPACE
            for event in self.hear(
                Woke(subject=timer.contact_id, workspace_id=WORKSPACE, plan=timer.plan), timer.at
            )
        ]
        return [event for event in said if isinstance(event, BookingSettled)]


@pytest.fixture
def desk(database):
    engine = make_engine(database("booking", METADATA))
    desk = Desk(engine)
    for who in (ANN, BEN):
        desk.hear(a_contact_triaged(subject=who))
    yield desk
    engine.dispose()


def states(settled: list[BookingSettled]) -> dict[UUID, BookingState]:
    return {event.subject: event.state for event in settled}


@pytest.mark.parametrize("order", [(ANN, BEN), (BEN, ANN)])
def test_of_two_who_want_a_slot_in_one_step_the_lower_id_is_booked(desk, order) -> None:
    for who in order:
        desk.ask(who, SLOTS[0])
    assert states(desk.settle()) == {ANN: BookingState.CONFIRMED, BEN: BookingState.TAKEN}


def test_who_asked_first_is_booked_though_heard_last(desk) -> None:
    desk.ask(ANN, SLOTS[0], at=NOW + timedelta(seconds=1))
    desk.ask(BEN, SLOTS[0], at=NOW)
    assert states(desk.settle()) == {ANN: BookingState.TAKEN, BEN: BookingState.CONFIRMED}


def test_a_booked_slot_is_taken_for_whoever_comes_later(desk) -> None:
    desk.ask(BEN, SLOTS[0])
    desk.settle()
    desk.ask(ANN, SLOTS[0])
    assert states(desk.settle()) == {ANN: BookingState.TAKEN}


def test_a_moved_call_keeps_its_uid_and_frees_its_slot(desk) -> None:
    desk.ask(ANN, SLOTS[0])
    [first] = desk.settle()
    desk.ask(ANN, SLOTS[1], plan=2)
    [moved] = desk.settle()
    assert (moved.state, moved.uid, moved.sequence) == (BookingState.MOVED, first.uid, 1)
    desk.ask(BEN, SLOTS[0])
    assert states(desk.settle()) == {BEN: BookingState.CONFIRMED}


def test_a_cancelled_call_is_off_the_calendar_and_its_slot_is_offered_again(desk) -> None:
    desk.ask(ANN, SLOTS[0])
    desk.settle()
    cancelled, offered = desk.ask(ANN, None, plan=2)
    assert isinstance(cancelled, BookingSettled)
    assert cancelled.state is BookingState.CANCELLED
    assert isinstance(offered, CalendarOffered)
    assert SLOTS[0] in offered.slots
    with desk.engine.connect() as tx:
        assert booked_calls(tx, WORKSPACE) == []


def test_giving_up_a_call_that_is_not_there_says_nothing(desk) -> None:
    assert desk.ask(ANN, None) == []


def test_giving_up_ends_a_wish_that_is_not_settled_yet(desk) -> None:
    desk.ask(ANN, SLOTS[0], plan=1)
    desk.ask(ANN, None, plan=2)
    assert desk.settle() == []


def test_a_time_outside_the_founders_hours_is_never_booked(desk) -> None:
    desk.ask(ANN, SLOTS[0].replace(hour=2))
    assert states(desk.settle()) == {ANN: BookingState.TAKEN}


def test_the_calendar_is_offered_when_the_first_campaign_appears_and_not_again(desk) -> None:
    assert [type(event) for event in desk.hear(a_campaign())] == [CalendarOffered]
    assert desk.hear(a_campaign(version_number=2)) == []


def test_an_older_plan_settles_nothing(desk) -> None:
    desk.ask(ANN, SLOTS[0], plan=1)
    desk.ask(ANN, SLOTS[1], plan=2)
    [settled] = desk.settle()
    assert settled.slot == SLOTS[1]
