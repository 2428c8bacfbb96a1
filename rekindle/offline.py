"""Triage of a file without bus or database: the same readers, the same rules, in memory."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from services.crm_sync.dialects import NOTHING, Told
from services.crm_sync.records import Record, Source, open_source
from services.triage.judging import Judgement
from services.triage.offline import judge_all
from shared.events import Consent, Facts
from shared.ids import named
from shared.privacy.hashes import Hasher
from shared.privacy.master import key_from_seed
from shared.rules.loading import rules_in_force
from shared.words import Basis, Channel, LineType, Reason

SOURCE = "csv"
OPENED_BY_CONSENT = frozenset({Reason.NO_LAWFUL_CHANNEL})


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


Judged = tuple[OfflineRow, Judgement]


def triage_file(
    path: Path, now: datetime, region: str, told: Told = NOTHING
) -> tuple[Source, Iterator[Judged]]:
    """Each row of the file with its verdict. Raises UnusableFileError.

    The hashes are keyed by a constant: nothing of them is kept or shown. What the sender has to set
    up before it may write is taken as done: that is no matter of the list.
    """
    hasher = key_from_seed(0).hasher(named("workspace", "offline"))
    source = open_source(path, region=region, hasher=hasher, today=now.date(), told=told)
    return source, judge_all(rows_of(source, hasher), rules_in_force().preconditions, now)


def rows_of(source: Source, hasher: Hasher) -> Sequence[OfflineRow]:
    """The records with their ids; repeats of one id are told apart."""
    seen: defaultdict[tuple[str, str], int] = defaultdict(int)
    rows = []
    for record in source:
        ordinal = seen[record.kind, record.key]
        seen[record.kind, record.key] += 1
        number = record.number
        record_id = hasher.contact_id(SOURCE, record.kind, record.key)
        again = ordinal and hasher.contact_id(SOURCE, record.kind, record.key, ordinal)
        rows.append(
            OfflineRow(
                record=record,
                contact_id=again or record_id,
                record_id=record_id,
                phone=Number(hasher.phone(number.e164), number.region, number.line, record.whatsapp)
                if number
                else None,
                mailbox=Box(hasher.mailbox(record.mailbox), hasher.alias(record.mailbox))
                if record.mailbox
                else None,
            )
        )
    return rows


def refreshed(judged: Sequence[Judged], now: datetime) -> Iterator[Judged]:
    """As if everybody had agreed to everything in writing today, with proof: whom that may open.

    Whoever is kept out by something else than a closed channel is left out.
    """
    consent = Consent(
        basis=Basis.WRITTEN_CONSENT,
        channels=tuple(Channel),
        given_on=now.date(),
        proof=True,
        by_person=True,
    )
    rows = [_with(consent, row) for row, _ in judged]
    whom = {row.contact_id for row, its in judged if OPENED_BY_CONSENT.issuperset(its.reasons)}
    return judge_all(rows, rules_in_force().preconditions, now, whom=whom)


def _with(consent: Consent, row: OfflineRow) -> OfflineRow:
    consents = (*row.facts.consents, consent)
    facts = row.facts.model_copy(update={"consents": consents})
    return replace(row, record=replace(row.record, facts=facts))
