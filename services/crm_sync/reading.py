"""A file as rows: streamed, in flat memory, and no row is lost without a word.

A row that cannot be read is still a row: bytes that are no text, a cell beyond the limit, a quote
that is never closed or cells without a column spoil that row alone. Data rows count from 1; blank
lines do not count.
"""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from services.crm_sync.encodings import DAMAGE, ERRORS, encoding_of
from services.crm_sync.lines import Cells, cells_of

SAMPLE = 65_536  # bytes or characters, to tell what kind of file it is
DELIMITERS = ",;\t|"
CONTROL_SHARE_MAX = 0.05

_DECLARED = re.compile(r'"?sep=(.)"?\s*')  # the first line of some spreadsheets' exports
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r\f\v\x1a\x1b"))
_NO_TEXT = {
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet of an old kind",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a compressed file",
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnusableFileError(ValueError):
    """Nothing of the file can be imported; the sentence names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One data row. `unreadable`: why; then `text` is the row as it stands in the file."""

    number: int
    cells: Sequence[str]
    unreadable: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """The data rows, from the beginning."""
        width = len(self.header)
        with _opened(self.path, self.encoding) as file:
            records = cells_of(file, self.delimiter, width)
            next(records)  # the header
            for number, record in enumerate(records, start=1):
                yield _row(number, record, width)


def open_table(path: Path) -> Table:
    """Find out how the file is written, and its header. Raises UnusableFileError."""
    _refuse_what_is_no_text(path)
    encoding = encoding_of(path)
    delimiter = _delimiter(path, encoding)
    with _opened(path, encoding) as file:
        first = next(cells_of(file, delimiter, 0), None)
    if first is None:
        sentence = f"{path.name} is empty: export the customers again, with a header row."
        raise UnusableFileError(sentence)
    if not first.cells:
        sentence = f"The first row of {path.name}, which must name the columns, {first.trouble}."
        raise UnusableFileError(sentence)
    header = tuple(cell.replace(DAMAGE, "?").strip() for cell in first.cells)
    return Table(path, encoding, delimiter, header)


def _refuse_what_is_no_text(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(SAMPLE)
    except OSError as error:
        sentence = f"{path} cannot be read: {(error.strerror or 'unknown error').lower()}."
        raise UnusableFileError(sentence) from error
    kind = next((kind for magic, kind in _NO_TEXT.items() if head.startswith(magic)), "")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if not kind and not head.startswith(_UTF16) and controls > CONTROL_SHARE_MAX * len(head):
        kind = "a binary file"
    if kind:
        sentence = f"{path.name} is {kind}, not text: save it as CSV (UTF-8) and import that."
        raise UnusableFileError(sentence)


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[TextIO]:
    """The file as text, behind the line in which some spreadsheets declare the delimiter."""
    with path.open(encoding=encoding, errors=ERRORS, newline="") as file:
        if not _DECLARED.fullmatch(file.readline(SAMPLE)):
            file.seek(0)
        yield file


def _delimiter(path: Path, encoding: str) -> str:
    """The one declared, or the one that parts the most rows into as many cells as the header."""
    with path.open(encoding=encoding, errors=ERRORS, newline="") as file:
        sample = file.read(SAMPLE)
    if declared := _DECLARED.match(sample):
        return declared[1]
    scores = {delimiter: _agreement(sample, delimiter) for delimiter in DELIMITERS}
    return max(scores, key=lambda delimiter: scores[delimiter])


def _agreement(sample: str, delimiter: str) -> tuple[float, int]:
    """The share of rows that are as wide as the header, and how wide that is."""
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(sample.splitlines(keepends=True), delimiter=delimiter):
            rows += [cells] if cells else []
    except csv.Error:
        pass  # a cell beyond the limit: what was read before it must do
    width = len(rows[0]) if rows else 0
    if width < 2:  # noqa: PLR2004  a single column has no delimiter
        return 0.0, width
    complete = rows[:-1] or rows  # the sample may end in the middle of the last one
    return sum(len(cells) == width for cells in complete) / len(complete), width


def _row(number: int, record: Cells, width: int) -> Row:
    cells, trouble = record.cells, record.trouble
    if len(cells) > width and any(map(str.strip, cells[width:])):
        trouble = f"has {len(cells)} cells where the header has {width}"
        return Row(number, (), trouble, record.text or "\0".join(cells))
    return Row(number, cells, trouble, record.text)
