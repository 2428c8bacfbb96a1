"""What booking keeps: calls, wishes that are not settled yet, and who the calls are with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.booking.slots import Claim
from shared.bus import make_tables
from shared.events import BookingRequested, ContactTriaged

METADATA = sa.MetaData(schema="booking")
MOMENT: Any = sa.DateTime(timezone=True)


class BookingRow(SQLModel, registry=registry(metadata=METADATA)):
    """Booking's base."""


class CalendarRow(BookingRow, table=True):
    """A workspace whose calendar is offered."""

    __tablename__ = "calendar"

    workspace_id: UUID = Field(primary_key=True)


class PartyRow(BookingRow, table=True):
    """Who a call would be with, sealed."""

    __tablename__ = "party"

    contact_id: UUID = Field(primary_key=True)
    revision: int
    person: str | None = None
    phone: str | None = None


class WishRow(BookingRow, table=True):
    """A slot that a contact wants; gone once it is settled."""

    __tablename__ = "wish"

    contact_id: UUID = Field(primary_key=True)
    workspace_id: UUID
    campaign_id: UUID | None = None
    plan: int
    slot: datetime = Field(sa_type=MOMENT, index=True)
    asked_at: datetime = Field(sa_type=MOMENT)
    summary: str | None = None


class CallRow(BookingRow, table=True):
    """A contact's call. `slot` is empty when it was cancelled."""

    __tablename__ = "call"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "slot", name="call_one_per_slot"),)

    contact_id: UUID = Field(primary_key=True)
    workspace_id: UUID
    campaign_id: UUID | None = None
    slot: datetime | None = Field(default=None, sa_type=MOMENT)
    sequence: int
    summary: str | None = None


TABLES = make_tables(METADATA)
CALENDAR: sa.Table = CalendarRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
PARTY: sa.Table = PartyRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
WISH: sa.Table = WishRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
CALL: sa.Table = CallRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it


@dataclass(frozen=True, slots=True)
class Call:
    """A contact's call as it stands."""

    slot: datetime | None
    sequence: int


def is_new_calendar(tx: sa.Connection, workspace_id: UUID) -> bool:
    """Remember the workspace; whether it was not known before."""
    insert = pg.insert(CALENDAR).values(workspace_id=workspace_id).on_conflict_do_nothing()
    return tx.scalar(insert.returning(CALENDAR.c.workspace_id)) is not None


def lock_calendar(tx: sa.Connection, workspace_id: UUID) -> None:
    """One at a time settles slots of a workspace: two lanes may want the same one."""
    tx.execute(pg.insert(CALENDAR).values(workspace_id=workspace_id).on_conflict_do_nothing())
    ask = sa.select(CALENDAR).where(CALENDAR.c.workspace_id == workspace_id)
    tx.execute(ask.with_for_update())


def save_parties(tx: sa.Connection, events: Iterable[ContactTriaged]) -> None:
    newest = {event.subject: event for event in sorted(events, key=lambda event: event.revision)}
    if not newest:
        return
    rows = [
        {
            "contact_id": contact,
            "revision": event.revision,
            "person": event.person.text if event.person else None,
            "phone": event.phone.sealed.text if event.phone else None,
        }
        for contact, event in newest.items()
    ]
    insert = pg.insert(PARTY)
    new = {name: insert.excluded[name] for name in ("revision", "person", "phone")}
    upsert = insert.on_conflict_do_update(
        index_elements=("contact_id",),
        set_=new,
        where=PARTY.c.revision < insert.excluded.revision,
    )
    tx.execute(upsert, rows)


def save_wish(tx: sa.Connection, event: BookingRequested, slot: datetime) -> None:
    row = {
        "contact_id": event.subject,
        "workspace_id": event.workspace_id,
        "campaign_id": event.campaign_id,
        "plan": event.plan,
        "slot": slot,
        "asked_at": event.asked_at,
        "summary": event.summary.text if event.summary else None,
    }
    insert = pg.insert(WISH).values(row)
    new = {name: insert.excluded[name] for name in row if name != "contact_id"}
    tx.execute(insert.on_conflict_do_update(index_elements=("contact_id",), set_=new))


def drop_wish(tx: sa.Connection, contact_id: UUID) -> None:
    """The contact wants no slot any more, of whatever plan."""
    tx.execute(sa.delete(WISH).where(WISH.c.contact_id == contact_id))


def take_wish(tx: sa.Connection, contact_id: UUID, plan: int) -> sa.Row[Any] | None:
    """The contact's wish of this plan, which is removed."""
    its = (WISH.c.contact_id == contact_id, WISH.c.plan == plan)
    return tx.execute(sa.delete(WISH).where(*its).returning(WISH)).one_or_none()


def claims_on(tx: sa.Connection, workspace_id: UUID, slot: datetime) -> list[Claim]:
    """All who want this slot and are not settled."""
    rows = tx.execute(
        sa.select(WISH.c.asked_at, WISH.c.contact_id).where(
            WISH.c.workspace_id == workspace_id, WISH.c.slot == slot
        )
    )
    return [Claim(row.asked_at, row.contact_id) for row in rows]


def taken_slots(tx: sa.Connection, workspace_id: UUID) -> set[datetime]:
    ask = sa.select(CALL.c.slot).where(
        CALL.c.workspace_id == workspace_id, CALL.c.slot.is_not(None)
    )
    return set(tx.scalars(ask))


def find_call(tx: sa.Connection, contact_id: UUID) -> Call | None:
    row = tx.execute(sa.select(CALL).where(CALL.c.contact_id == contact_id)).one_or_none()
    return Call(row.slot, row.sequence) if row else None


def save_call(tx: sa.Connection, wish: sa.Row[Any], sequence: int) -> None:
    row = {
        "contact_id": wish.contact_id,
        "workspace_id": wish.workspace_id,
        "campaign_id": wish.campaign_id,
        "slot": wish.slot,
        "sequence": sequence,
        "summary": wish.summary,
    }
    insert = pg.insert(CALL).values(row)
    new = {name: insert.excluded[name] for name in ("slot", "sequence", "summary")}
    tx.execute(insert.on_conflict_do_update(index_elements=("contact_id",), set_=new))


def give_up_call(tx: sa.Connection, contact_id: UUID) -> Call | None:
    """The call is cancelled; how it stands then. None when there was none to cancel."""
    booked = (CALL.c.contact_id == contact_id, CALL.c.slot.is_not(None))
    new = {"slot": None, "sequence": CALL.c.sequence + 1}
    row = tx.execute(sa.update(CALL).where(*booked).values(new).returning(CALL)).one_or_none()
    return Call(None, row.sequence) if row else None


def booked_calls(tx: sa.Connection, workspace_id: UUID) -> list[sa.Row[Any]]:
    """All calls that stand, with who they are with, soonest first."""
    ask = (
        sa.select(CALL, PARTY.c.person, PARTY.c.phone)
        .join(PARTY, PARTY.c.contact_id == CALL.c.contact_id)
        .where(CALL.c.workspace_id == workspace_id, CALL.c.slot.is_not(None))
    )
    return list(tx.execute(ask.order_by(CALL.c.slot)))


def queues(tx: sa.Connection) -> dict[str, int]:
    """Slots that are wanted and not settled yet."""
    return {"wishes": tx.scalar(sa.select(sa.func.count()).select_from(WISH)) or 0}
