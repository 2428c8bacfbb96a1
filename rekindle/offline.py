"""Triage of a file without bus or database: the same readers, the same rules, in memory."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from services.crm_sync.dialects import NOTHING, Told
from services.crm_sync.records import Record, Source, open_source
from services.triage.judging import Judgement
from services.triage.offline import judge_all
from shared.events import Facts
from shared.ids import named
from shared.privacy.hashes import Hasher
from shared.privacy.master import key_from_seed
from shared.words import LineType

SOURCE = "csv"


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number as triage may know it."""

    hash: str
    region: str
    line: LineType
    whatsapp: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox as triage may know it."""

    hash: str
    alias_hash: str


@dataclass(frozen=True, slots=True)
class OfflineRow:
    """A record with the ids and hashes that an import would give it."""

    record: Record
    contact_id: UUID
    record_id: UUID
    phone: Number | None
    mailbox: Box | None

    @property
    def row(self) -> int:
        return self.record.row

    @property
    def facts(self) -> Facts:
        return self.record.facts


def triage_file(
    path: Path, now: datetime, region: str, told: Told = NOTHING
) -> tuple[Source, Iterator[tuple[OfflineRow, Judgement]]]:
    """Each row of the file with its verdict. Raises UnusableFileError.

    The hashes are keyed by a constant: nothing of them is kept or shown.
    """
    hasher = key_from_seed(0).hasher(named("workspace", "offline"))
    source = open_source(path, region=region, hasher=hasher, today=now.date(), told=told)
    return source, judge_all(rows_of(source, hasher), now)


def rows_of(source: Source, hasher: Hasher) -> Sequence[OfflineRow]:
    """The records with their ids; repeats of one id are told apart."""
    seen: defaultdict[tuple[str, str], int] = defaultdict(int)
    rows = []
    for record in source:
        ordinal = seen[record.kind, record.key]
        seen[record.kind, record.key] += 1
        number = record.number
        rows.append(
            OfflineRow(
                record=record,
                contact_id=hasher.contact_id(SOURCE, record.kind, record.key, ordinal),
                record_id=hasher.contact_id(SOURCE, record.kind, record.key),
                phone=Number(hasher.phone(number.e164), number.region, number.line, record.whatsapp)
                if number
                else None,
                mailbox=Box(hasher.mailbox(record.mailbox), hasher.alias(record.mailbox))
                if record.mailbox
                else None,
            )
        )
    return rows


def as_json(row: OfflineRow, judgement: Judgement, row_of: dict[UUID, int]) -> dict[str, Any]:
    """One row's verdict, as `rekindle triage --json` prints it."""
    number = row.record.number
    return {
        "row": row.row,
        "verdict": judgement.verdict,
        "reasons": list(judgement.reasons),
        "duplicate_of": row_of.get(judgement.duplicate_of) if judgement.duplicate_of else None,
        "segment": judgement.segment,
        "goal": judgement.goal,
        "channels": {
            channel: {
                "state": its.openness,
                "code": its.code,
                "reason": its.sentence,
                "opens_at": its.opens_at.isoformat() if its.opens_at else None,
            }
            for channel, its in judgement.channels.items()
        },
        "phone_e164": number.e164 if number else None,
        "email": row.record.mailbox,
    }
