"""Rows → records: who it is, how to reach them, and the facts that decisions read.

Nothing here touches a database, a vault or the bus: what a record holds is plain, and `importing`
seals it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from services.crm_sync import dealings
from services.crm_sync.accounts import DATES, contradictions, read_account, read_party
from services.crm_sync.asides import aside_of
from services.crm_sync.cells import is_verified
from services.crm_sync.columns import SAMPLE_ROWS, Look, columns_of, look_at
from services.crm_sync.consents import Form, Wishes, forms, is_future, read_wishes
from services.crm_sync.dates import DateOrders, DateSurvey
from services.crm_sync.dealings import read_history
from services.crm_sync.dialects import NOTHING, Told
from services.crm_sync.encodings import DAMAGE
from services.crm_sync.mailboxes import read_mailbox
from services.crm_sync.mapping import Columns, Role, Values
from services.crm_sync.names import TITLES, shorter, spelled
from services.crm_sync.oddities import is_role, is_unread, oddities
from services.crm_sync.phones import Number, read_number
from services.crm_sync.places import main_language, read_country, read_language, read_state
from services.crm_sync.reading import Row, Table, open_table
from services.crm_sync.wrapping import UnusableFileError
from services.crm_sync.zones import read_zone, state_of, zones_of
from shared.events import Account, Facts, History, Person
from shared.privacy.hashes import Hasher

Kind = Literal["id", "mailbox", "phone", "row"]
SEPARATOR = "\0"
SHOUTED_CHARS_MIN = 3
TEXT_CHARS_MAX = 300  # of a name or an id; what is longer is something else


@dataclass(frozen=True, slots=True)
class Record:
    """One source record in plain text.

    `kind` and `key` are what identifies it at the source: its id, else its mailbox, its number and
    name, or all that it says. `words` is what stands in the columns that are read, `unread` are the
    fields with a value that nobody understands, `history` is what it tells in words.
    """

    row: int
    kind: Kind
    key: str
    facts: Facts
    person: Person
    number: Number | None
    whatsapp: bool
    mailbox: str | None
    words: str
    unread: tuple[str, ...] = ()
    history: History | None = None

    @property
    def content(self) -> str:
        """The same exactly when nothing that is read of the record has changed."""
        if self.facts.unreadable:
            return self.words
        reached = f"{self.number} {self.whatsapp} {self.mailbox}"
        return SEPARATOR.join((self.facts.model_dump_json(), reached, self.words))


@dataclass(frozen=True, slots=True)
class Reader:
    """What there is to know of a file to read any of its rows.

    `region` is where numbers without a prefix belong to when the row names no country.
    """

    columns: Columns
    forms: tuple[Form, ...]
    dates: DateOrders
    region: str
    hasher: Hasher
    today: date

    def __call__(self, row: Row) -> Record:
        """What the row says."""
        values = Values(self.columns, row.cells)
        if row.unreadable:
            return self._unreadable(row, values)
        named = values.read("country", read_country) or ""
        numbers, whatsapp = _phones(values, named or self.region)
        number = numbers[0] if numbers else None
        country = named or (number.region if number else "")
        mailboxes = _mailboxes(values)
        if not numbers and not mailboxes and (aside := aside_of(row.cells)):
            text = SEPARATOR.join(row.cells)
            return self._unreadable(replace(row, unreadable=aside, text=text), values)
        mailbox = mailboxes[0] if mailboxes else None
        person = _person(values)
        language = values.read("language", read_language) or main_language(country)
        wishes = read_wishes(values, self.forms, self.dates, language)
        facts = self._facts(values, country, language, person.full_name, wishes, numbers, mailboxes)
        words = SEPARATOR.join(map(values.cell, self.columns.placed))
        kind, key = _identity(person.crm_id, mailbox, number, person.full_name, words)
        unread = tuple(values.unread)
        return Record(
            row.number, kind, key, facts, person, number, whatsapp, mailbox, words, unread,
            read_history(values, wishes.proofs),
        )  # fmt: skip

    def _facts(
        self,
        values: Values,
        country: str,
        language: str,
        name: str,
        wishes: Wishes,
        numbers: Sequence[Number],
        mailboxes: Sequence[str],
    ) -> Facts:
        hasher, spelling = self.hasher, spelled(name)
        number = numbers[0] if numbers else None
        mailbox = mailboxes[0] if mailboxes else None
        account = read_account(values, self.dates, self.today)
        zone = values.read("zone", read_zone)
        return Facts(
            country=country,
            language=language,
            state=read_state(values.text("state"), country) or "",
            number_state=state_of(number) if number else "",
            party=read_party(values),
            zones=zones_of(country, values.text("state"), zone, number),
            has_crm_id=bool(_crm_id(values)),
            name_hash=hasher.name(spelling),
            short_names=tuple(map(hasher.name, shorter(spelling))),
            other_numbers=tuple(hasher.phone(its.e164) for its in numbers[1:]),
            other_boxes=tuple(map(hasher.alias, mailboxes[1:])),
            account=account,
            consents=wishes.consents,
            soft_opt_in=wishes.soft_opt_in,
            opt_out=wishes.opt_out,
            oddities=tuple(oddities(spelling, mailbox, number, country)),
            conflicts=_conflicts(account, wishes, self.today),
        )

    def _unreadable(self, row: Row, values: Values) -> Record:
        """Nothing is believed of it but an id that is whole."""
        crm_id = _crm_id(values)
        person = Person(crm_id="" if DAMAGE in crm_id else crm_id)
        words = row.text.replace(DAMAGE, "\N{REPLACEMENT CHARACTER}")
        kind, key = _identity(person.crm_id, None, None, "", words)
        facts = Facts(unreadable=f"The row {row.unreadable}.")
        return Record(row.number, kind, key, facts, person, None, False, None, words)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was looked through once; `rows` is the number of its data rows."""

    table: Table
    rows: int
    reader: Reader

    def __iter__(self) -> Iterator[Record]:
        return map(self.reader, self.table.rows())

    @property
    def looks(self) -> list[Look]:
        """How each column is read, with a few of its values."""
        return looks_of(self.table, self.reader.columns, self.reader.region)


def open_source(
    path: Path, *, region: str, hasher: Hasher, today: date, told: Told = NOTHING
) -> Source:
    """Look through a file: how it is written, what its columns are, how its dates are meant.

    `told` is what a person says of it. Raises UnusableFileError with a sentence that names the
    file and the remedy.
    """
    table, columns = open_columns(path, region=region, told=told)
    rows, dates = _survey(table, columns, region)
    reader = Reader(columns, forms(columns.consents), dates, region, hasher, today)
    return Source(table, rows, reader)


def open_columns(path: Path, *, region: str, told: Told = NOTHING) -> tuple[Table, Columns]:
    """How a file is written and what its columns are, by its first rows.

    Raises UnusableFileError with a sentence that names the file and the remedy.
    """
    table = open_table(path, told)
    columns = columns_of(table, told, region)
    if not columns.usable:
        sentence = (
            f"{path.name} has no column for an e-mail address or a phone number: the row that "
            f'names its columns{_line(table)} must call one "Email" or "Phone", for example.'
        )
        raise UnusableFileError(sentence)
    return table, columns


def looks_of(table: Table, columns: Columns, region: str) -> list[Look]:
    """How each column is read, with a few of its values."""
    return look_at(table.header, columns, table.sample(SAMPLE_ROWS), region)


def _line(table: Table) -> str:
    return f" (line {table.header_line})" if table.header_line else ""


def read_records(path: Path, *, region: str, hasher: Hasher, today: date) -> Iterator[Record]:
    """The records of a file, in its order. Raises UnusableFileError before the first one."""
    return iter(open_source(path, region=region, hasher=hasher, today=today))


def _survey(table: Table, columns: Columns, region: str) -> tuple[int, DateOrders]:
    """How many rows there are, and how their dates are to be read."""
    days = [(name, n) for name in (*DATES, *dealings.DATES) for n in columns.fields.get(name, ())]
    days += [("consent", one.column) for one in columns.consents if one.role is Role.DATE]
    days += [("consent", one.column) for one in columns.refusals]
    lands = columns.fields.get("country", ())[:1]
    survey, homes, rows = DateSurvey(), Counter[str](), 0
    for row in table.rows():
        rows += 1
        there = len(row.cells)
        for name, column in days:
            if column < there:
                survey.note(name, row.cells[column].strip())
        for column in lands:
            if column < there and (home := read_country(row.cells[column])):
                homes[home] += 1
    return rows, survey.orders(homes.most_common(1)[0][0] if homes else region)


def _identity(
    crm_id: str, mailbox: str | None, number: Number | None, name: str, words: str
) -> tuple[Kind, str]:
    """An address that several people may have is one person's only together with the name."""
    if crm_id:
        return "id", crm_id
    if mailbox:
        box = mailbox.lower()
        return "mailbox", _named(box, name) if is_role(box) else box
    return ("phone", _named(number.e164, name)) if number else ("row", words)


def _named(address: str, name: str) -> str:
    return SEPARATOR.join(filter(None, (address, spelled(name))))


def _phones(values: Values, region: str) -> tuple[list[Number], bool]:
    """The valid numbers of the row, and whether the first is verified on WhatsApp.

    Where a number for WhatsApp is recorded, the verification is of that one.
    """
    columns = values.columns
    own = columns.fields.get("whatsapp_number", ())
    numbers: dict[str, Number] = {}
    meant = None
    for column in columns.numbers:
        if (text := values.cell(column)) and (its := read_number(text, region)):
            numbers.setdefault(its.e164, its)
            meant = meant or (its if column in own else None)
    found = list(numbers.values())
    verified = values.read("whatsapp_verified", is_verified) or False
    return found, verified and bool(found) and found[0] == (meant or found[0])


def _mailboxes(values: Values) -> list[str]:
    """The valid addresses of the row that somebody reads."""
    found = dict.fromkeys(filter(None, map(read_mailbox, values.all("email"))))
    return [address for address in found if not is_unread(address)]


def _person(values: Values) -> Person:
    first, last = values.text("first_name"), values.text("last_name")
    full = values.text("full_name") or f"{first} {last}".strip()
    return Person(
        crm_id=_crm_id(values),
        full_name=" ".join(full.split())[:TEXT_CHARS_MAX],
        first_name=_called(first or _first_of(full.split()))[:TEXT_CHARS_MAX],
        company=values.text("company")[:TEXT_CHARS_MAX],
    )


def _crm_id(values: Values) -> str:
    text = values.text("crm_id")
    return text if len(text) <= TEXT_CHARS_MAX else ""


def _first_of(words: Sequence[str]) -> str:
    """The first name in a whole one; empty where it may be something else, such as a company."""
    names = [word for word in words if word.lower().rstrip(".") not in TITLES]
    plain = all(word.replace("-", "").replace(".", "").replace("'", "").isalpha() for word in names)
    return names[0] if len(names) > 1 and plain else ""


def _called(name: str) -> str:
    """A name as one writes it to somebody: nobody is called ANNA."""
    shouted = len(name) >= SHOUTED_CHARS_MIN and (name.isupper() or name.islower())
    return name.title() if shouted else name


def _conflicts(account: Account, wishes: Wishes, today: date) -> tuple[str, ...]:
    both = wishes.contradictory or is_future(wishes.consents, today)
    names = (("consent", both), ("notes", wishes.doubtful))
    return (*contradictions(account, today), *(name for name, true in names if true))
