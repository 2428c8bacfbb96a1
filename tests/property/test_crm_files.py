"""Any file is read or refused, and no record is ever said twice, lost, or taken for another."""

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.crm_sync.cells import cleaned, is_annual, months, number, things, whole
from services.crm_sync.consents import agreement
from services.crm_sync.dates import Order, order_of, read_date
from services.crm_sync.dialects import ALIKE_ROWS_MIN
from services.crm_sync.mailboxes import read_mailbox
from services.crm_sync.mapping import place
from services.crm_sync.matching import Arrived, Known, placed, unchanged
from services.crm_sync.phones import read_number
from services.crm_sync.places import read_country, read_language
from services.crm_sync.reading import open_table
from services.crm_sync.records import Record
from services.crm_sync.wrapping import UnusableFileError
from services.crm_sync.zones import read_zone
from shared.events import Facts, Person
from shared.ids import named
from tests.crm_files import open_, read

MANY = settings(max_examples=150)
HEADER = b"id,email,phone,unsubscribed\n"

# Text that looks like a CSV more often than chance would have it.
SIGNS = (
    b",",
    b";",
    b"\t",
    b'"',
    b"\n",
    b"\r\n",
    b"\r",
    b"\x00",
    b"\xff",
    b"\xc3\xa9",
    b"\xe9",
    b" ",
)
WORDS = (b"email", b"1", b"a@b.example", b"+370 612 12345", b"yes", b"sep=;", b"\xef\xbb\xbf")
pieces = st.sampled_from([*SIGNS, *WORDS])
contents = st.lists(pieces, max_size=60).map(b"".join) | st.binary(max_size=300)
cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


def folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory()


@MANY
@given(contents)
def test_any_bytes_are_rows_or_an_unusable_file(content):
    with folder() as name:
        path = Path(name) / "customers.csv"
        path.write_bytes(content)
        try:
            table = open_table(path)
        except UnusableFileError:
            return
        rows = list(table.rows())
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))


@MANY
@given(contents)
def test_any_bytes_behind_a_header_are_records(content):
    with folder() as name:
        path = Path(name) / "customers.csv"
        path.write_bytes(HEADER + content)
        try:
            source = open_(path)
        except UnusableFileError:
            return
        records = list(source)
        assert len(records) == source.rows
        for record in records:
            assert record.facts.model_dump_json()
            assert record.content.encode()
            assert not (record.facts.unreadable and (record.number or record.mailbox))


def are_alike(rows):
    return len(rows) >= ALIKE_ROWS_MIN and len({*map(len, rows)}) == 1


@MANY
@given(st.lists(st.lists(cells, min_size=1, max_size=6), min_size=1, max_size=8))
def test_ragged_rows_are_read_and_counted(rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "email", "plan"], *rows])
    expected = [row for row in rows if any(cell.strip() for cell in row)]
    assume(not any(map(are_alike, (rows, expected))))  # many alike have columns without a name
    with folder() as name:
        records = read(Path(name), text.getvalue())
    assert len(records) == len(expected)
    for record, row in zip(records, expected, strict=True):
        beyond = any(cell.strip() for cell in row[3:])
        assert bool(record.facts.unreadable) == beyond


@MANY
@given(st.lists(st.tuples(cells, cells, cells), max_size=8, unique_by=str), st.randoms())
def test_the_order_of_the_rows_changes_no_record(rows, random):
    def said(some):
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("id", "email", "plan"), *some])
        with folder() as name:
            return Counter((r.kind, r.key, r.content) for r in read(Path(name), text.getvalue()))

    shuffled = list(rows)
    random.shuffle(shuffled)
    assert said(rows) == said(shuffled)


@MANY
@given(st.text(max_size=40))
def test_no_cell_breaks_a_reader(text):
    readers = (
        whole, number, months, things, is_annual, order_of, agreement, read_mailbox, read_country,
        read_language, read_zone,
    )  # fmt: skip
    for reader in readers:
        reader(text)
    for order in (None, *Order):
        read_date(text, order)
    for region in ("", "US", "DE", "LT"):
        read_number(text, region)
    assert cleaned(cleaned(text)) in ("", cleaned(text))
    place([text])


@MANY
@given(st.integers(1990, 2100), st.integers(1, 12), st.integers(1, 28))
def test_a_day_is_read_back_from_each_order(year, month, day):
    american, european = f"{month}/{day}/{year}", f"{day}/{month}/{year}"
    assert read_date(american, Order.MONTH_FIRST) == read_date(european, Order.DAY_FIRST)
    assert read_date(f"{year}-{month:02}-{day:02}", None) == read_date(european, Order.DAY_FIRST)
    told = read_date(european, None)
    assert told is None or told == read_date(european, Order.DAY_FIRST)


# -- which record is which


@dataclass
class Memory:
    """A database of source records in memory, with the two passes of an import over it."""

    records: dict[UUID, list[Known]] = field(default_factory=dict)

    def take(self, rows: Sequence[tuple[str, str]], chunk: int, until: int = 1_000) -> int:
        """Import rows of (id, content), chunk by chunk; how many events there are.

        It is killed before chunk number `until`.
        """
        for key, known in self.records.items():
            self.records[key] = [
                Known(k.contact_id, k.ordinal, k.fingerprint, False) for k in known
            ]
        left = [arrived(n, *row) for n, row in enumerate(rows, start=1)]
        for part in parts(left, chunk):
            for one, known in unchanged(part, self.records):
                self.put(one, known.ordinal)
                left.remove(one)
        said = 0
        for part in parts(left, chunk)[:until]:
            for one, ordinal in placed(part, self.records):
                self.put(one, ordinal)
                said += 1
        return said

    def put(self, one: Arrived, ordinal: int) -> None:
        known = self.records.setdefault(one.record_id, [])
        new = Known(named("contact", one.record_id, ordinal), ordinal, one.fingerprint, True)
        known[ordinal : ordinal + 1] = [new]

    def contents(self) -> Counter[tuple[UUID, str]]:
        return Counter((key, k.fingerprint) for key, its in self.records.items() for k in its)


def arrived(row: int, key: str, content: str) -> Arrived:
    record = Record(row, "id", key, Facts(), Person(), None, False, None, content)
    return Arrived(record, named("record", key), content)


def parts(left: Sequence[Arrived], chunk: int) -> list[list[Arrived]]:
    return [list(left[n : n + chunk]) for n in range(0, len(left), chunk)]


files = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("vwxyz")), max_size=12)
chunks = st.integers(1, 5)


@MANY
@given(files, chunks, chunks, st.randoms())
def test_a_file_says_nothing_twice_in_whatever_order(rows, chunk, other, random):
    memory = Memory()
    assert memory.take(rows, chunk) == len(rows)
    again = list(rows)
    random.shuffle(again)
    assert memory.take(again, other) == 0
    assert memory.contents() == Counter((named("record", key), what) for key, what in rows)


@MANY
@given(files.filter(bool), chunks, st.randoms())
def test_one_changed_cell_says_one_event(rows, chunk, random):
    memory = Memory()
    memory.take(rows, chunk)
    n = random.randrange(len(rows))
    changed = [*rows[:n], (rows[n][0], "new"), *rows[n + 1 :]]
    random.shuffle(changed)
    assert memory.take(changed, chunk) == 1
    assert memory.take(rows, chunk) == 1


@MANY
@given(files, files, chunks)
def test_a_record_is_said_for_each_that_is_new_or_changed_and_for_no_other(before, after, chunk):
    memory = Memory()
    memory.take(before, chunk)
    kept = Counter(before) & Counter(after)
    assert memory.take(after, chunk) == len(after) - kept.total()


@MANY
@given(files, chunks, st.integers(0, 5))
def test_an_import_that_was_killed_says_the_rest(rows, chunk, until):
    memory = Memory()
    first = memory.take(rows, chunk, until)
    assert first + memory.take(rows, chunk) == len(rows)
    assert memory.take(rows, chunk) == 0
