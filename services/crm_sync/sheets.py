"""A spreadsheet (.xlsx) as lines of CSV, read as a stream.

Of a formula only its last result is read; nothing is computed, and nothing outside the file is
looked at. Numbers come without the marks of the spreadsheet, days in the form of ISO 8601.
"""

import csv
import io
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from zipfile import ZipFile

from openpyxl import load_workbook

PART_BYTES_MAX = 100 * 2**20  # of a part that is kept in memory, such as the table of all words
COLUMNS_MAX = 2_000
PEEKED_ROWS = 50
LINES_OF_A_PIECE = 1_000

Cell = str | float | bool | date | time | None
Row = Sequence[Cell]


class NoSheetError(ValueError):
    """The rest of a sentence that begins with the file's name."""


def lines_of(
    archive: ZipFile, file: io.BufferedReader, wanted: str = ""
) -> tuple[str, Generator[bytes, None, None]]:
    """The title of a sheet and its rows as CSV. Raises NoSheetError.

    Without a wanted one it is the first visible sheet with a table, which has two rows of two
    cells; else the first with two rows.
    """
    for part in archive.infolist():
        if part.file_size > PART_BYTES_MAX and not part.filename.startswith("xl/worksheets/"):
            raise NoSheetError("is too large for a spreadsheet: save it as CSV (UTF-8).")
    with _readable():
        book = load_workbook(file, read_only=True, data_only=True)
        sheets = {its.title: its for its in book.worksheets if its.sheet_state == "visible"}
        if wanted and wanted not in sheets:
            there = ", ".join(f"“{title}”" for title in sheets)
            raise NoSheetError(f"has no sheet “{wanted}”; there are {there}.")
        for sheet in sheets.values():
            sheet.reset_dimensions()  # what a file says of its size is not always true
        width = {title: _width(its.values) for title, its in sheets.items()}
        fit = [title for cells in (2, 1) for title, its in width.items() if its >= cells]
        title = wanted or next(iter(fit), "")
    if not title:
        raise NoSheetError("has no sheet with a table: its first row must name the columns.")
    return title, _pieces(sheets[title].values)


@contextmanager
def _readable() -> Iterator[None]:
    """Whatever the library stumbles over is the file's fault.

    It also warns of what it leaves out, such as pictures and the lists of what a cell may hold.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except NoSheetError:
        raise
    except Exception as error:
        sentence = "cannot be read as a spreadsheet: open it, save it as CSV (UTF-8), import that."
        raise NoSheetError(sentence) from error


def _width(rows: Iterator[Row]) -> int:
    """How many cells the first rows have, but for the one that has the most."""
    filled = (sum(cell is not None for cell in row) for row in islice(rows, PEEKED_ROWS))
    return sorted([0, 0, *filled])[-2]


def _pieces(rows: Iterator[Row]) -> Generator[bytes, None, None]:
    """The lines of some rows at a time; an empty row is an empty line."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    with _readable():
        while some := list(islice(rows, LINES_OF_A_PIECE)):
            if max(map(len, some)) > COLUMNS_MAX:
                raise NoSheetError(f"has more than {COLUMNS_MAX:,} columns: leave some out.")
            writer.writerows([_text(cell) for cell in row] for row in some)
            yield text.getvalue().encode("utf-8", "replace")
            text.seek(0)
            text.truncate()


def _text(cell: Cell) -> str:
    """What a person sees in the cell, without the marks of a country."""
    match cell:
        case str():
            return cell
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell)
