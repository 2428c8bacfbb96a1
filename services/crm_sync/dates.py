"""Days, however they are written. What 03/04/2026 means is decided for a whole column.

A column in which some value can only be read one way is read that way everywhere; otherwise the
other columns of the file decide, and then the country it comes from.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum, auto

from services.crm_sync.cells import VOCABULARY, folded, kept, lookup

CACHE = 8_192
YEARS = range(1990, 2101)  # others are placeholders, such as 0001-01-01 and 1970-01-01
MONTH_FIRST_COUNTRIES = frozenset({"US"})

_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?!\d)", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})\s?([-/. ])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_EPOCH = re.compile(r"(\d{10})(?:\.\d+|\d{3})?", re.ASCII)
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|o)?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_SHORT = re.compile(r"(\d{1,2}) ([^\W\d_]+) (\d\d)", re.ASCII)  # 13-Aug-24
_MONTHS = {word: int(name) for word, name in lookup(VOCABULARY["months"]).items()}
_SPELLED_CHARS_MAX = 60


class Order(StrEnum):
    """Which of two short numbers is the day."""

    DAY_FIRST = auto()
    MONTH_FIRST = auto()


def order_of(text: str) -> Order | None:
    """The order in which this value must be read; None when both are possible, or it is no date."""
    match = _YEAR_LAST.match(text)
    if match is None:
        return None
    first, second = int(match[1]), int(match[3])
    if first > 12 or second > 12:  # noqa: PLR2004  months of a year
        return Order.DAY_FIRST if first > second else Order.MONTH_FIRST
    return Order.DAY_FIRST if match[2] == "." else None


@kept(CACHE)
def read_date(text: str, order: Order | None) -> date | None:
    """The day that is meant; a time of day is left out. None when it cannot be told."""
    if match := _YEAR_FIRST.match(text):
        return _day(match[1], match[2], match[3])
    if match := _YEAR_LAST.match(text):
        first, second, year = match[1], match[3], match[4]
        settled = order_of(text) or order
        if settled is None:
            return _day(year, first, second) if first == second else None
        by_day = settled is Order.DAY_FIRST
        return _day(year, second if by_day else first, first if by_day else second)
    if match := _COMPACT.fullmatch(text):
        return _day(match[1], match[2], match[3])
    if match := _EPOCH.fullmatch(text):
        moment = datetime.fromtimestamp(int(match[1]), UTC).date()
        return moment if moment.year in YEARS else None
    return _spelled(text) if len(text) <= _SPELLED_CHARS_MAX else None


def _spelled(text: str) -> date | None:
    """A day with its month in letters, such as "13. August 2024" or "Aug 13th, 2024"."""
    words = folded(text).split()
    # The last one: in French and Spanish "mar" may also be the day of the week in front.
    month = next((_MONTHS[word] for word in reversed(words) if word in _MONTHS), None)
    if month is None:
        return None
    years = [word for word in words if _YEAR.fullmatch(word)]
    days = [match[1] for word in words if (match := _ORDINAL.fullmatch(word))]
    if years and days:
        return _day(years[0], month, days[0])
    short = _SHORT.fullmatch(" ".join(words))
    return _day(short[3], month, short[1]) if short else None


def _day(year: str, month: str | int, day: str) -> date | None:
    full = int(year) if len(year) == 4 else 2000 + int(year)  # noqa: PLR2004  digits of a year
    if full not in YEARS:
        return None
    try:
        return date(full, int(month), int(day))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class DateOrders:
    """How each column of a file is read. None: its values contradict one another."""

    of: Mapping[str, Order | None]
    default: Order

    def read(self, column: str, text: str) -> date | None:
        """The day that a cell of this column means."""
        return read_date(text, self.of.get(column, self.default))

    def reader(self, column: str) -> Callable[[str], date | None]:
        """Reads the cells of this column."""
        order = self.of.get(column, self.default)
        return lambda text: read_date(text, order)


@dataclass(frozen=True, slots=True)
class DateSurvey:
    """What the columns of a file show of their order, gathered value by value."""

    seen: dict[str, Counter[Order]] = field(default_factory=lambda: defaultdict(Counter))

    def note(self, column: str, text: str) -> None:
        """Look at one value."""
        if order := order_of(text):
            self.seen[column][order] += 1

    def orders(self, home: str) -> DateOrders:
        """What follows for a file that comes from this country."""
        by_home = Order.MONTH_FIRST if home in MONTH_FIRST_COUNTRIES else Order.DAY_FIRST
        everywhere = {order for seen in self.seen.values() for order in seen}
        of = {column: _only(seen) for column, seen in self.seen.items()}
        return DateOrders(of, _only(everywhere) or by_home)


def _only(orders: Collection[Order]) -> Order | None:
    """The one order that there is."""
    return next(iter(orders)) if len(orders) == 1 else None
