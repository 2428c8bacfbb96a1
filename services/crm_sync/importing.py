"""An import: records sealed, stored and said, in chunks that each hold or do not.

A first pass over the file finds the records that are unchanged, wherever they stand now; a second
one takes in what is left, as changes of records that were not met or as new ones. So the same file
says nothing twice, one changed cell says one event, and an import that was killed is simply run
again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Self
from uuid import UUID

import sqlalchemy as sa

from services.crm_sync import store
from services.crm_sync.dialects import NOTHING, Told
from services.crm_sync.matching import Arrived, placed, unchanged
from services.crm_sync.records import Record, Source, open_source
from services.crm_sync.sealing import sealed
from shared.bus import make_engine, tell
from shared.clock import Clock, wall_ns
from shared.crash import point
from shared.events import ContactImported, ImportEnded
from shared.ids import NOBODY, named
from shared.privacy.master import MasterKey
from shared.privacy.vault import Vault
from shared.settings import Settings
from shared.telemetry.spans import Span, samples, span_of, within

GROUP = "crm_sync"
CHUNK = 1_000  # records of one transaction

Progress = Callable[[int, int], None]  # rows done, rows in all


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found. `unread`: column → how many of its values nobody understood."""

    import_id: UUID
    records: int
    changed: int
    unplaced: tuple[str, ...]
    unread: Mapping[str, int]
    described: str  # how the file was read, in a few words


@dataclass(frozen=True, slots=True)
class Importer:
    """Takes files into the workspaces of one database. On leaving it, connections are closed."""

    engine: sa.Engine
    vault: Vault
    master: MasterKey
    clock: Clock

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> Self:
        """With the databases of a deployment; the bus is not needed."""
        engine = make_engine(settings.database_of("crm_sync"))
        return cls(engine, settings.make_vault(), settings.master_key(), clock)

    def import_file(
        self,
        path: Path,
        workspace_id: UUID,
        *,
        region: str,
        source: str = "csv",
        told: Told = NOTHING,
        progress: Progress = lambda _done, _rows: None,
    ) -> ImportReport:
        """Take a file in. `region`: where numbers belong to that do not tell, nor does their row.

        `source` is the system that it comes from, `told` what a person says of the file.

        Raises UnusableFileError before anything is written, and ImportRunningError while another
        import of the same source runs.
        """
        hasher, today = self.master.hasher(workspace_id), self.clock().date()
        file = open_source(path, region=region, hasher=hasher, today=today, told=told)
        with store.alone(self.engine, workspace_id, source):
            return _Import(self, file, source, progress).run()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.dispose()
        self.vault.engine.dispose()


@dataclass
class _Import:
    """One attempt at an import. `settled` has a byte for each row, 1 when it is done."""

    its: Importer
    file: Source
    source: str
    progress: Progress
    import_id: UUID = NOBODY
    attempt: int = 0
    done: int = 0
    settled: bytearray = field(default_factory=bytearray)
    unread: Counter[str] = field(default_factory=Counter)

    @property
    def workspace_id(self) -> UUID:
        return self.file.reader.hasher.workspace_id

    def run(self) -> ImportReport:
        self.settled = bytearray(self.file.rows + 1)
        with self.its.engine.begin() as tx:
            again = store.knows_any(tx, self.workspace_id, self.source)
            self.import_id, self.attempt = store.begin_import(
                tx, self.workspace_id, self.source, self._words(), self.its.clock()
            )
        if again:
            for chunk in _chunks(self._left()):
                self._recognise(chunk)
        for chunk in _chunks(self._left()):
            self._take_in(chunk)
        return self._end()

    def _words(self) -> str:
        """What makes it this import: one that was interrupted is found again by them."""
        with self.file.table.content.open() as file:
            digest = file_digest(file, "sha256").hexdigest()
        return f"{digest} {self.file.reader.region} {self.file.reader.today}"

    def _left(self) -> Iterator[Arrived]:
        """The records of the rows that are not done."""
        hasher = self.file.reader.hasher
        for row in self.file.table.rows():
            if not self.settled[row.number]:
                record = self.file.reader(row)
                record_id = hasher.contact_id(self.source, record.kind, record.key)
                yield Arrived(record, record_id, hasher.content(record.content))

    def _recognise(self, chunk: Sequence[Arrived]) -> None:
        """Settle the records that are as they were."""
        with self.its.engine.begin() as tx:
            known = store.known_records(tx, chunk, self.import_id, self.attempt)
            same = unchanged(chunk, known)
            if same:
                rows = {known.contact_id: one.record.row for one, known in same}
                store.mark_met(tx, rows, self.import_id, self.attempt)
        self._settle(one.record for one, _ in same)

    def _take_in(self, chunk: Sequence[Arrived]) -> None:
        """Store and say the records that are new or have changed."""
        began = wall_ns()
        with self.its.engine.connect() as tx:
            known = store.known_records(tx, chunk, self.import_id, self.attempt)
        events = self._sealed(placed(chunk, known))
        prints = {one.record.row: one.fingerprint for one in chunk}
        cause = named("import.chunk", self.import_id, self.attempt, chunk[0].record.row)
        with self.its.engine.begin() as tx:
            if events:
                within(tx, [_row(event, began) for event in events if samples(event.subject)])
                store.save_records(tx, events, prints, self.attempt)
                tell(tx, store.TABLES, GROUP, cause, events, self.its.clock())
            store.count_changed(tx, self.import_id, len(events))
            point("import.before")
        point("import.after")
        self._settle(one.record for one in chunk)

    def _sealed(self, arrived: Sequence[tuple[Arrived, int]]) -> list[ContactImported]:
        """The events, each under its contact's key.

        Somebody who was forgotten has no key any more, and does not come back with the next file.
        """
        hasher = self.file.reader.hasher
        contacts = [
            hasher.contact_id(self.source, one.record.kind, one.record.key, ordinal)
            if ordinal
            else one.record_id
            for one, ordinal in arrived
        ]
        keys = self.its.vault.create(contacts)
        return [
            sealed(one, keys[contact], hasher, self.import_id, self.source, ordinal)
            for (one, ordinal), contact in zip(arrived, contacts, strict=True)
            if contact in keys
        ]

    def _settle(self, records: Iterable[Record]) -> None:
        for record in records:
            self.settled[record.row] = 1
            self.done += 1
            self.unread.update(record.unread)
        self.progress(self.done, self.file.rows)

    def _end(self) -> ImportReport:
        now, table, columns = self.its.clock(), self.file.table, self.file.reader.columns
        cause = named("import.ended", self.import_id, self.attempt)
        with self.its.engine.begin() as tx:
            changed = store.end_import(tx, self.import_id, now)
            ended = ImportEnded(
                subject=self.workspace_id,
                workspace_id=self.workspace_id,
                import_id=self.import_id,
                source=self.source,
                records=self.file.rows,
                changed=changed,
            )
            tell(tx, store.TABLES, GROUP, cause, [ended], now)
        return ImportReport(
            import_id=self.import_id,
            records=self.file.rows,
            changed=changed,
            unplaced=columns.unplaced,
            unread={table.header[columns.fields[of][0]]: n for of, n in self.unread.items()},
            described=table.described,
        )


def _row(event: ContactImported, began: int) -> Span:
    """A row of a list: the root of its contact's trace."""
    return Span(
        service=GROUP,
        name="import row",
        kind="internal",
        trace=event.subject.int,
        id=span_of(event.subject),
        parent=0,
        began=began,
        attributes={"rekindle.import_id": str(event.import_id), "rekindle.row": event.row},
    )


def _chunks(records: Iterator[Arrived]) -> Iterator[list[Arrived]]:
    while chunk := list(islice(records, CHUNK)):
        yield chunk
