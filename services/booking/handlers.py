"""What booking hears, and what it says to it.

A wish waits `CONTEST` before it is settled, so that whoever asked first wins, in whatever order
the wishes arrive. The wait is a timer of the contact; the workspace's own timer offers the calendar
anew each day.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from services.booking import store
from services.booking.slots import Claim, WorkingHours, free_slots, winner
from shared.crash import point
from shared.events import (
    Answer,
    BookingRequested,
    BookingSettled,
    CalendarOffered,
    CampaignChanged,
    ContactTriaged,
    Event,
    Output,
    WakeAt,
    Woke,
)
from shared.ids import named
from shared.words import BookingState

CONTEST = timedelta(seconds=1)
ANEW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The founder's calendar, asked and answered by events."""

    hours: WorkingHours
    hears: Collection[type[Event]] = (BookingRequested, ContactTriaged, CampaignChanged, Woke)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], now: datetime) -> list[Answer]:
        store.save_parties(tx, [event for event in inputs if isinstance(event, ContactTriaged)])
        return [(event, self.answer(tx, event, now)) for event in inputs]

    def answer(self, tx: sa.Connection, event: Event, now: datetime) -> list[Output]:
        match event:
            case BookingRequested(slot=None):
                return self.give_up(tx, event, now)
            case BookingRequested(slot=datetime() as slot):
                store.save_wish(tx, event, slot)
                return [WakeAt(event.subject, event.workspace_id, event.plan, now + CONTEST)]
            case Woke() if event.subject == event.workspace_id:
                return self.offer(tx, event.workspace_id, now)
            case Woke():
                return self.settle(tx, event, now)
            case CampaignChanged():
                new = store.is_new_calendar(tx, event.workspace_id)
                return self.offer(tx, event.workspace_id, now) if new else []
            case _:
                return []

    def offer(self, tx: sa.Connection, workspace_id: UUID, now: datetime) -> list[Output]:
        """The free slots as they are now; they are offered anew in a day."""
        slots = free_slots(self.hours, store.taken_slots(tx, workspace_id), now)
        return [
            CalendarOffered(
                subject=workspace_id,
                workspace_id=workspace_id,
                slots=slots,
                minutes=self.hours.call_minutes,
                counts_from=now + CONTEST,
            ),
            WakeAt(workspace_id, workspace_id, 1, now + ANEW),
        ]

    def give_up(self, tx: sa.Connection, event: BookingRequested, now: datetime) -> list[Output]:
        """The contact's call is cancelled; without one there is nothing to say."""
        store.lock_calendar(tx, event.workspace_id)
        store.drop_wish(tx, event.subject)
        call = store.give_up_call(tx, event.subject)
        if call is None:
            return []
        settled = _settled(event, event.plan, BookingState.CANCELLED, None, call.sequence)
        return [settled, *self.offer(tx, event.workspace_id, now)]

    def settle(self, tx: sa.Connection, event: Woke, now: datetime) -> list[Output]:
        """The contest is over: the slot is this contact's, or somebody else's."""
        store.lock_calendar(tx, event.workspace_id)
        known = store.find_call(tx, event.subject)
        wish = store.take_wish(tx, event.subject, event.plan)
        if wish is None:
            return []
        own = Claim(wish.asked_at, wish.contact_id)
        others = store.claims_on(tx, wish.workspace_id, wish.slot)
        gone = wish.slot in store.taken_slots(tx, wish.workspace_id)
        sequence = known.sequence + 1 if known else 0
        if gone or not self.hours.holds(wish.slot, now) or winner([own, *others]) != own:
            return [_settled(event, wish.plan, BookingState.TAKEN, wish.slot, sequence, wish)]
        point("booking.before")
        store.save_call(tx, wish, sequence)
        point("booking.after")
        moved = known is not None and known.slot is not None
        state = BookingState.MOVED if moved else BookingState.CONFIRMED
        settled = _settled(event, wish.plan, state, wish.slot, sequence, wish)
        return [settled, *self.offer(tx, wish.workspace_id, now)]


def uid_of(contact_id: UUID) -> str:
    """The call's name on every calendar, the same for ever."""
    return f"{named('call', contact_id)}@rekindle"


def _settled(
    event: Event,
    plan: int,
    state: BookingState,
    slot: datetime | None,
    sequence: int,
    wish: sa.Row[tuple[object, ...]] | None = None,
) -> BookingSettled:
    return BookingSettled(
        subject=event.subject,
        workspace_id=event.workspace_id,
        campaign_id=wish.campaign_id if wish is not None else event.campaign_id,
        plan=plan,
        state=state,
        slot=slot,
        uid=uid_of(event.subject),
        sequence=sequence,
        booking_id=named("call", event.subject),
    )
