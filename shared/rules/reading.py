"""TOML into frozen rows. What is not as a row's type says is refused with file, row and remedy."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from shared.rules.rows import Limits, Names, Spans, Together

Table = Mapping[str, Any]
R = TypeVar("R")
MINUTES = 60
END_OF_DAY = "24:00"
KEYS = ("id", "code", "policy", "kind", "retention")  # what a row is called by


class RuleDataError(Exception):
    """The rule data cannot be used; the sentence names the file, the row and what to do."""


class CellError(Exception):
    """A cell does not hold what its column does; the sentence goes on after the column's name."""


def read_file(path: Path) -> Table:
    """One file of rule data. Raises RuleDataError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RuleDataError(
            f"{path.name} cannot be read ({error.strerror}): put it back beside the other rule "
            "data."
        ) from error
    except ValueError as error:
        raise RuleDataError(f"{path.name} is no TOML: {error}. Mend it there.") from error


def read_rows(path: Path, table: Table, name: str, kind: type[R]) -> Iterator[R]:
    """The rows of one kind in a file. Raises RuleDataError."""
    rows = table.get(name)
    if not isinstance(rows, list):
        raise RuleDataError(f"{path.name} has no [[{name}]]: put the rows back.")
    key = next(its.name for its in fields(kind) if its.name in KEYS)  # type: ignore[arg-type]  # as below
    for number, given in enumerate(rows, 1):
        if not isinstance(given.get(key), str) or not given[key]:
            raise RuleDataError(f"{path.name}: [[{name}]] number {number} has no {key}: name it.")
        yield read_row(path, given[key], given, kind)


def read_row(path: Path, row: str, given: Table, kind: type[R]) -> R:
    """One row. Raises RuleDataError."""
    columns = {its.name: its for its in fields(kind)}  # type: ignore[arg-type]  # every kind is a dataclass
    for column in given:
        if column not in columns:
            raise RuleDataError(
                f"{path.name}: row {row} has a column {column} that nothing reads: take it out, "
                "or correct its name."
            )
    cells = {}
    for column, its in columns.items():
        if column in given:
            try:
                cells[column] = CONVERTERS[its.type](given[column])
            except CellError as error:
                raise RuleDataError(f"{path.name}: row {row}, {column} {error}.") from error
        elif its.default is MISSING:
            raise RuleDataError(f"{path.name}: row {row} has no {column}: add it.")
    return kind(**cells)


def _exactly(kind: type, called: str) -> Callable[[object], Any]:
    def convert(value: object) -> object:
        if type(value) is not kind:
            raise CellError(f"is {value!r}; write {called}")
        return value

    return convert


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CellError(f"is {value!r}; write a number")
    return float(value)


def _names(value: object) -> Names:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise CellError(f"is {value!r}; write a list of words")
    if len(set(value)) < len(value):
        raise CellError("names something twice; name it once")
    return tuple(value)


def _together(value: object) -> Together:
    return tuple(tuple(one.split("+")) for one in _names(value))


def _limits(value: object) -> Limits:
    if not isinstance(value, dict) or not all(type(its) is int for its in value.values()):
        raise CellError(f"is {value!r}; write a table of whole numbers")
    return value


def _words(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(its, str) for its in value.values()):
        raise CellError(f"is {value!r}; write a table of words")
    return value


def _spans(value: object) -> Spans:
    spans = tuple(_span(one) for one in _names(value))
    if any(first >= last for first, last in spans):
        raise CellError("ends before it begins; write HH:MM-HH:MM within one day")
    if any(earlier[1] > later[0] for earlier, later in pairwise(spans)):
        raise CellError("has spans that overlap or are out of order; put the earlier first")
    return spans


def _span(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    try:
        return _minute(first), _minute(last)
    except ValueError:
        raise CellError(f"has {text!r}; write HH:MM-HH:MM") from None


def _minute(text: str) -> int:
    if text == END_OF_DAY:
        return 24 * MINUTES
    moment = time.fromisoformat(text)
    return moment.hour * MINUTES + moment.minute


def _days(value: object) -> dict[date, str]:
    days: dict[date, str] = {}
    for one in value if isinstance(value, list) else ():
        if not isinstance(one, dict) or set(one) != {"date", "name"}:
            raise CellError(f"has {one!r}; write {{ date = 2026-12-25, name = ... }}")
        day = CONVERTERS[date](one["date"])
        if day in days:
            raise CellError(f"has {day} twice; keep one")
        days[day] = one["name"]
    if not days:
        raise CellError("has no day; add the holidays")
    return days


CONVERTERS: dict[Any, Callable[[object], Any]] = {
    str: _exactly(str, "a text"),
    bool: _exactly(bool, "true or false"),
    int: _exactly(int, "a whole number"),
    float: _number,
    date: _exactly(date, "a day such as 2026-12-08"),
    date | None: _exactly(date, "a day such as 2026-12-08"),
    Names: _names,
    Together: _together,
    Limits: _limits,
    Spans: _spans,
    dict[str, str]: _words,
    dict[date, str]: _days,
}
