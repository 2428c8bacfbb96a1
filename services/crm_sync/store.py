"""What crm_sync keeps: imports, source records, and the outcomes that go back to the CRM."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.crm_sync.matching import Arrived, Known
from services.crm_sync.writeback import Standing
from shared.bus import insert_rows, make_tables
from shared.events import ContactImported, Event
from shared.ids import named
from shared.outcomes import Outcome

METADATA = sa.MetaData(schema="crm_sync")
MOMENT: Any = sa.DateTime(timezone=True)


class CrmSyncRow(SQLModel, registry=registry(metadata=METADATA)):
    """crm_sync's base."""


class ImportRow(CrmSyncRow, table=True):
    """One import. An interrupted one is run again as its next `attempt`."""

    __tablename__ = "import"

    import_id: UUID = Field(primary_key=True)
    workspace_id: UUID
    source: str
    attempt: int
    changed: int
    started_at: datetime = Field(sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)


class SourceRecordRow(CrmSyncRow, table=True):
    """One record as it was last seen. `import_id` and `attempt` tell when that was."""

    __tablename__ = "source_record"
    __table_args__ = (sa.UniqueConstraint("record_id", "ordinal", name="source_record_ordinal"),)

    contact_id: UUID = Field(primary_key=True)
    workspace_id: UUID = Field(index=True)
    source: str
    record_id: UUID
    ordinal: int
    fingerprint: str
    row: int
    import_id: UUID
    attempt: int
    person: str  # sealed; holds the CRM's id


class OutcomeRow(CrmSyncRow, table=True):
    """How a contact ended, as it stands."""

    __tablename__ = "outcome"

    contact_id: UUID = Field(primary_key=True)
    workspace_id: UUID = Field(index=True)
    revision: int
    code: str
    reason: str
    ended_at: datetime = Field(sa_type=MOMENT)


TABLES = make_tables(METADATA)
IMPORT: sa.Table = ImportRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
RECORD: sa.Table = SourceRecordRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
OUTCOME: sa.Table = OutcomeRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it


class ImportRunningError(RuntimeError):
    """Another import of the same source has not ended."""


@contextmanager
def alone(engine: sa.Engine, workspace_id: UUID, source: str) -> Iterator[None]:
    """No other import of this source runs meanwhile, in any process.

    Raises ImportRunningError when one does. A killed process leaves nothing locked.
    """
    key = named("import", workspace_id, source).int >> 65  # 63 bits
    with engine.connect() as connection:
        session = connection.execution_options(isolation_level="AUTOCOMMIT")
        if not session.scalar(sa.select(sa.func.pg_try_advisory_lock(key))):
            sentence = f"Another import from {source} is running: wait until it has ended."
            raise ImportRunningError(sentence)
        try:
            yield
        finally:
            session.execute(sa.select(sa.func.pg_advisory_unlock(key)))


def begin_import(
    tx: sa.Connection, workspace_id: UUID, source: str, words: str, now: datetime
) -> tuple[UUID, int]:
    """Remember that an import begins; its id, and which attempt it is.

    `words` tell one import of a source from another. While it has not ended, the same words mean
    the same import.
    """
    its = (IMPORT.c.workspace_id == workspace_id, IMPORT.c.source == source)
    ended = sa.select(sa.func.count()).where(*its, IMPORT.c.ended_at.is_not(None))
    import_id = named("import", workspace_id, source, words, tx.scalar(ended))
    insert = pg.insert(IMPORT).values(
        import_id=import_id,
        workspace_id=workspace_id,
        source=source,
        attempt=1,
        changed=0,
        started_at=now,
    )
    again = {"attempt": IMPORT.c.attempt + 1}
    upsert = insert.on_conflict_do_update(index_elements=("import_id",), set_=again)
    return import_id, int(tx.execute(upsert.returning(IMPORT.c.attempt)).scalar_one())


def count_changed(tx: sa.Connection, import_id: UUID, changed: int) -> None:
    this = IMPORT.c.import_id == import_id
    tx.execute(sa.update(IMPORT).where(this).values(changed=IMPORT.c.changed + changed))


def end_import(tx: sa.Connection, import_id: UUID, now: datetime) -> int:
    """How many records were new or changed, over all attempts."""
    this = sa.update(IMPORT).where(IMPORT.c.import_id == import_id).values(ended_at=now)
    return int(tx.execute(this.returning(IMPORT.c.changed)).scalar_one())


def knows_any(tx: sa.Connection, workspace_id: UUID, source: str) -> bool:
    """Whether there are records of this source."""
    its = sa.exists().where(RECORD.c.workspace_id == workspace_id, RECORD.c.source == source)
    return bool(tx.scalar(sa.select(its)))


def known_records(
    tx: sa.Connection, arrived: Sequence[Arrived], import_id: UUID, attempt: int
) -> dict[UUID, list[Known]]:
    """The records that came before with the same ids as these, by ordinal."""
    ids = list({one.record_id for one in arrived})
    these = sa.any_(sa.bindparam("ids", ids, pg.ARRAY(sa.Uuid)))
    ask = sa.select(RECORD).where(RECORD.c.record_id == these).order_by(RECORD.c.ordinal)
    known: dict[UUID, list[Known]] = {}
    for row in tx.execute(ask):
        met = (row.import_id, row.attempt) == (import_id, attempt)
        one = Known(row.contact_id, row.ordinal, row.fingerprint, met)
        known.setdefault(row.record_id, []).append(one)
    return known


def mark_met(tx: sa.Connection, rows: Mapping[UUID, int], import_id: UUID, attempt: int) -> None:
    """These contacts were met again, unchanged, in these rows."""
    ids = sa.bindparam("ids", list(rows), pg.ARRAY(sa.Uuid))
    numbers = sa.bindparam("numbers", list(rows.values()), pg.ARRAY(sa.Integer))
    met = sa.select(
        sa.func.unnest(ids).label("contact_id"), sa.func.unnest(numbers).label("row")
    ).subquery()
    new = {"row": met.c.row, "import_id": import_id, "attempt": attempt}
    tx.execute(sa.update(RECORD).where(RECORD.c.contact_id == met.c.contact_id).values(new))


def save_records(
    tx: sa.Connection, events: Sequence[ContactImported], prints: Mapping[int, str], attempt: int
) -> None:
    """Records (at least one) that are new or have changed. `prints`: row → fingerprint."""
    rows = [
        {
            "contact_id": event.subject,
            "workspace_id": event.workspace_id,
            "source": event.source,
            "record_id": event.record_id,
            "ordinal": event.ordinal,
            "fingerprint": prints[event.row],
            "row": event.row,
            "import_id": event.import_id,
            "person": event.person.text,
        }
        for event in events
    ]
    insert = insert_rows(RECORD, rows, attempt=attempt)
    names = ("fingerprint", "row", "import_id", "attempt", "person")
    new = {name: insert.excluded[name] for name in names}
    tx.execute(insert.on_conflict_do_update(index_elements=("contact_id",), set_=new))


def load_outcomes(tx: sa.Connection, events: Sequence[Event]) -> dict[UUID, Standing | None]:
    """The outcomes of these events' contacts, as they stand."""
    these = sa.any_(sa.bindparam("ids", [event.subject for event in events], pg.ARRAY(sa.Uuid)))
    rows = tx.execute(sa.select(OUTCOME).where(OUTCOME.c.contact_id == these))
    return {
        row.contact_id: Standing(
            row.workspace_id, row.revision, Outcome(row.code), row.reason, row.ended_at
        )
        for row in rows
    }


def save_outcomes(tx: sa.Connection, outcomes: Mapping[UUID, Standing | None]) -> None:
    rows = [
        {
            "contact_id": contact,
            "workspace_id": its.workspace_id,
            "revision": its.revision,
            "code": its.code.value,
            "reason": its.reason,
            "ended_at": its.ended_at,
        }
        for contact, its in outcomes.items()
        if its is not None
    ]
    insert = insert_rows(OUTCOME, rows)
    new = {name: insert.excluded[name] for name in ("revision", "code", "reason", "ended_at")}
    newer = OUTCOME.c.revision < insert.excluded.revision
    tx.execute(insert.on_conflict_do_update(index_elements=("contact_id",), set_=new, where=newer))
