"""Facts from what people and files write: each key checked by name, each value by what it is."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Any, TypeVar

from shared.rules.bases import SALE_PARTS
from shared.rules.facts import Attempt, Check, Consent, Day, Facts, Inbound, Suppression

T = TypeVar("T")
_DEFAULTS: dict[type, list[tuple[str, object]]] = {
    kind: [(its.name, its.default) for its in fields(kind)]
    for kind in (Facts, Consent, Suppression, Check, Attempt, Inbound)
}
Given = Mapping[str, object]
Reader = Callable[[str, object], object]


class FactError(ValueError):
    """A fact cannot be used; the sentence names it."""


def read_facts(given: Given) -> Facts:
    """The facts of a touch. Raises FactError with the key that is none, or with what it needs."""
    return Facts(**_cells("", given, Facts))


def as_given(facts: Facts) -> dict[str, Any]:
    """The facts as JSON that `read_facts` reads again; what is not known is left out."""
    return _written(facts)


def _written(table: object) -> dict[str, Any]:
    written = {}
    for name, default in _DEFAULTS[type(table)]:
        value = getattr(table, name)
        if value is not default and value != default:
            written[name] = _plain(name, value)
    return written


def _plain(name: str, value: object) -> object:
    if isinstance(value, date):
        text = value.isoformat()
        return {"for": text} if name == "callback_request" else text
    if isinstance(value, frozenset):
        return dict.fromkeys(sorted(value), True) if name == "soft_optin" else sorted(value)
    if isinstance(value, tuple):
        return [_plain("", one) for one in value]
    return _written(value) if type(value) in _DEFAULTS else value


def read_table(kind: type[T], given: Given, where: str = "") -> T:
    """A table of any of these dataclasses. Raises FactError."""
    return kind(**_cells(where, given, kind))


def _cells(where: str, given: object, kind: type) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise FactError(f"{where} must be a table.")
    columns = {its.name: its for its in fields(kind)}
    for name in given:
        if name not in columns:
            known = ", ".join(sorted(columns))
            raise FactError(f"{where}{'.' if where else ''}{name} is no fact. There are: {known}.")
    path = f"{where}." if where else ""
    for name, its in columns.items():
        if its.default is MISSING and name not in given:
            raise FactError(f"{path}{name} is needed.")
    return {name: _value(f"{path}{name}", columns[name].type, given[name]) for name in given}


def _value(name: str, kind: object, value: object) -> object:
    if value is None:
        raise FactError(f"{name} is null: leave out what is not known.")
    if name == "soft_optin":
        return _parts(name, value)
    if name == "callback_request":
        return _callback(name, value)
    return READERS[kind](name, value)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise FactError(f"{name} must be a text.")
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise FactError(f"{name} must be true or false.")
    return value


def _day(name: str, value: object) -> Day:
    """A day or an aware moment, written as such or as ISO text."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return _aware(name, _parsed(name, value))
    if isinstance(value, datetime):
        return _aware(name, value)
    if not isinstance(value, date):
        raise FactError(f"{name} must be a day such as 2026-12-08, or a moment with its offset.")
    return value


def read_moment(name: str, value: object) -> datetime:
    """An aware moment. Raises FactError."""
    if isinstance(value, str):
        value = _parsed(name, value)
    if not isinstance(value, datetime):
        raise FactError(f"{name} must be a moment such as 2026-12-08T20:30:00-05:00.")
    return _aware(name, value)


def _parsed(name: str, value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise FactError(f"{name} is {value!r}, which is neither a day nor a moment.") from None


def _aware(name: str, value: datetime) -> datetime:
    if value.tzinfo is None:
        raise FactError(f"{name} has no offset from UTC: write one, such as 20:30:00-05:00.")
    return value


def _names(name: str, value: object) -> tuple[str, ...]:
    """A list of texts; one text is a list of one."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        raise FactError(f"{name} must be a list of texts.")
    return tuple(listed)


def _set(name: str, value: object) -> frozenset[str]:
    return frozenset(_names(name, value))


def _parts(name: str, value: object) -> frozenset[str]:
    if not isinstance(value, Mapping):
        raise FactError(f"{name} must be a table.")
    for part in value:
        if part not in SALE_PARTS:
            raise FactError(
                f"{name}.{part} is no fact. There are: {', '.join(sorted(SALE_PARTS))}."
            )
    return frozenset(part for part, holds in value.items() if _flag(f"{name}.{part}", holds))


def _callback(name: str, value: object) -> datetime:
    if not isinstance(value, Mapping) or set(value) != {"for"}:
        raise FactError(f"{name} must be a table with the one key `for`.")
    return read_moment(f"{name}.for", value["for"])


def _flag_or(other: Reader) -> Reader:
    def read(name: str, value: object) -> object:
        return value if isinstance(value, bool) else other(name, value)

    return read


def _table(kind: type[T]) -> Callable[[str, object], T]:
    return lambda name, value: kind(**_cells(name, value, kind))


def _tables(kind: type[T]) -> Callable[[str, object], tuple[T, ...]]:
    def read(name: str, value: object) -> tuple[T, ...]:
        if not isinstance(value, list | tuple):
            raise FactError(f"{name} must be a list of tables.")
        return tuple(kind(**_cells(name, one, kind)) for one in value)

    return read


READERS: dict[object, Reader] = {
    str: _text,
    str | None: _text,
    str | bool: _flag_or(_text),
    bool: _flag,
    bool | None: _flag,
    bool | Day: _flag_or(_day),
    Day | None: _day,
    datetime: read_moment,
    tuple[str, ...]: _names,
    frozenset[str]: _set,
    tuple[Consent, ...]: _tables(Consent),
    tuple[Suppression, ...]: _tables(Suppression),
    tuple[Check, ...]: _tables(Check),
    tuple[Attempt, ...]: _tables(Attempt),
    Inbound | None: _table(Inbound),
}
