"""What each column is: as a person tells, else its name against the synonyms of `headers.toml`.

Columns that speak of a consent or a refusal are recognised by the words in their names, because one
that is overlooked would be a person who is contacted against their will.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from types import MappingProxyType
from typing import TypeVar

from services.crm_sync.cells import VOCABULARY, cleaned, folded, kept, pattern, table, word_pattern
from shared.words import Channel

T = TypeVar("T")

_HEADERS = table("headers.toml")
# Squeezed name → its field, and how good a name it is for it: 0 is the best.
_FIELDS = {
    synonym.replace(" ", ""): (field, rank)
    for field, synonyms in _HEADERS["fields"].items()
    for rank, synonym in enumerate(synonyms)
}
FIELDS = frozenset(_HEADERS["fields"])
_OTHERS = word_pattern(_HEADERS["others"]["words"])
_PREFIXES, _SUFFIXES = frozenset(_HEADERS["prefixes"]), frozenset(_HEADERS["suffixes"])
_AFFIXES_MAX = 2  # on either side
_REFUSAL = pattern(_HEADERS["permissions"]["refusal"])
_CONSENT = pattern(_HEADERS["permissions"]["consent"])
_CHANNELS = {Channel(name): pattern(parts) for name, parts in _HEADERS["channels"].items()}
CACHE = 1_024
_SPOKEN_OF = re.compile(
    rf"\w*(?:{'|'.join(p.pattern for p in (_REFUSAL, *_CHANNELS.values()))})\w*"
)
_FILLERS = frozenset(VOCABULARY["channels"]["fillers"])
_LINK = pattern([r"\blink\b", r"\burl\b"])

# Fields of which a row may have several; their columns keep the order of the file.
MANY = frozenset({"email", "phone"})
# Fields that are looked through for a wish, and change nothing else.
LOOKED_THROUGH = frozenset({"notes"})
# A field that is never taken from a second column, because that would be another kind of name.
ONE = frozenset({"crm_id"})
ADDRESSES = ("email", "phone", "whatsapp_number")


Words = Mapping[str, Mapping[str, str]]  # field → a word → what it means there


class Role(StrEnum):
    """What a column tells of a consent."""

    GIVEN = "given"
    PROOF = "proof"
    TO_WHOM = "to_whom"
    HOW = "how"
    KIND = "kind"
    CHANNELS = "channels"
    DATE = "date"


_ROLES = {Role(name): pattern(parts) for name, parts in _HEADERS["roles"].items()}


@dataclass(frozen=True, slots=True)
class Permission:
    """A column that speaks of a consent, or of a refusal; `channels` are those in its name."""

    column: int
    name: str  # folded
    refusal: bool
    role: Role
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold which field. `unplaced`: names of the columns that are not used."""

    fields: Mapping[str, tuple[int, ...]]
    numbers: tuple[int, ...]  # of phones of any kind, in the order of the file
    consents: tuple[Permission, ...]
    refusals: tuple[Permission, ...]
    unplaced: tuple[str, ...]
    placed: tuple[int, ...]  # in an order that does not depend on the file's
    loose: tuple[int, ...]  # of no known field
    words: Words  # of a person, folded
    width: int

    @property
    def usable(self) -> bool:
        """Whether there is a column with an address."""
        return any(name in self.fields for name in ADDRESSES)


@kept(CACHE)
def refuses(text: str) -> bool:
    """Whether folded words say that somebody does not want to be contacted."""
    return _REFUSAL.search(text) is not None


def channels_in(text: str) -> tuple[Channel, ...]:
    """The channels that folded words speak of."""
    return tuple(channel for channel, words in _CHANNELS.items() if words.search(text))


@kept(CACHE)
def channels_named(text: str) -> tuple[Channel, ...]:
    """The channels, where a cell names channels and nothing else. A refusal counts as nothing."""
    words = folded(text)
    rest = _SPOKEN_OF.sub(" ", words).split()
    return channels_in(words) if _FILLERS.issuperset(rest) else ()


class NoFieldError(ValueError):
    """A person gives a column a meaning that there is none of; its text is that meaning."""


def place(
    header: Sequence[str],
    told: Mapping[int, str] = MappingProxyType({}),
    meant: Words = MappingProxyType({}),
) -> Columns:
    """Find the field of each column.

    `told`: column → its meaning; `meant`: what a person's words mean. Raises NoFieldError for a
    field that there is none of.
    """
    found: dict[str, list[tuple[int, int, int]]] = {}  # those told first, then the best names
    permissions: list[Permission] = []
    for column, name in enumerate(header):
        words = _words(name)
        if column in told:
            if isinstance(its := _told(column, " ".join(words), told[column]), Permission):
                permissions.append(its)
            elif its:
                by_name = _field(words)
                rank = _rank(by_name) if by_name and by_name[0] == its else -1
                found.setdefault(its, []).append((0, rank, column))
        elif at := _field(words):
            found.setdefault(at[0], []).append((1, _rank(at), column))
        elif permission := _permission(column, " ".join(words)):
            permissions.append(permission)
    fields = {
        name: tuple(column for *_, column in sorted(its))[: 1 if name in ONE else None]
        for name, its in found.items()
    }
    used = {column for its in fields.values() for column in its}
    used |= {permission.column for permission in permissions}
    loose = tuple(n for n in range(len(header)) if n not in used)
    unplaced = tuple(header[n] for n in loose if header[n])
    used -= {n for name in LOOKED_THROUGH for n in fields.get(name, ())}
    placed = tuple(sorted(used, key=lambda column: (folded(header[column]), column)))
    consents = tuple(one for one in permissions if not one.refusal)
    refusals = tuple(one for one in permissions if one.refusal)
    numbers = tuple(sorted({*fields.get("phone", ()), *fields.get("whatsapp_number", ())}))
    return Columns(
        fields, numbers, consents, refusals, unplaced, placed, loose, _folded(meant), len(header)
    )


def _rank(at: tuple[str, int]) -> int:
    """How good a name is for its field, where only one column of several counts."""
    field, rank = at
    return 0 if field in MANY else rank


def _folded(meant: Words) -> Words:
    if strange := meant.keys() - FIELDS:
        raise NoFieldError(min(strange))
    return {
        field: {folded(word): its for word, its in said.items()} for field, said in meant.items()
    }


def _told(column: int, name: str, meaning: str) -> str | Permission:
    """The field or the permission that a person means; empty for a column to leave out."""
    kind, *rest = meaning.split() or [""]
    if not rest and (not kind or kind in FIELDS):
        return kind
    if kind not in ("refusal", "consent") or not set(rest) <= {*Role, *Channel}:
        raise NoFieldError(meaning)
    role = next((role for role in Role if role in rest), Role.GIVEN)
    channels = tuple(channel for channel in Channel if channel in rest)
    return Permission(column, name, kind == "refusal", role, channels)


def is_of_others(name: str) -> bool:
    """Whether a column's name speaks of somebody else, such as the account's owner."""
    return _OTHERS.search(" ".join(_words(name))) is not None


def _words(name: str) -> list[str]:
    """The words of a name, also where only capitals part them."""
    parted = "".join(
        f" {c}" if c.isupper() and before.islower() else c
        for before, c in zip(" " + name, name, strict=False)
    )
    return folded(parted.replace("Whats App", "WhatsApp")).split()


def _field(words: list[str]) -> tuple[str, int] | None:
    """The field of a name, also without the affixes that say nothing."""
    for behind, before in product(range(_AFFIXES_MAX + 1), repeat=2):
        core = words[before : len(words) - behind]
        left_out = words[:before], words[len(words) - behind :]
        if not core or not (
            _PREFIXES.issuperset(left_out[0]) and _SUFFIXES.issuperset(left_out[1])
        ):
            continue
        if at := _FIELDS.get("".join(core)):
            return at
    return None


def _permission(column: int, name: str) -> Permission | None:
    refusal = refuses(name)
    if not refusal and not _CONSENT.search(name):
        return None
    if refusal and _LINK.search(name):
        return None  # where somebody could refuse, not that they did
    role = next((role for role, words in _ROLES.items() if words.search(name)), Role.GIVEN)
    return Permission(column, name, refusal, role, channels_in(name))


class Values:
    """One row by field, as `cleaned` text. `unread`: fields whose value nobody understands."""

    __slots__ = ("_cells", "columns", "unread")

    def __init__(self, columns: Columns, cells: Sequence[str]) -> None:
        self.columns = columns
        self._cells = [cleaned(cell) for cell in cells]
        # A row may be shorter than the header.
        self._cells += [""] * (columns.width - len(cells))
        self.unread: list[str] = []

    def cell(self, column: int) -> str:
        """The text of a column."""
        return self._cells[column]

    def all(self, name: str) -> list[str]:
        """The values of a field, the best column first."""
        words = self.columns.words.get(name)
        found = [text for n in self.columns.fields.get(name, ()) if (text := self._cells[n])]
        return [words.get(folded(text), text) for text in found] if words else found

    def text(self, name: str) -> str:
        """The first value; empty when there is none."""
        for n in self.columns.fields.get(name, ()):
            if text := self._cells[n]:
                return text
        return ""

    def read(self, name: str, parse: Callable[[str], T | None]) -> T | None:
        """The first value that `parse` understands."""
        said = False
        words = self.columns.words.get(name)
        for n in self.columns.fields.get(name, ()):
            if text := self._cells[n]:
                if words:
                    text = words.get(folded(text), text)
                if (meaning := parse(text)) is not None:
                    return meaning
                said = True
        if said:
            self.unread.append(name)
        return None
