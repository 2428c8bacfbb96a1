"""Imports into a real database: what is said, what is stored, and what is said no second time."""

import gzip
from datetime import datetime, timedelta
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from rekindle.bundle import guarded
from services.crm_sync import importing, store
from services.crm_sync.dialects import Told
from services.crm_sync.handlers import WRITE_BACK
from services.crm_sync.importing import Importer
from services.crm_sync.store import METADATA, OUTCOME, RECORD, TABLES, ImportRunningError
from services.crm_sync.wrapping import UnusableFileError
from shared.bus import make_engine
from shared.events import (
    ContactImported,
    History,
    ImportEnded,
    OutcomeRecorded,
    OutcomeWritten,
    Person,
    Proof,
)
from shared.outcomes import Outcome
from shared.privacy.master import key_from_seed
from shared.privacy.sealed import unseal
from shared.privacy.vault import VAULT, Vault
from tests.crm_files import ANN, BEN, as_csv, write
from tests.examples import NOW, WORKSPACE

KINDS = {kind.topic: kind for kind in (ContactImported, ImportEnded)}
PHONE = "+44 7400 123456"


class Desk:
    """An importer on a database of its own, and what it has said since it was last asked."""

    def __init__(self, folder, crm_url, vault_url) -> None:
        master = key_from_seed(1)
        self.folder = folder
        self.engine = make_engine(crm_url)
        self.vault = Vault(make_engine(vault_url), master)
        self.importer = Importer(self.engine, self.vault, master, lambda: NOW)
        self.heard = 0

    def take(self, *rows, **options) -> list[ContactImported]:
        """Import these rows; what was said of contacts."""
        self.report = self.importer.import_file(
            write(self.folder, as_csv(*rows)), WORKSPACE, region="GB", **options
        )
        return [event for event in self.said() if isinstance(event, ContactImported)]

    def said(self) -> list[ContactImported | ImportEnded]:
        outbox = TABLES.outbox
        ask = sa.select(outbox).where(outbox.c.id > self.heard).order_by(outbox.c.id)
        with self.engine.connect() as tx:
            rows = tx.execute(ask).all()
        self.heard = max([self.heard, *(row.id for row in rows)])
        return [
            KINDS[row.topic].from_bus(
                row.body,
                {
                    "subject": row.subject, "workspace_id": row.workspace_id,
                    "id": row.event_id, "cause_id": row.cause_id, "time": row.said_at,
                },
            )
            for row in rows
        ]  # fmt: skip

    def person(self, event: ContactImported) -> Person:
        return unseal(event.person, Person, self.vault.key(event.subject))

    def stored(self) -> list[sa.Row]:
        with self.engine.connect() as tx:
            return list(tx.execute(sa.select(RECORD).order_by(RECORD.c.row)))

    def end(self, *events: OutcomeRecorded) -> list[OutcomeWritten]:
        with self.engine.begin() as tx:
            answers = WRITE_BACK(tx, events, NOW)
        return [output for _, outputs in answers for output in outputs]

    def outcomes(self) -> dict[UUID, tuple[int, str, str, datetime]]:
        with self.engine.connect() as tx:
            rows = tx.execute(sa.select(OUTCOME)).all()
        return {row.contact_id: (row.revision, row.code, row.reason, row.ended_at) for row in rows}


@pytest.fixture
def desk(database, tmp_path):
    desk = Desk(tmp_path, database("crm_sync", METADATA), database("vault", VAULT))
    with desk.importer:
        yield desk


def test_a_row_becomes_a_sealed_record_with_its_facts(desk):
    [event] = desk.take(ANN | {"phone": PHONE, "plan": "Base"})
    assert desk.person(event) == Person(crm_id="7", full_name="Ann Smith", first_name="Ann")
    key = desk.vault.key(event.subject)
    assert unseal(event.phone.sealed, str, key) == "+447400123456"
    assert unseal(event.mailbox.sealed, str, key) == "ann@studio.example"
    assert event.facts.country == "GB"
    assert event.facts.account.plan == "Base"
    assert (event.row, event.ordinal, event.source) == (1, 0, "csv")


def test_nothing_personal_stands_open_in_the_outbox_or_the_table(desk):
    desk.take(ANN | {"phone": PHONE, "company": "Smith Pottery"})
    with desk.engine.connect() as tx:
        stored = str(tx.execute(sa.select(TABLES.outbox)).all())
        stored += str(tx.execute(sa.select(RECORD)).all())
    for word in ("Ann", "Smith", "ann@studio", "7400", "Pottery"):
        assert word not in stored


def test_the_end_of_an_import_tells_its_records_and_how_many_are_new(desk):
    desk.importer.import_file(write(desk.folder, as_csv(ANN, BEN)), WORKSPACE, region="GB")
    *contacts, ended = desk.said()
    assert isinstance(ended, ImportEnded)
    assert (ended.records, ended.changed, ended.subject) == (2, 2, WORKSPACE)
    assert {its.import_id for its in contacts} == {ended.import_id}


def test_the_same_file_again_says_nothing_of_anybody(desk):
    assert len(desk.take(ANN, BEN)) == 2
    assert desk.take(ANN, BEN) == []
    assert (desk.report.records, desk.report.changed) == (2, 0)


def test_the_same_file_in_another_order_says_nothing_and_moves_the_rows(desk):
    desk.take(ANN, BEN)
    assert desk.take(BEN, ANN) == []
    assert [row.row for row in desk.stored()] == [1, 2]


def test_the_same_columns_in_another_order_say_nothing(desk):
    desk.take(ANN, BEN)
    assert desk.take(*(dict(reversed(row.items())) for row in (ANN, BEN))) == []


def test_one_changed_cell_says_one_event_of_the_same_contact(desk):
    before = {event.row: event.subject for event in desk.take(ANN, BEN)}
    [event] = desk.take(ANN, BEN | {"name": "Ben Grey"})
    assert event.subject == before[2]
    assert desk.person(event).full_name == "Ben Grey"
    assert desk.take(ANN, BEN | {"name": "Ben Grey"}) == []


def test_a_change_and_back_are_two_different_events(desk):
    first = desk.take(ANN)
    second = desk.take(ANN | {"name": "Anna Smith"})
    third = desk.take(ANN)
    assert len({event.id for event in (*first, *second, *third)}) == 3
    assert len({event.subject for event in (*first, *second, *third)}) == 1


def test_every_event_has_an_id_of_its_own(desk):
    events = desk.take(ANN, ANN, BEN)
    assert len({event.id for event in events}) == 3


def test_exact_repeats_of_a_row_are_records_of_their_own(desk):
    events = desk.take(ANN, ANN, ANN)
    assert [event.ordinal for event in events] == [0, 1, 2]
    assert len({event.subject for event in events}) == 3
    assert len({event.record_id for event in events}) == 1
    assert desk.take(ANN, ANN, ANN) == []


def test_of_two_rows_with_one_id_the_unchanged_one_keeps_its_contact(desk):
    other = ANN | {"name": "A. Smith"}
    _, second = desk.take(ANN, other)
    [event] = desk.take(other, ANN | {"name": "Ann Smythe"})
    assert event.ordinal == 0
    assert event.subject != second.subject


def test_a_new_row_before_the_known_one_of_its_id_says_one_event(desk):
    [known] = desk.take(ANN)
    [event] = desk.take(ANN | {"name": "A. Smith"}, ANN)
    assert (event.ordinal, event.row) == (1, 1)
    assert event.subject != known.subject


def test_repeats_are_told_apart_across_chunks(desk, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 1)
    events = desk.take(ANN, BEN, ANN, ANN | {"name": "A. Smith"})
    assert [event.ordinal for event in events] == [0, 0, 1, 2]
    assert desk.take(ANN | {"name": "A. Smith"}, ANN, ANN, BEN) == []


def test_a_row_that_became_unreadable_is_the_same_contact(desk):
    [before] = desk.take(ANN)
    broken = as_csv(ANN).replace("Ann Smith", "Ann \udcff\udcfe").encode("utf-8", "surrogateescape")
    desk.importer.import_file(write(desk.folder, broken), WORKSPACE, region="GB")
    [event, _] = desk.said()
    assert event.subject == before.subject
    assert event.facts.unreadable == "The row holds bytes that are no text."
    assert event.mailbox is None


def test_an_unusable_file_leaves_nothing_behind(desk):
    desk.take(ANN)
    with pytest.raises(UnusableFileError, match=r"customers\.csv"):
        desk.take({"colour": "blue"})
    assert desk.said() == []
    assert len(desk.stored()) == 1


def test_a_killed_import_goes_on_where_it_stopped(desk, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 1)
    people = [ANN | {"id": str(n), "email": f"a{n}@studio.example"} for n in range(5)]

    def die(done, _rows):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.take(*people, progress=die)
    before = desk.said()
    rest = desk.take(*people)
    assert sorted(event.row for event in (*before, *rest)) == [1, 2, 3, 4, 5]
    assert len({event.import_id for event in (*before, *rest)}) == 1
    assert desk.report.changed == 5


def test_a_chunk_holds_or_does_not(desk, monkeypatch):
    def fail(*_):
        raise OperationalError("stop", None, Exception())

    with monkeypatch.context() as patched:
        patched.setattr(importing, "tell", fail)
        with pytest.raises(OperationalError):
            desk.take(ANN)
    assert desk.stored() == []
    assert len(desk.take(ANN)) == 1


def test_another_import_of_the_same_source_waits_its_turn(desk):
    with (
        store.alone(desk.engine, WORKSPACE, "csv"),
        pytest.raises(ImportRunningError, match="running"),
    ):
        desk.take(ANN)
    assert len(desk.take(ANN)) == 1


def test_somebody_who_was_forgotten_does_not_come_back(desk):
    [event] = desk.take(ANN)
    desk.vault.destroy(event.subject)
    assert desk.take(ANN | {"name": "Ann Smythe"}, BEN) != []
    assert [row.row for row in desk.stored() if row.contact_id == event.subject] == [1]
    assert desk.report.changed == 1


def test_two_workspaces_have_nothing_in_common(desk):
    [mine] = desk.take(ANN)
    other = WORKSPACE.__class__(int=WORKSPACE.int ^ 1)
    desk.importer.import_file(write(desk.folder, as_csv(ANN)), other, region="GB")
    theirs, _ = desk.said()
    assert mine.subject != theirs.subject
    assert mine.mailbox.hash != theirs.mailbox.hash


def test_values_that_nobody_understands_are_counted_by_column(desk):
    desk.take(ANN | {"Seats": "many"}, BEN | {"Seats": "few", "Shoe size": "44"})
    assert desk.report.unread == {"Seats": 2}
    assert desk.report.unplaced == ("Shoe size",)


def test_progress_counts_every_row_once(desk, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    steps = []
    desk.take(ANN, BEN, ANN, progress=lambda done, rows: steps.append((done, rows)))
    assert steps == [(2, 3), (3, 3)]


def outcome(contact, code, revision, hours=0) -> OutcomeRecorded:
    return OutcomeRecorded(
        subject=contact,
        workspace_id=WORKSPACE,
        revision=revision,
        code=code,
        reason="because",
        ended_at=NOW + timedelta(hours=hours),
    )


def test_an_outcome_is_stored_and_receipted(desk):
    [event] = desk.take(ANN)
    [receipt] = desk.end(outcome(event.subject, Outcome.BOOKED, 1))
    assert (receipt.subject, receipt.revision) == (event.subject, 1)
    assert desk.outcomes() == {event.subject: (1, "booked", "because", NOW)}


def test_a_lower_revision_changes_nothing_and_has_no_receipt(desk):
    [event] = desk.take(ANN)
    desk.end(outcome(event.subject, Outcome.OPTED_OUT, 2))
    assert desk.end(outcome(event.subject, Outcome.BOOKED, 1)) == []
    assert desk.outcomes() == {event.subject: (2, "opted_out", "because", NOW)}


def test_the_highest_of_several_revisions_in_a_batch_stands(desk):
    [event] = desk.take(ANN)
    said = desk.end(
        outcome(event.subject, Outcome.BOOKED, 1), outcome(event.subject, Outcome.DECLINED, 2)
    )
    assert [receipt.revision for receipt in said] == [1, 2]
    assert desk.outcomes() == {event.subject: (2, "declined", "because", NOW)}


def test_an_id_that_was_kept_from_being_a_formula_comes_back_whole(desk):
    desk.take(ANN | {"id": "=1+1"})
    assert desk.take(ANN | {"id": guarded("=1+1")}) == []


def test_the_same_list_as_a_spreadsheet_in_an_archive_says_nothing_new(desk):
    people = [ANN | {"seats": "3"}, BEN | {"seats": "4"}]
    assert len(desk.take(*people)) == 2
    book = openpyxl.Workbook()
    book.active.append(list(people[0]))
    for its in people:
        book.active.append([*list(its.values())[:-1], int(its["seats"])])
    book.save(desk.folder / "customers.xlsx")
    packed = gzip.compress((desk.folder / "customers.xlsx").read_bytes())
    path = write(desk.folder, packed, "customers.xlsx.gz")
    report = desk.importer.import_file(path, WORKSPACE, region="GB")
    assert (report.records, report.changed) == (2, 0)
    assert report.described.startswith("gzip, sheet “Sheet”, parted by")


def test_what_a_record_tells_in_words_travels_sealed(desk):
    [event] = desk.take(
        ANN | {"SMS consent": "yes", "Consent proof": "form 7", "Churn reason": "Ben left us"}
    )
    history = unseal(event.history, History, desk.vault.key(event.subject))
    assert history == History(left_because="Ben left us", proofs=(Proof(words="form 7"),))
    with desk.engine.connect() as tx:
        stored = str(tx.execute(sa.select(TABLES.outbox)).all())
    assert "form 7" not in stored
    assert "Ben left us" not in stored


def test_what_a_person_says_of_a_file_holds(desk):
    path = write(desk.folder, "us@x.example;x\nKey;Box\n1;a@x.example\n")
    told = Told(header_line=2, columns={"Box": "email"})
    report = desk.importer.import_file(path, WORKSPACE, region="GB", source="hubspot", told=told)
    assert (report.records, report.unplaced) == (1, ("Key",))
    assert [event.source for event in desk.said()] == ["hubspot", "hubspot"]
