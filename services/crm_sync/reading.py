"""A file as rows: streamed, in flat memory, and no row is lost without a word.

What stands before the header is left out. A row that cannot be read is still a row: bytes that are
no text, a cell beyond the limit, a quote that is never closed or cells without a column spoil that
row alone. Data rows count from 1; blank lines do not count.
"""

import codecs
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TextIO

from services.crm_sync.dialects import (
    DECLARED,
    HEADER_ROWS_MAX,
    NOTHING,
    Dialect,
    Told,
    described,
    dialect_of,
    header_of,
    width_of,
)
from services.crm_sync.encodings import DAMAGE, ERRORS, encoding_of
from services.crm_sync.lines import Cells, cells_of
from services.crm_sync.wrapping import Content, UnusableFileError, unwrap

SAMPLE = 65_536  # bytes or characters, to tell what kind of file it is
COLUMNS_MAX = 2_000
ROWS_MAX = 10_000_000
CONTROL_SHARE_MAX = 0.05

_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r\f\v\x1a\x1b"))
_NO_TEXT = {
    b"PK": "an empty archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet of an old kind or one with a password",
    b"%PDF": "a PDF document",
    b"BZh": "a compressed file",
    b"\xfd7zXZ": "a compressed file",
    b"7z\xbc\xaf": "an archive",
    b"Rar!": "an archive",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One data row. `unreadable`: why; then `text` is the row as it stands in the file."""

    number: int
    cells: Sequence[str]
    unreadable: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read.

    `skipped` counts the rows before the first customer, `header_line` the lines up to the header;
    it is 0 where there is none, and the columns are called "column 1" and so on.
    """

    content: Content
    encoding: str
    dialect: Dialect
    header: tuple[str, ...]
    header_line: int
    skipped: int

    @property
    def name(self) -> str:
        return self.content.name

    @property
    def described(self) -> str:
        """How it is read, in a few words."""
        how = described(self.encoding, self.dialect, self.header_line)
        return ", ".join((*self.content.layers, how))

    def sample(self, rows: int) -> list[Sequence[str]]:
        """The cells of the first rows that can be read."""
        return [row.cells for row in islice(self.rows(), rows) if not row.unreadable]

    def rows(self) -> Iterator[Row]:
        """The data rows, from the beginning. Raises UnusableFileError behind too many."""
        width = len(self.header)
        with _opened(self.content, self.encoding) as file:
            # The rows of a preamble are of any width: none of them is torn apart.
            for _ in islice(cells_of(file, self.dialect, 0), self.skipped):
                pass
            for number, record in enumerate(cells_of(file, self.dialect, width), start=1):
                if number > ROWS_MAX:
                    sentence = f"{self.name} has more than {ROWS_MAX:,} rows: split it."
                    raise UnusableFileError(sentence)
                yield _row(number, record, width)


def open_table(path: Path, told: Told = NOTHING) -> Table:
    """Find out how the file is written, and its header. Raises UnusableFileError."""
    content = unwrap(path, told.sheet)
    encoding = _encoding(content, told.encoding)
    dialect = Dialect(",")
    if not content.is_plain:
        with _text(content, encoding) as file:
            dialect = dialect_of(file.read(SAMPLE), told.delimiter)
    with _opened(content, encoding) as file:
        start = file.tell() and 1  # the line that declares the delimiter
        first = list(islice(cells_of(file, dialect, 0), HEADER_ROWS_MAX))
    if not first:
        sentence = f"{content.name} is empty: export the customers again, with a header row."
        raise UnusableFileError(sentence)
    at = _header_at(content.name, first, start, told)
    table = Table(content, encoding, dialect, (), 0, 0)
    if at is None:
        width = max(len(record.cells) for record in first)
        return replace(table, header=tuple(f"column {n}" for n in range(1, width + 1)))
    return replace(
        table,
        header=_header(content.name, first[at:]),
        header_line=first[at].line + start,
        skipped=at + 1,
    )


def _encoding(content: Content, told: str) -> str:
    """The one that a person names, else the one found. Raises UnusableFileError."""
    if told:
        try:
            return codecs.lookup(told).name
        except LookupError as error:
            sentence = f"There is no encoding “{told}”: name one such as utf-8 or cp1252."
            raise UnusableFileError(sentence) from error
    if content.is_plain:
        return "utf-8"
    encoding = encoding_of(content.open)
    _refuse_what_is_no_text(content, wide=encoding.startswith("utf-16"))
    return encoding


def _refuse_what_is_no_text(content: Content, *, wide: bool) -> None:
    with content.open() as file:
        head = file.read(SAMPLE)
    kind = next((kind for magic, kind in _NO_TEXT.items() if head.startswith(magic)), "")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if not kind and not wide and controls > CONTROL_SHARE_MAX * len(head):
        kind = "a binary file"
    if kind:
        sentence = f"{content.name} is {kind}, not text: save it as CSV (UTF-8) and import that."
        raise UnusableFileError(sentence)


def _header_at(name: str, first: Sequence[Cells], start: int, told: Told) -> int | None:
    """Which of the first rows is the header. `start`: the lines before the first.

    Raises UnusableFileError where none begins on the line that a person names.
    """
    line = told.header_line
    if not line:
        return header_of([record.cells for record in first], frozenset(told.columns))
    found = next((n for n, record in enumerate(first) if record.line + start == line), None)
    if found is None:
        sentence = f"No row of {name} begins on line {line}: name the line with the header."
        raise UnusableFileError(sentence)
    return found


def _header(name: str, rows: Sequence[Cells]) -> tuple[str, ...]:
    """The names of the columns. Raises UnusableFileError."""
    header, *others = rows
    if not header.cells:
        sentence = f"The row of {name} that must name the columns {header.trouble}."
        raise UnusableFileError(sentence)
    width = width_of(header.cells, [record.cells for record in others if record.cells])
    if width > COLUMNS_MAX:
        sentence = f"{name} has more than {COLUMNS_MAX:,} columns: leave some out."
        raise UnusableFileError(sentence)
    names = [cell.replace(DAMAGE, "?").strip() for cell in header.cells]
    return tuple(names + [""] * (width - len(names)))


@contextmanager
def _text(content: Content, encoding: str) -> Iterator[TextIO]:
    with (
        content.open() as file,
        io.TextIOWrapper(file, encoding=encoding, errors=ERRORS, newline="") as text,
    ):
        yield text


@contextmanager
def _opened(content: Content, encoding: str) -> Iterator[TextIO]:
    """The file as text, behind the line in which some spreadsheets declare the delimiter."""
    with _text(content, encoding) as file:
        if not DECLARED.fullmatch(file.readline(SAMPLE)):
            file.seek(0)
        yield file


def _row(number: int, record: Cells, width: int) -> Row:
    cells, trouble = record.cells, record.trouble
    if len(cells) > width and any(map(str.strip, cells[width:])):
        trouble = f"has {len(cells)} cells where the header has {width}"
        return Row(number, (), trouble, record.text or "\0".join(cells))
    return Row(number, cells, trouble, record.text)
