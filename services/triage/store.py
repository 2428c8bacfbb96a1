"""What triage keeps: each contact's newest record, its claims, and what was last said of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.triage.claims import Claim
from shared.bus import append_rows, insert_rows, make_tables
from shared.events import ContactImported, ImportEnded
from shared.words import Channel

METADATA = sa.MetaData(schema="triage")
MOMENT: Any = sa.DateTime(timezone=True)


class TriageRow(SQLModel, registry=registry(metadata=METADATA)):
    """Triage's base."""


class ContactRow(TriageRow, table=True):
    """A contact. `record`, `box`, `number` and `name` are keyed hashes, empty for none.

    `boxes`, `numbers` and `short_names` are further ones, with a space between them.
    """

    __tablename__ = "contact"

    contact_id: UUID = Field(primary_key=True)
    workspace_id: UUID = Field(index=True)
    event_id: UUID
    heard_at: datetime = Field(sa_type=MOMENT)
    body: bytes
    language: str
    since: datetime = Field(sa_type=MOMENT)
    first_row: int
    record: str = Field(index=True)
    box: str = Field(index=True)
    number: str = Field(index=True)
    name: str
    boxes: str = ""
    numbers: str = ""
    short_names: str = ""
    shared_box: bool = False
    has_crm_id: bool = True
    refused: str
    wish: UUID | None = None
    standing: str
    revision: int
    verdict: str
    reason: str
    said: str
    judged_by: str = ""


class ClaimRow(TriageRow, table=True):
    """One row per claimed hash, locked by whoever is about to change who claims it.

    A hash is keyed by workspace and kind, so that it names both.
    """

    __tablename__ = "claim"

    hash: str = Field(primary_key=True)


class FurtherRow(TriageRow, table=True):
    """A further address that a contact's record names: few records have one."""

    __tablename__ = "further"

    hash: str = Field(primary_key=True)
    contact_id: UUID = Field(primary_key=True, index=True)


class SuppressionRow(TriageRow, table=True):
    """What a contact's entry on the suppression list says of `key`: itself, or an address hash."""

    __tablename__ = "suppression"

    key: str = Field(primary_key=True)
    contact_id: UUID = Field(primary_key=True)
    channels: str
    everything: bool
    event_id: UUID


class CampaignRow(TriageRow, table=True):
    """A campaign, as far as it decides which languages are spoken."""

    __tablename__ = "campaign"

    campaign_id: UUID = Field(primary_key=True)
    workspace_id: UUID = Field(index=True)
    version_number: int
    state: str
    languages: str
    event_id: UUID


class ImportRow(TriageRow, table=True):
    """A complete import: what the row equation is held against."""

    __tablename__ = "import"

    import_id: UUID = Field(primary_key=True)
    workspace_id: UUID = Field(index=True)
    source: str
    records: int
    ended_at: datetime = Field(sa_type=MOMENT)


GROUP = "triage"
LOOK_AGAIN = 0  # the plan of the timers
TABLES = make_tables(METADATA)
CONTACT: sa.Table = ContactRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
CLAIM: sa.Table = ClaimRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
FURTHER: sa.Table = FurtherRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
SUPPRESSION: sa.Table = SuppressionRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
CAMPAIGN: sa.Table = CampaignRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
IMPORT: sa.Table = ImportRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it

CLAIMED = (CONTACT.c.record, CONTACT.c.box, CONTACT.c.number)
SEEN_BY_OTHERS = [column for column in CONTACT.c if column is not CONTACT.c.body]


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact: its newest record, since when it is known, and what was last said of it.

    `standing` and `said` are the last judgement's, as text; `judged_by` is what judged.
    """

    record: ContactImported
    since: datetime
    first_row: int
    standing: str = ""
    revision: int = 0
    verdict: str = ""
    reason: str = ""
    said: str = ""
    judged_by: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another contact that is linked to one at hand. `standing` is its last judgement's."""

    claim: Claim
    workspace_id: UUID
    standing: str


def load(tx: sa.Connection, contacts: Collection[UUID]) -> dict[UUID, Contact]:
    """The known ones of these contacts."""
    rows = tx.execute(sa.select(CONTACT).where(among(CONTACT.c.contact_id, contacts)))
    return {row.contact_id: _contact(row) for row in rows}


def lock_claims(tx: sa.Connection, hashes: Iterable[str]) -> None:
    """Keep others from changing who claims these hashes, until this transaction ends.

    Always in the same order, so that two batches never wait for each other.
    """
    each = sa.select(sa.func.unnest(words("hashes", sorted(hashes))))
    insert = pg.insert(CLAIM).from_select(["hash"], each)
    touched = {"hash": insert.excluded.hash}
    tx.execute(insert.on_conflict_do_update(index_elements=["hash"], set_=touched))


def neighbours(
    tx: sa.Connection, contacts: Collection[UUID], hashes: Collection[str]
) -> dict[UUID, Neighbour]:
    """All who claim one of the hashes, who share one with those, and so on; without `contacts`."""
    found: dict[UUID, Neighbour] = {}
    asked: set[str] = set()
    asking = set(hashes)
    while asking:
        asked |= asking
        these = sa.any_(words("hashes", asking))
        claiming = [sa.select(*SEEN_BY_OTHERS).where(kind == these) for kind in CLAIMED]
        naming = sa.select(FURTHER.c.contact_id).where(FURTHER.c.hash == these)
        claiming.append(sa.select(*SEEN_BY_OTHERS).where(CONTACT.c.contact_id.in_(naming)))
        new = {row.contact_id: _neighbour(row) for row in tx.execute(sa.union_all(*claiming))}
        found |= {contact: its for contact, its in new.items() if contact not in contacts}
        asking = {its for one in new.values() for its in one.claim.hashes} - asked
    return found


def save(
    tx: sa.Connection, contacts: Iterable[tuple[Claim, Contact]], known: Collection[UUID]
) -> None:
    """Write contacts, each with what it claims now; `known` are those that have a row already."""
    claiming = list(contacts)
    rows = [_row(claim, contact) for claim, contact in claiming]
    append_rows(tx, CONTACT, [row for row in rows if row["contact_id"] not in known])
    if changed := [row for row in rows if row["contact_id"] in known]:
        insert = insert_rows(CONTACT, changed)
        new = {name: insert.excluded[name] for name in changed[0] if name != "contact_id"}
        tx.execute(insert.on_conflict_do_update(index_elements=["contact_id"], set_=new))
        before = among(FURTHER.c.contact_id, [row["contact_id"] for row in changed])
        tx.execute(sa.delete(FURTHER).where(before))
    further = [
        {"hash": its, "contact_id": claim.contact_id}
        for claim, _ in claiming
        for its in {*claim.boxes, *claim.numbers}
    ]
    append_rows(tx, FURTHER, further)


def save_imports(tx: sa.Connection, events: Iterable[ImportEnded]) -> None:
    rows = [
        {
            "import_id": event.import_id,
            "workspace_id": event.workspace_id,
            "source": event.source,
            "records": event.records,
            "ended_at": event.time,
        }
        for event in events
    ]
    if rows:
        tx.execute(insert_rows(IMPORT, rows).on_conflict_do_nothing())


def tally(tx: sa.Connection, workspace_id: UUID) -> tuple[int, dict[tuple[str, str], int]]:
    """Both sides of the row equation: imported records, and contacts by (verdict, reason).

    The records are those of each source's newest complete import.
    """
    newest = (
        sa.select(IMPORT.c.records)
        .ext(pg.distinct_on(IMPORT.c.source))
        .where(IMPORT.c.workspace_id == workspace_id)
        .order_by(IMPORT.c.source, IMPORT.c.ended_at.desc())
        .subquery()
    )
    counted = (
        sa.select(CONTACT.c.verdict, CONTACT.c.reason, sa.func.count())
        .where(CONTACT.c.workspace_id == workspace_id)
        .group_by(CONTACT.c.verdict, CONTACT.c.reason)
    )
    records = tx.scalar(sa.select(sa.func.coalesce(sa.func.sum(newest.c.records), 0)))
    return int(records or 0), {(row[0], row[1]): row[2] for row in tx.execute(counted)}


def among(column: sa.Column[Any], values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """The column has one of the values: a single parameter, however many there are."""
    return column == sa.any_(sa.bindparam(None, list(values), pg.ARRAY(column.type)))


def words(name: str, values: Iterable[str]) -> sa.ColumnElement[Any]:
    """An array of texts without spaces. Sent as one text: the driver is slow with long lists."""
    text = sa.bindparam(name, " ".join(values), sa.Text)
    return sa.func.string_to_array(text, " ", type_=pg.ARRAY(sa.Text))


def _contact(row: sa.Row[Any]) -> Contact:
    envelope = {
        "subject": row.contact_id,
        "workspace_id": row.workspace_id,
        "id": row.event_id,
        "time": row.heard_at,
    }
    return Contact(
        record=ContactImported.from_bus(row.body, envelope),
        since=row.since,
        first_row=row.first_row,
        standing=row.standing,
        revision=row.revision,
        verdict=row.verdict,
        reason=row.reason,
        said=row.said,
        judged_by=row.judged_by,
    )


def _neighbour(row: sa.Row[Any]) -> Neighbour:
    claim = Claim(
        since=row.since,
        row=row.first_row,
        contact_id=row.contact_id,
        record=row.record,
        box=row.box,
        number=row.number,
        name=row.name,
        refused=frozenset(map(Channel, row.refused.split())),
        heard=row.event_id,
        wish=row.wish,
        boxes=tuple(row.boxes.split()),
        numbers=tuple(row.numbers.split()),
        short_names=tuple(row.short_names.split()),
        shared_box=row.shared_box,
        has_crm_id=row.has_crm_id,
    )
    return Neighbour(claim, row.workspace_id, row.standing)


def _row(claim: Claim, contact: Contact) -> dict[str, Any]:
    record = contact.record
    return {
        "contact_id": record.subject,
        "workspace_id": record.workspace_id,
        "event_id": record.id,
        "heard_at": record.time,
        "body": record.body(),
        "language": record.facts.language,
        "since": contact.since,
        "first_row": contact.first_row,
        "record": claim.record,
        "box": claim.box,
        "number": claim.number,
        "name": claim.name,
        "boxes": " ".join(claim.boxes),
        "numbers": " ".join(claim.numbers),
        "short_names": " ".join(claim.short_names),
        "shared_box": claim.shared_box,
        "has_crm_id": claim.has_crm_id,
        "refused": " ".join(sorted(claim.refused)),
        "wish": claim.wish,
        "standing": contact.standing,
        "revision": contact.revision,
        "verdict": contact.verdict,
        "reason": contact.reason,
        "said": contact.said,
        "judged_by": contact.judged_by,
    }
