"""How a table is written: what parts its cells, what quotes them, and where its header stands.

All of it is told from the first rows, and may be told by a person instead.
"""

import csv
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from services.crm_sync.mailboxes import read_mailbox
from services.crm_sync.mapping import place

DELIMITERS = ",;\t|"
RARE_DELIMITERS = "~^\xa6§"  # tried where none of the others parts anything
HEADER_ROWS_MAX = 30  # before the end of which a header stands
ALIKE_ROWS_MIN = 5
QUOTED_MIN = 4  # cells in single quotes, by which these are told

DECLARED = re.compile(r'"?sep=(.)"?\s*')  # the first line of some spreadsheets' exports
_ENCODINGS = MappingProxyType(
    {
        "utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a mark", "utf-16": "UTF-16",
        "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "latin-1": "Latin-1",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of a file; whatever is empty is found out.

    `encoding` is a name that Python knows, `header_line` counts the lines of the file from 1,
    `columns` and `words` are as in a file of columns (`columns.py`).
    """

    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    sheet: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


NOTHING = Told()


@dataclass(frozen=True, slots=True)
class Dialect:
    """`escapes`: a quote inside quotes stands behind a backslash."""

    delimiter: str
    quote: str = '"'
    escapes: bool = False


def described(encoding: str, dialect: Dialect, header_line: int) -> str:
    """In a few words, such as "parted by `;`, Windows-1252, header on line 3"."""
    by = "tabs" if dialect.delimiter == "\t" else f"`{dialect.delimiter}`"
    name = _ENCODINGS.get(encoding) or encoding.replace("cp12", "Windows-12")
    header = f"header on line {header_line}" if header_line else "no header"
    return f"parted by {by}, {name}, {header}"


def dialect_of(sample: str, delimiter: str = "") -> Dialect:
    """The dialect in which most names of columns are known, and then the rows most alike.

    `delimiter` is the one that a person names.
    """
    escapes = _escapes(sample)
    text = sample.replace('\\"', '""') if escapes else sample
    if declared := DECLARED.match(text):
        delimiter = delimiter or declared[1]
    if not delimiter:
        scores = {one: _agreement(text, one) for one in DELIMITERS}
        if not any(share for _, share, _ in scores.values()):
            scores |= {one: _agreement(text, one) for one in RARE_DELIMITERS}
        delimiter = max(scores, key=lambda one: scores[one])
    return Dialect(delimiter, _quote(text, delimiter), escapes)


def _escapes(sample: str) -> bool:
    """Whether quotes stand behind backslashes, and not just a path at the end of a cell."""
    return re.search(r'\\"(?![,;\t|\r\n]|$)', sample) is not None


def _quote(text: str, delimiter: str) -> str:
    single = rf"(?:^|{re.escape(delimiter)})'[^'\r\n]*'(?={re.escape(delimiter)}|\r|$)"
    return "'" if len(re.findall(single, text, re.MULTILINE)) >= QUOTED_MIN else '"'


def _agreement(sample: str, delimiter: str) -> tuple[int, float, int]:
    """How many names are known, the share of rows that are as wide as most, how wide that is.

    Rows of one cell count for no width: they may be a title.
    """
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(sample.splitlines(keepends=True), delimiter=delimiter):
            rows += [cells] if cells else []
    except csv.Error:
        pass  # a cell beyond the limit: what was read before it must do
    complete = rows[:-1] or rows  # the sample may end in the middle of the last one
    widths = Counter(len(cells) for cells in complete if len(cells) > 1)
    if not widths:
        return 0, 0.0, 1
    width, count = max(widths.items(), key=lambda one: (one[1], one[0]))
    known = max(_names_known(cells, ()) for cells in rows[:HEADER_ROWS_MAX])
    return known, count / len(complete), width


def header_of(rows: Sequence[Sequence[str]], told: Collection[str] = ()) -> int | None:
    """Which of the first rows names the columns; None where the customers begin at once.

    It is the first row of which names are known, or `told` by a person, unless a later one has
    twice as many; else the first that is as wide as most, if no address stands in it.
    """
    found, best = 0, 0
    for n, cells in enumerate(rows):
        if (known := _names_known(cells, told)) >= 2 * best and known:
            found, best = n, known
    if best:
        return found
    if rows and not rows[0]:
        return 0  # it cannot be read, and nothing below it looks like a header
    widths = Counter(_filled(cells) for cells in rows)
    usual = max(widths, key=lambda width: (widths[width], width), default=0)
    first = next((n for n, cells in enumerate(rows) if _filled(cells) >= usual), 0)
    return None if rows and any(map(read_mailbox, rows[first])) else first


def _names_known(cells: Sequence[str], told: Collection[str]) -> int:
    """How many names of columns there are. Where an address stands, there is none."""
    if any(map(read_mailbox, cells)):
        return 0
    known = {cells[n].strip() for n in place(cells).placed}
    return len(known | {cell.strip() for cell in cells if cell.strip() in told})


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def width_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How many columns there are: those without a name too, where all of many rows have them."""
    widths = set(map(len, rows))
    alike = len(rows) >= ALIKE_ROWS_MIN and len(widths) == 1
    return max(len(header), *widths) if alike else len(header)
