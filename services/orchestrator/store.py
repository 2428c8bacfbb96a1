"""What the orchestrator keeps: a row per contact, the campaigns, the free slots."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.orchestrator.policy import Campaign, campaign_of
from services.orchestrator.state import Sequence, World
from shared.bus import insert_rows, make_tables
from shared.events import CalendarOffered, CampaignChanged, Event

METADATA = sa.MetaData(schema="orchestrator")
MOMENT: Any = sa.DateTime(timezone=True)
CAMPAIGNS_KEPT = 64  # parsed; the text is the key, so what is kept can't be out of date


class OrchestratorRow(SQLModel, registry=registry(metadata=METADATA)):
    """The orchestrator's base."""


class SequenceRow(OrchestratorRow, table=True):
    """One contact. `state` is all that is remembered, as JSON; beside it, what is asked in SQL.

    `campaign_id` is the campaign whose pool the contact is in, from the freeze on. `active` says
    that it has something left to do, `held` that this is overdue and waits for a person. `may_join`
    says that triage admitted it.
    """

    __tablename__ = "sequence"
    __table_args__ = (
        sa.Index("sequence_waiting", "workspace_id", "campaign_id"),
        sa.Index("sequence_held", "campaign_id", postgresql_where=sa.text("held")),
    )

    contact_id: UUID = Field(primary_key=True)
    workspace_id: UUID
    campaign_id: UUID | None = Field(default=None, index=True)
    active: bool
    held: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    may_join: bool
    segment: str
    language: str
    state: str


class CampaignRow(OrchestratorRow, table=True):
    """The newest version of a campaign, as its sequences see it."""

    __tablename__ = "campaign"

    campaign_id: UUID = Field(primary_key=True)
    version: int
    frozen: bool
    body: str


class OfferRow(OrchestratorRow, table=True):
    """Free slots, which count from a moment on; the former ones count until then."""

    __tablename__ = "offer"

    workspace_id: UUID = Field(primary_key=True)
    counts_from: datetime = Field(primary_key=True, sa_type=MOMENT)
    body: str


TABLES = make_tables(METADATA)
SEQUENCE: sa.Table = SequenceRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
CAMPAIGN: sa.Table = CampaignRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
OFFER: sa.Table = OfferRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
STATE = TypeAdapter(Sequence)


@dataclass(frozen=True, slots=True)
class Case:
    """One contact's sequence and the world around it; no world outside of a pool."""

    sequence: Sequence
    world: World | None = None


def new(event: Event) -> Case:
    """A contact that was never heard of."""
    return Case(Sequence(contact_id=event.subject, workspace_id=event.workspace_id))


def load(tx: sa.Connection, events: Iterable[Event]) -> dict[UUID, Case]:
    """The cases of a batch, with their campaigns and calendars: three statements."""
    these = _any_of({event.subject for event in events})
    rows = tx.execute(sa.select(SEQUENCE).where(SEQUENCE.c.contact_id == these)).all()
    worlds = _worlds(tx, {row.campaign_id: row.workspace_id for row in rows if row.campaign_id})
    return {
        row.contact_id: Case(STATE.validate_json(row.state), worlds.get(row.campaign_id))
        for row in rows
    }


def save(tx: sa.Connection, cases: Mapping[UUID, Case]) -> None:
    """Write the sequences; whose pool a contact is in is none of their business."""
    rows = [_row(case.sequence) for case in cases.values()]
    insert = insert_rows(SEQUENCE, rows)
    changes = {name: insert.excluded[name] for name in rows[0] if name != "contact_id"}
    tx.execute(insert.on_conflict_do_update(index_elements=("contact_id",), set_=changes))


def find_campaign(tx: sa.Connection, campaign_id: UUID) -> tuple[int, bool]:
    """Its version, and whether its pool is frozen; version 0 for one that was never heard of."""
    c = CAMPAIGN.c
    row = tx.execute(sa.select(c.version, c.frozen).where(c.campaign_id == campaign_id)).first()
    return (row.version, row.frozen) if row else (0, False)


def save_campaign(tx: sa.Connection, event: CampaignChanged, *, frozen: bool) -> None:
    """Keep this version instead of any other."""
    row = {
        "campaign_id": event.subject,
        "version": event.version_number,
        "frozen": frozen,
        "body": campaign_of(event).model_dump_json(),
    }
    insert = pg.insert(CAMPAIGN).values(row)
    tx.execute(insert.on_conflict_do_update(index_elements=("campaign_id",), set_=row))


def freeze_pool(tx: sa.Connection, event: CampaignChanged) -> None:
    """Mark who belongs to the pool: by its rule, as things stand, the lowest ids up to its size."""
    c = SEQUENCE.c
    pool = (
        sa.select(c.contact_id)
        .where(c.workspace_id == event.workspace_id, c.campaign_id.is_(None), c.may_join)
        .where(c.segment.in_(event.pool.segments), c.language.in_(event.languages))
        .order_by(c.contact_id)
        .limit(event.pool.size)
    )
    its = c.contact_id.in_(pool.scalar_subquery())
    tx.execute(sa.update(SEQUENCE).where(its).values(campaign_id=event.subject))


def pool_of(campaign_id: UUID) -> sa.Select[tuple[UUID, UUID]]:
    """The contacts of a frozen pool."""
    c = SEQUENCE.c
    return sa.select(c.contact_id, c.workspace_id).where(c.campaign_id == campaign_id)


def active_in(campaign_id: UUID) -> sa.Select[tuple[UUID, UUID]]:
    """Those with something left to do."""
    return pool_of(campaign_id).where(SEQUENCE.c.active)


def save_offer(tx: sa.Connection, event: CalendarOffered, now: datetime) -> None:
    """Keep the slots beside the ones that count until they do; forget what counted before."""
    c = OFFER.c
    row = {
        "workspace_id": event.workspace_id,
        "counts_from": event.counts_from,
        "body": event.model_dump_json(),
    }
    insert = pg.insert(OFFER).values(row)
    tx.execute(insert.on_conflict_do_update(constraint=OFFER.primary_key, set_=row))
    its = c.workspace_id == event.workspace_id
    counts = sa.select(sa.func.max(c.counts_from)).where(its, c.counts_from <= now)
    tx.execute(sa.delete(OFFER).where(its, c.counts_from < counts.scalar_subquery()))


def _worlds(tx: sa.Connection, campaigns: Mapping[UUID, UUID]) -> dict[UUID, World]:
    """The world of each campaign, given its workspace."""
    if not campaigns:
        return {}
    ask = sa.select(CAMPAIGN.c.campaign_id, CAMPAIGN.c.body)
    rows = tx.execute(ask.where(CAMPAIGN.c.campaign_id == _any_of(campaigns.keys()))).all()
    offers = sa.select(OFFER).where(OFFER.c.workspace_id == _any_of(set(campaigns.values())))
    calendars: dict[UUID, list[CalendarOffered]] = {}
    for offer in tx.execute(offers):
        calendars.setdefault(offer.workspace_id, []).append(_offer(offer.body))
    return {
        row.campaign_id: World(
            _campaign(row.body), tuple(calendars.get(campaigns[row.campaign_id], ()))
        )
        for row in rows
    }


@lru_cache(CAMPAIGNS_KEPT)
def _campaign(body: str) -> Campaign:
    return Campaign.model_validate_json(body)


@lru_cache(CAMPAIGNS_KEPT)
def _offer(body: str) -> CalendarOffered:
    return CalendarOffered.model_validate_json(body)


def _row(sequence: Sequence) -> dict[str, Any]:
    standing = sequence.standing
    return {
        "contact_id": sequence.contact_id,
        "workspace_id": sequence.workspace_id,
        "active": sequence.open or sequence.waiting is not None,
        "held": sequence.held,
        "may_join": standing.admitted and bool(standing.opens) and not sequence.suppressed,
        "segment": standing.segment or "",
        "language": standing.language,
        "state": STATE.dump_json(sequence, exclude_defaults=True).decode(),
    }


def _any_of(ids: Collection[UUID]) -> sa.ColumnElement[Any]:
    return sa.any_(sa.bindparam(None, list(ids), pg.ARRAY(sa.Uuid)))
