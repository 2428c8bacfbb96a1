"""What channels keeps: addresses, touches, inbound, suppressions; and what it knows of the rest.

An address is known by its keyed hash, which is different in each workspace.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.bus import make_tables

METADATA = sa.MetaData(schema="channels")
MOMENT: Any = sa.DateTime(timezone=True)
GROUP = "channels"  # all that gateways say goes out under this name


class Making(StrEnum):
    """Where a WhatsApp template stands."""

    PENDING = "pending"
    MADE = "made"
    REFUSED = "refused"


class ChannelsRow(SQLModel, registry=registry(metadata=METADATA)):
    """The base of all tables of channels."""


class WorkspaceRow(ChannelsRow, table=True):
    """Whose contacts may write to us."""

    __tablename__ = "workspace"

    workspace_id: UUID = Field(primary_key=True)


class ContactRow(ChannelsRow, table=True):
    """A contact; revision 0 is one who wrote to us and whom no import knows.

    `channels` names those that triage has not closed, each with the moment from which it is open;
    `facts` are the contact's, in the words of the contact rules.
    `replies` counts what it sent us, `understood` how far its readings were heard. `listed_…` is
    the contact's own place on the suppression list.
    """

    __tablename__ = "contact"

    contact_id: UUID = Field(primary_key=True)
    workspace_id: UUID
    revision: int = 0
    admitted: bool = False
    channels: dict[str, str | None] = Field(default_factory=dict, sa_type=pg.JSONB)
    facts: dict[str, Any] = Field(
        default_factory=dict, sa_column=sa.Column(pg.JSONB, nullable=False, server_default="{}")
    )
    language: str = ""
    zones: list[str] = Field(default_factory=list, sa_type=pg.JSONB)
    person: str | None = None
    phone: str | None = None
    phone_hash: str | None = Field(default=None, index=True)
    mailbox: str | None = None
    mailbox_hash: str | None = Field(default=None, index=True)
    replies: int = 0
    understood: int = Field(default=0, sa_column_kwargs={"server_default": sa.text("0")})
    held_since: datetime | None = Field(default=None, sa_type=MOMENT)
    outcome: str = ""
    outcome_revision: int = 0
    outcome_campaign: UUID | None = None
    listed_since: datetime | None = Field(default=None, sa_type=MOMENT)
    listed_everything: bool = False
    listed_source: str = ""


class AddressRow(ChannelsRow, table=True):
    """A number or mailbox: whether it is on the suppression list, and when it last wrote where."""

    __tablename__ = "address"

    hash: str = Field(primary_key=True)
    workspace_id: UUID
    heard_on: dict[str, str] = Field(default_factory=dict, sa_type=pg.JSONB)
    listed_since: datetime | None = Field(default=None, sa_type=MOMENT)
    listed_everything: bool = False
    listed_source: str = ""


class CampaignRow(ChannelsRow, table=True):
    """A campaign as it stands; `brief` has what lines may name: founder, company, product."""

    __tablename__ = "campaign"

    campaign_id: UUID = Field(primary_key=True)
    workspace_id: UUID
    version: int
    state: str
    overdue_hours: int = Field(default=6, sa_column_kwargs={"server_default": sa.text("6")})
    brief: dict[str, str] = Field(sa_type=pg.JSONB)


class LineRow(ChannelsRow, table=True):
    """One line of a campaign's script, whole."""

    __tablename__ = "line"

    campaign_id: UUID = Field(primary_key=True)
    line_id: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_type=pg.JSONB)


class TemplateRow(ChannelsRow, table=True):
    """A signed line as a WhatsApp template; `sid` is the provider's name for it."""

    __tablename__ = "template"

    workspace_id: UUID = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    line_id: str
    language: str
    text: str
    state: str = Making.PENDING
    sid: str = ""


class RequestRow(ChannelsRow, table=True):
    """A request on its way out; gone once its touch is settled or it is refused.

    `due_at` is in the service's time, `look_at` and `waits_since` in the wall's: a wait for a
    provider, or for our own knowledge, does not depend on how fast the clock runs.
    """

    __tablename__ = "request"
    __table_args__ = (
        sa.UniqueConstraint("contact_id", "plan", name="request_one_per_plan"),
        sa.Index("request_next", "channel", "asked_at", "contact_id"),
    )

    id: UUID = Field(primary_key=True)
    cause_id: UUID
    workspace_id: UUID
    campaign_id: UUID | None = None
    contact_id: UUID
    plan: int = Field(sa_type=sa.BigInteger)
    channel: str
    asked_at: datetime = Field(sa_type=MOMENT)
    due_at: datetime = Field(sa_type=MOMENT)
    look_at: datetime | None = Field(default=None, sa_type=MOMENT)
    waits_since: datetime | None = Field(default=None, sa_type=MOMENT)
    attempts: int = 0
    body: bytes = Field(sa_type=sa.LargeBinary)


class TouchRow(ChannelsRow, table=True):
    """One message, for ever. There is one per plan of a contact: the promise of at most one call.

    `settled_at` is when its state was last learned, `looked_up` how often the provider was asked
    for an unknown one. `sent` is the event that tells of it, but for its result.
    """

    __tablename__ = "touch"
    __table_args__ = (
        sa.UniqueConstraint("contact_id", "plan", name="touch_one_per_plan"),
        sa.Index("touch_at_address", "address_hash", "reserved_at"),
        sa.Index("touch_unknown", "settled_at", postgresql_where=sa.text("state = 'unknown'")),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID
    workspace_id: UUID
    campaign_id: UUID | None = None
    contact_id: UUID
    plan: int = Field(sa_type=sa.BigInteger)
    channel: str
    purpose: str
    language: str
    slots: int = 0
    is_answer: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    address_hash: str
    state: str
    reserved_at: datetime = Field(sa_type=MOMENT)
    answer_until: datetime = Field(sa_type=MOMENT)
    closed_at: datetime | None = Field(default=None, sa_type=MOMENT)  # answered
    settled_at: datetime | None = Field(default=None, sa_type=MOMENT)
    looked_up: int = 0
    provider_id: str = Field(default="", index=True)
    status_rank: int = 0
    sent: bytes = Field(sa_type=sa.LargeBinary)


class InboundRow(ChannelsRow, table=True):
    """What somebody sent us, once for ever. `number` counts the contact's."""

    __tablename__ = "inbound"
    __table_args__ = (sa.UniqueConstraint("contact_id", "number", name="inbound_numbered"),)

    provider_id: str = Field(primary_key=True)
    contact_id: UUID
    number: int
    channel: str
    address_hash: str
    heard_at: datetime = Field(sa_type=MOMENT)


class RestoreRow(ChannelsRow, table=True):
    """A moment at which this database was found to be older than what it once said."""

    __tablename__ = "restore"

    noticed_at: datetime = Field(primary_key=True, sa_type=MOMENT)


class PaceRow(ChannelsRow, table=True):
    """A sender's latest send times, in order: what its limit is held against."""

    __tablename__ = "pace"

    sender: str = Field(primary_key=True)
    times: list[datetime] = Field(sa_type=pg.ARRAY(MOMENT))


TABLES = make_tables(METADATA)
WORKSPACE: sa.Table = WorkspaceRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
CONTACT: sa.Table = ContactRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
ADDRESS: sa.Table = AddressRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
CAMPAIGN: sa.Table = CampaignRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
LINE: sa.Table = LineRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
TEMPLATE: sa.Table = TemplateRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
REQUEST: sa.Table = RequestRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
TOUCH: sa.Table = TouchRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
INBOUND: sa.Table = InboundRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
RESTORE: sa.Table = RestoreRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
PACE: sa.Table = PaceRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it

Row = sa.Row[Any]


def any_of(name: str, values: Collection[object], kind: Any) -> sa.CollectionAggregate[Any]:  # noqa: ANN401  any column type
    """To compare a column with: one text of the statement for any number of values."""
    return sa.any_(sa.bindparam(name, list(values), pg.ARRAY(kind)))


def hashes_of(contact: Row) -> list[str]:
    """A contact's addresses."""
    return [one for one in (contact.phone_hash, contact.mailbox_hash) if one]


def remember_workspaces(tx: sa.Connection, workspaces: Collection[UUID]) -> None:
    rows = [{"workspace_id": one} for one in sorted(set(workspaces))]
    if rows:
        tx.execute(pg.insert(WORKSPACE).on_conflict_do_nothing(), rows)


def known_workspaces(tx: sa.Connection) -> Sequence[UUID]:
    return tx.scalars(sa.select(WORKSPACE.c.workspace_id).order_by(WORKSPACE.c.workspace_id)).all()
