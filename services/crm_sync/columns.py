"""Which column holds which field: proposed by names and values, settled by a person.

What a person settles is a small TOML file for each source: column name → field, "refusal" or
"consent" with its part and its channels ("consent date sms"), or "" for a column to leave out. A
column that does not stand in it is found by its name, else by its values. Beside the columns it may
say what words of a field mean there, such as "in contract" = "active" under `[words.status]`.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

from pydantic import BaseModel, ConfigDict, ValidationError

from services.crm_sync.accounts import status_word
from services.crm_sync.cells import (
    cleaned,
    is_annual,
    is_verified,
    months,
    number,
    things,
    times_a_month,
    whole,
    yes_or_no,
)
from services.crm_sync.dates import Order, read_date
from services.crm_sync.dealings import is_open, is_paid, money
from services.crm_sync.dialects import Told
from services.crm_sync.mailboxes import read_mailbox
from services.crm_sync.mapping import FIELDS, Columns, NoFieldError, Role, is_of_others, place
from services.crm_sync.phones import read_number
from services.crm_sync.places import read_country, read_language
from services.crm_sync.reading import Table
from services.crm_sync.wrapping import UnusableFileError
from services.crm_sync.zones import read_zone

SAMPLE_ROWS = 300
SHOWN_SAMPLES, SHOWN_CHARS = 3, 30
GUESSED_MIN = 0.8  # share of the values that must be addresses
DISTINCT_MIN = 0.5  # share of them that differ: an account owner's stands in many rows

Reader = Callable[[str], object]


def _any_day(text: str) -> object:
    return next(filter(None, (read_date(text, order) for order in Order)), None)


def _readers() -> Mapping[str, Reader]:
    """Field → what understands its values; a field that is not here takes any text."""
    readers: dict[str, Reader] = {
        "email": read_mailbox, "whatsapp_verified": is_verified, "country": read_country,
        "language": read_language, "zone": read_zone, "status": status_word,
        "interval": is_annual, "term_months": months,
        "months_on_plan": months, "spent": number, "logins_before": times_a_month,
        "logins_now": times_a_month, "invoice_status": is_paid, "ticket_open": is_open,
    }  # fmt: skip
    readers |= dict.fromkeys(("invoice_amount", "worth_a_year", "worth_a_month"), money)
    readers |= dict.fromkeys(("integrations", "modules_owned", "modules_available"), things)
    readers |= dict.fromkeys(("seats", "team_logins"), whole)
    readers |= dict.fromkeys(("paid", "trial", "soft_offered", "soft_repeated"), yes_or_no)
    readers |= {name: _any_day for name in FIELDS if name.endswith("_on") or name == "plan_since"}
    return readers


READERS = _readers()
NUMBERS = frozenset({"phone", "whatsapp_number"})


def columns_of(table: Table, told: Told, region: str) -> Columns:
    """What the columns are: as told, else by their names, else by the values in the first rows.

    Raises UnusableFileError for a meaning that there is none of.
    """
    settled = {
        n: told.columns[key]
        for n, name in enumerate(table.header)
        if (key := name or nameless(n)) in told.columns
    }
    try:
        columns = place(table.header, settled, told.words)
    except NoFieldError as error:
        sentence = (
            f"“{error}” is no field: in the file of columns stands one of its list, "
            "“consent” or “refusal”, or nothing."
        )
        raise UnusableFileError(sentence) from error
    guesses = guessed(table.header, columns, table.sample(SAMPLE_ROWS), region)
    fresh = {n: field for n, field in guesses.items() if n not in settled}
    return place(table.header, settled | fresh, told.words) if fresh else columns


def nameless(column: int) -> str:
    """What a column without a name is called."""
    return f"column {column + 1}"


@dataclass(frozen=True, slots=True)
class Look:
    """One column as it is read.

    `meaning` is what stands for it in a file of columns. `understood` is the share of its values
    that make sense there; None where any text does, or nothing is read of it.
    """

    name: str
    meaning: str
    understood: float | None
    samples: tuple[str, ...]


def look_at(
    header: Sequence[str], columns: Columns, rows: Sequence[Sequence[str]], region: str
) -> list[Look]:
    """Every column of a file, by its first rows."""
    meanings, home = _meanings(columns), _home(columns, region)
    looks = []
    for column, name in enumerate(header):
        meaning, values = meanings.get(column, ""), _values(rows, column)
        understood = _understood(rows, column, meaning, home) if values else None
        samples = tuple(dict.fromkeys(map(_short, values)))[:SHOWN_SAMPLES]
        looks.append(Look(name or nameless(column), meaning, understood, samples))
    return looks


def _home(columns: Columns, region: str) -> Callable[[Sequence[str]], str]:
    """Where the numbers of a row belong to."""
    at = columns.fields.get("country", (columns.width,))[0]
    return lambda row: (read_country(row[at]) if at < len(row) else None) or region


def _understood(
    rows: Sequence[Sequence[str]],
    column: int,
    meaning: str,
    home: Callable[[Sequence[str]], str],
) -> float | None:
    """The share of the values that make sense; None where any text does."""
    if meaning in NUMBERS:
        said = [(text, home(row)) for row in rows if (text := _value(row, column))]
        return sum(read_number(text, region) is not None for text, region in said) / len(said)
    reader = READERS.get(meaning)
    return _share(_values(rows, column), reader) if reader else None


def _short(text: str) -> str:
    words = " ".join(text[: 2 * SHOWN_CHARS].split())
    return words if len(words) <= SHOWN_CHARS else f"{words[: SHOWN_CHARS - 1]}…"


def _meanings(columns: Columns) -> dict[int, str]:
    meanings = {n: name for name, its in columns.fields.items() for n in its}
    for one in (*columns.consents, *columns.refusals):
        words = ["refusal" if one.refusal else "consent"]
        words += [one.role] if one.role is not Role.GIVEN else []
        meanings[one.column] = " ".join((*words, *one.channels))
    return meanings


def guessed(
    header: Sequence[str], columns: Columns, rows: Sequence[Sequence[str]], region: str
) -> dict[int, str]:
    """Columns whose values are addresses, where no name tells of one; column → field.

    Those of somebody else, such as the account's owner, are nobody's to guess.
    """
    found: dict[int, str] = {}
    home = _home(columns, region)
    for field in ("email", "phone"):
        if field in columns.fields:
            continue
        for column in columns.loose:
            values = _values(rows, column)
            if values and not is_of_others(header[column]) and column not in found:
                fits = _understood(rows, column, field, home) or 0.0
                if fits >= GUESSED_MIN and len(set(values)) >= DISTINCT_MIN * len(values):
                    found[column] = field
    return found


def _value(row: Sequence[str], column: int) -> str:
    return cleaned(row[column]) if column < len(row) else ""


def _values(rows: Sequence[Sequence[str]], column: int) -> list[str]:
    return [text for row in rows if (text := _value(row, column))]


def _share(values: Sequence[str], reader: Reader) -> float:
    return sum(reader(text) is not None for text in values) / len(values)


def as_toml(source: str, looks: Sequence[Look]) -> str:
    """The file of columns that says what these looks show."""
    lines = [
        f"# How the columns of {_quoted(source)} are read: a field, “refusal”, “consent” with its",
        "# part and channels, or nothing to leave a column out. What does not stand here is found",
        "# by its name, else by its values.",
        *wrap(
            f"Fields: {', '.join(sorted(FIELDS))}.",
            100,
            initial_indent="# ",
            subsequent_indent="# ",
        ),
        f"# Parts of a consent: {', '.join(role for role in Role if role is not Role.GIVEN)}.",
        "",
        "[columns]",
    ]
    for name, look in {look.name: look for look in looks}.items():
        mark = "" if look.meaning else "# "
        lines.append(f"{mark}{_quoted(name)} = {_quoted(look.meaning)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


def read_columns(path: Path) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Column name → its meaning, and field → word → what it means. Raises UnusableFileError."""
    try:
        its = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnusableFileError(f"{path} cannot be read: {error}.") from error
    except ValidationError as error:
        sentence = (
            f'{path} must hold lines such as "Column" = "field" in [columns], or '
            '"in contract" = "active" in [words.status].'
        )
        raise UnusableFileError(sentence) from error
    return its.columns, its.words


class _File(BaseModel):
    """A file of columns."""

    model_config = ConfigDict(extra="forbid")

    columns: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}
