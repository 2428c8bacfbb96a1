"""Triage of a file without bus or database: the same readers, the same rules, in memory."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from rekindle.spreading import nothing_collected, spread
from services.crm_sync.dialects import NOTHING, Told
from services.crm_sync.reading import Row
from services.crm_sync.records import Reader, Record, Source, open_source
from services.triage.judging import Judgement
from services.triage.offline import judge_all, judge_alone
from shared.events import Consent, Facts
from shared.ids import named
from shared.privacy.hashes import Hasher
from shared.privacy.master import key_from_seed
from shared.rules.loading import rules_in_force
from shared.words import Basis, Channel, LineType, Reason

SOURCE = "csv"
SPREAD_ROWS_MIN = 10_000  # of fewer, one process is done before others have begun
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


@dataclass(frozen=True, slots=True)
class Alone:
    """Reads a row, and judges it as if there were no other."""

    reader: Reader
    now: datetime

    def __call__(self, row: Row) -> Judged:
        its = row_of(self.reader(row), self.reader.hasher)
        return its, judge_alone(its, set_up_as_asked(), self.now)


def triage_file(
    path: Path, now: datetime, region: str, told: Told = NOTHING
) -> tuple[Source, list[Judged]]:
    """Each row of the file with its verdict. Raises UnusableFileError.

    The hashes are keyed by a constant: nothing of them is kept or shown. What the sender has to set
    up before it may write is taken as done: that is no matter of the list.
    """
    hasher = key_from_seed(0).hasher(named("workspace", "offline"))
    source = open_source(path, region=region, hasher=hasher, today=now.date(), told=told)
    work, rows, set_up = Alone(source.reader, now), source.table.rows(), set_up_as_asked()
    spreading = source.rows >= SPREAD_ROWS_MIN
    with nothing_collected():
        read = told_apart(spread(work, rows) if spreading else map(work, rows), hasher)
        alone = {row.contact_id: its for row, its in read}
        return source, list(judge_all([row for row, _ in read], set_up, now, alone=alone))


def told_apart(judged: Iterable[Judged], hasher: Hasher) -> list[Judged]:
    """Rows that came with one id have ids of their own but for the first, as in an import."""
    seen, found = Counter[UUID](), []
    for row, its in judged:
        if ordinal := seen[row.record_id]:
            key = (row.record.kind, row.record.key)
            row = replace(row, contact_id=hasher.contact_id(SOURCE, *key, ordinal))  # noqa: PLW2901  the same row, told apart
        seen[row.record_id] += 1
        found.append((row, its))
    return found


def set_up_as_asked() -> Collection[str]:
    """What the sender must have set up for the contact rules, as if all of it were."""
    return rules_in_force().preconditions


def row_of(record: Record, hasher: Hasher) -> OfflineRow:
    """The record with the ids and hashes that it would have."""
    number, mailbox = record.number, record.mailbox
    record_id = hasher.contact_id(SOURCE, record.kind, record.key)
    phone = (
        Number(hasher.phone(number.e164), number.region, number.line, record.whatsapp)
        if number
        else None
    )
    box = Box(hasher.mailbox(mailbox), hasher.alias(mailbox)) if mailbox else None
    return OfflineRow(record, record_id, record_id, phone, box)


def refreshed(judged: Sequence[Judged], now: datetime) -> list[Judged]:
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
    with nothing_collected():
        return list(judge_all(rows, set_up_as_asked(), now, whom=whom))


def _with(consent: Consent, row: OfflineRow) -> OfflineRow:
    consents = (*row.facts.consents, consent)
    facts = row.facts.model_copy(update={"consents": consents})
    return replace(row, record=replace(row.record, facts=facts))
