"""What the agent keeps: who a contact is, what we last asked, and replies that wait their turn.

Words and names rest sealed. Every table is a key and one value, which is what the pure modules
work with; `revision` keeps an older one from replacing a newer.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.agent.known import (
    Contact,
    Conversation,
    Question,
    Script,
    contact_of,
    script_of,
)
from shared.bus import insert_rows, make_tables
from shared.events import CampaignChanged, ContactTriaged, ReplyReceived
from shared.events.base import Value

METADATA = sa.MetaData(schema="agent")


class AgentRow(SQLModel, registry=registry(metadata=METADATA)):
    """The base of all tables of the agent."""


class ContactRow(AgentRow, table=True):
    """A `Contact`, by its newest triage."""

    __tablename__ = "contact"

    id: UUID = Field(primary_key=True)
    revision: int
    value: dict[str, Any] = Field(sa_type=pg.JSONB)


class CampaignRow(AgentRow, table=True):
    """A campaign's `Script`, by its newest version."""

    __tablename__ = "campaign"

    id: UUID = Field(primary_key=True)
    revision: int
    value: dict[str, Any] = Field(sa_type=pg.JSONB)


class TouchRow(AgentRow, table=True):
    """The `Question` that stood once this touch was made."""

    __tablename__ = "touch"

    id: UUID = Field(primary_key=True)
    value: dict[str, Any] = Field(sa_type=pg.JSONB)


class ConversationRow(AgentRow, table=True):
    """A contact's `Conversation`."""

    __tablename__ = "conversation"

    id: UUID = Field(primary_key=True)
    value: dict[str, Any] = Field(sa_type=pg.JSONB)


class WaitingRow(AgentRow, table=True):
    """A `ReplyReceived` that is not read yet."""

    __tablename__ = "waiting"

    contact_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    value: dict[str, Any] = Field(sa_type=pg.JSONB)


TABLES = make_tables(METADATA)
CONTACT: sa.Table = ContactRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
CAMPAIGN: sa.Table = CampaignRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
TOUCH: sa.Table = TouchRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
CONVERSATION: sa.Table = ConversationRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
WAITING: sa.Table = WaitingRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it

Kept = TypeVar("Kept", bound=Value)
HELD: dict[type[Value], sa.Table] = {
    Contact: CONTACT,
    Script: CAMPAIGN,
    Question: TOUCH,
    Conversation: CONVERSATION,
}


def load(tx: sa.Connection, kind: type[Kept], ids: Collection[UUID]) -> dict[UUID, Kept]:
    """The values of this kind that are there, in one query."""
    table = HELD[kind]
    these = sa.any_(sa.bindparam("ids", list(ids), pg.ARRAY(sa.Uuid)))
    rows = tx.execute(sa.select(table.c.id, table.c.value).where(table.c.id == these))
    return {row.id: kind.model_validate(row.value) for row in rows}


def save(tx: sa.Connection, values: Mapping[UUID, Question] | Mapping[UUID, Conversation]) -> None:
    """Write values, whatever was there."""
    if not values:
        return
    table = HELD[type(next(iter(values.values())))]
    rows = [{"id": key, "value": its.model_dump(mode="json")} for key, its in values.items()]
    insert = insert_rows(table, rows)
    new = {"value": insert.excluded.value}
    tx.execute(insert.on_conflict_do_update(index_elements=("id",), set_=new))


def save_contacts(tx: sa.Connection, triaged: Iterable[ContactTriaged]) -> None:
    """Take over what triage says, unless a newer verdict is known."""
    newest = {event.subject: event for event in sorted(triaged, key=lambda one: one.revision)}
    _save_newest(
        tx,
        CONTACT,
        {who: (event.revision, contact_of(event)) for who, event in newest.items()},
    )


def save_campaigns(tx: sa.Connection, changed: Iterable[CampaignChanged]) -> None:
    """Take over which answers a campaign has, unless a newer version is known."""
    newest = {event.subject: event for event in sorted(changed, key=lambda one: one.version_number)}
    _save_newest(
        tx,
        CAMPAIGN,
        {its: (event.version_number, script_of(event)) for its, event in newest.items()},
    )


def put_down(tx: sa.Connection, replies: Iterable[ReplyReceived]) -> None:
    """Remember replies until their turn has come."""
    rows = [
        {
            "contact_id": reply.subject,
            "number": reply.number,
            "value": reply.model_dump(mode="json"),
        }
        for reply in replies
    ]
    if rows:
        tx.execute(insert_rows(WAITING, rows).on_conflict_do_nothing())


def waiting_of(tx: sa.Connection, contacts: Collection[UUID]) -> list[ReplyReceived]:
    """What these contacts wrote and nobody has read, in the order in which it was written."""
    these = sa.any_(sa.bindparam("contacts", list(contacts), pg.ARRAY(sa.Uuid)))
    ask = sa.select(WAITING.c.value).where(WAITING.c.contact_id == these)
    rows = tx.scalars(ask.order_by(WAITING.c.contact_id, WAITING.c.number))
    return [ReplyReceived.model_validate(value) for value in rows]


def take_up(tx: sa.Connection, replies: Sequence[ReplyReceived]) -> None:
    """Forget replies that were read."""
    c = WAITING.c
    for reply in replies:
        its = (c.contact_id == reply.subject, c.number == reply.number)
        tx.execute(sa.delete(WAITING).where(*its))


def _save_newest(
    tx: sa.Connection, table: sa.Table, values: Mapping[UUID, tuple[int, Value]]
) -> None:
    if not values:
        return
    rows = [
        {"id": key, "revision": revision, "value": its.model_dump(mode="json")}
        for key, (revision, its) in values.items()
    ]
    insert = insert_rows(table, rows)
    new = {name: insert.excluded[name] for name in ("revision", "value")}
    newer = table.c.revision < insert.excluded.revision
    tx.execute(insert.on_conflict_do_update(index_elements=("id",), set_=new, where=newer))
