"""Where a record ends: lines of text → lists of cells, whatever the quotes in them look like.

The csv module does the reading. What is added: a limit, and a way back out of a quote that is never
closed, so that a broken record spoils itself and not the rows behind it.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO, TypedDict

from services.crm_sync.dialects import Dialect
from services.crm_sync.encodings import DAMAGE

CELL_CHARS_MAX = 1_000_000
RECORD_CHARS_MAX = 4 * CELL_CHARS_MAX

NO_TEXT = "holds bytes that are no text"
TOO_LARGE = f"is too large: a cell may have {CELL_CHARS_MAX:,} characters"
NOT_CLOSED = "has a quote that is never closed"


class _Format(TypedDict):
    """What the csv module has to know of a dialect."""

    delimiter: str
    quotechar: str


@dataclass(frozen=True, slots=True)
class Cells:
    """One record. `trouble`: what is wrong with it; then `text` is what stands in the file.

    `line` is the one on which it begins, counted from where the reading began.
    """

    line: int
    cells: list[str]
    trouble: str = ""
    text: str = ""


def cells_of(file: TextIO, dialect: Dialect, width: int) -> Iterator[Cells]:
    """The records that are not blank. `width` is the number of columns; 0 while it is unknown."""
    csv.field_size_limit(CELL_CHARS_MAX)  # of the whole process, in which nobody else reads CSV
    lines = _Lines(file, dialect, width)
    reader = csv.reader(lines, **_format(dialect), skipinitialspace=True)
    while True:
        lines.begin()
        cells, trouble = _next_cells(reader, lines)
        if not lines.taken:
            return
        if trouble or len(lines.taken) > 1:
            trouble = lines.mend(trouble)
        if trouble:
            yield Cells(lines.first, [], trouble, lines.text())
        elif lines.damaged():
            yield Cells(lines.first, cells, NO_TEXT, lines.text())
        elif any(map(str.strip, cells)):
            yield Cells(lines.first, cells)


def _format(dialect: Dialect) -> _Format:
    return {"delimiter": dialect.delimiter, "quotechar": dialect.quote}


def _next_cells(reader: Iterator[list[str]], lines: "_Lines") -> tuple[list[str], str]:
    """The cells of the next record, and what is wrong with it."""
    try:
        cells = next(reader, [])
    except (csv.Error, _TooLargeError):  # the only error that a lenient reader knows
        return [], TOO_LARGE
    return cells, NOT_CLOSED if lines.ended and lines.taken else ""


class _TooLargeError(Exception):
    """The record in hand is beyond the limit."""


class _Lines(Iterator[str]):
    """The lines of a file, with those of the record in hand, which can be read again."""

    def __init__(self, file: TextIO, dialect: Dialect, width: int) -> None:
        self.taken: list[str] = []
        self.ended = False
        self.first = 1
        self._file, self._dialect, self._width = file, dialect, width
        self._line = 1
        self._again: deque[str] = deque()
        self._room = RECORD_CHARS_MAX

    def begin(self) -> None:
        """A new record."""
        self.taken.clear()
        self.first = self._line - len(self._again)
        self._room = RECORD_CHARS_MAX

    def __next__(self) -> str:
        line = self._read(self._room)
        if not line:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        self._room -= len(line)
        if self._room <= 0:
            raise _TooLargeError
        return line

    def text(self) -> str:
        """The record as it stands in the file."""
        return "".join(self.taken)

    def damaged(self) -> bool:
        """Whether it holds bytes that are no text."""
        return any(not line.isascii() and DAMAGE in line for line in self.taken)

    def mend(self, trouble: str) -> str:
        """Find where the record in hand truly ends; what is wrong with it then.

        A quote that is never closed swallows the rows that follow: where a later line is a row by
        itself, the record ends before it. Otherwise what is left of a record in trouble is skipped.
        """
        for n, line in enumerate(self.taken[1:], start=1):
            if self._is_row(line):
                self._again.extendleft(reversed(self.taken[n:]))
                del self.taken[n:]
                self.ended = False
                return NOT_CLOSED
        if trouble:
            self._skip_rest()
        return trouble

    def _read(self, room: int) -> str:
        if self._again:
            return self._again.popleft()
        line = self._file.readline(room)
        self._line += 1
        return line.replace('\\"', '""') if self._dialect.escapes else line

    def _skip_rest(self) -> None:
        """Go on behind the record: quotes come in pairs, so an odd number means one is open."""
        odd = sum(line.count(self._dialect.quote) for line in self.taken) % 2
        line = self.taken[-1]
        while line and (odd or line[-1] not in "\r\n"):
            starts = line[-1] in "\r\n"
            line = self._read(RECORD_CHARS_MAX)
            if starts and self._is_row(line):
                self._again.appendleft(line)
                return
            odd ^= line.count(self._dialect.quote) % 2

    def _is_row(self, line: str) -> bool:
        """Whether this line can stand alone as a row. Prose has spaces behind its commas."""
        if not self._width or len(line) > CELL_CHARS_MAX or line.count(self._dialect.quote) % 2:
            return False
        cells = next(csv.reader([line], **_format(self._dialect)), [])
        return len(cells) == self._width and not any(cell[:1] == " " for cell in cells)
