"""What a person agreed to and what they refused, as the record tells it.

A refusal needs no proof and no date: any sign of one counts, in a column of its own, in a consent
that was withdrawn, or in a status. A consent counts for the channels that it names, and says
whether the record holds a proof of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from services.crm_sync.cells import VOCABULARY, folded, kept, word_pattern, yes_or_no
from services.crm_sync.dates import DateOrders
from services.crm_sync.mapping import Permission, Role, Values, channels_named, refuses
from services.crm_sync.notes import wish_of
from shared.events import Consent, OptOut, Proof, SoftOptIn
from shared.rules.optout import Wish
from shared.words import Basis, Channel

Channels = tuple[Channel, ...]

_NOT_REFUSED = frozenset(VOCABULARY["refusal"]["none"])
_NONE, _ASSUMED, _GIVEN, _WRITTEN, _UNPROVEN, _BY_PERSON, _OTHER_SELLER = (
    word_pattern(VOCABULARY["agreement"][name])
    for name in (
        "none", "assumed", "given", "written", "unproven", "by_person", "other_seller",
    )
)  # fmt: skip
WORDS_CHARS_MAX = 2_000  # of what a record says of a consent
CACHE = 4_096
CONSENTS_KEPT = 1_024
_TAGS = re.compile(r"[;,|\n]")
_DAY = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d\b")
_YEAR = re.compile(r"\b(19|20)\d\d\b")
# A refusal that is offered when the details are taken and in every message allows electronic mail.
SOFT_OPT_IN_CHANNELS = (Channel.SMS, Channel.EMAIL)


class Agreement(Enum):
    """What the cell of a consent says."""

    GIVEN = auto()
    NONE = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Form:
    """The columns that together tell of one consent: whether it is given, and its circumstances."""

    given: Permission
    beside: Mapping[Role, tuple[int, ...]]  # the closest first

    def cell(self, values: Values, role: Role) -> str:
        """What a row says of one circumstance."""
        for column in self.beside[role]:
            if text := values.cell(column):
                return text[:WORDS_CHARS_MAX]
        return ""


class Said(NamedTuple):
    """What a row says of one consent. `on` is the day in the column for it, or beside the yes."""

    given: str
    kind: str
    how: str
    proof: str
    to_whom: str
    channels: str
    on: date | None

    @property
    def told(self) -> str:
        """How it was given."""
        return f"{self.kind} {self.how}".strip()


@dataclass(frozen=True, slots=True)
class Refusal:
    """One of them; no channels means all. `on` is its day, where it has one."""

    channels: Channels
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that one record says.

    `proofs` are those of its consents, in their order. `contradictory`: something is both agreed
    to and refused; `doubtful`: a note may hold a refusal.
    """

    consents: tuple[Consent, ...]
    proofs: tuple[Proof, ...]
    soft_opt_in: SoftOptIn | None
    opt_out: OptOut | None
    contradictory: bool
    doubtful: bool


def forms(columns: Sequence[Permission]) -> tuple[Form, ...]:
    """Group a file's columns. A lone date or kind of a consent also says that it is given."""
    heads = [column for column in columns if column.role is Role.GIVEN]
    for column in columns:
        known = {head.channels for head in heads}
        alone = column.channels not in known and (column.channels or not heads)
        if alone and column.role in (Role.DATE, Role.KIND):
            heads.append(column)
    return tuple(Form(head, _beside(head, columns)) for head in heads)


def _beside(head: Permission, columns: Iterable[Permission]) -> Mapping[Role, tuple[int, ...]]:
    """The other columns that speak of the same channels, or of no channel in particular."""
    mine = set(head.channels)
    fit = [one for one in columns if not one.channels or (mine and mine <= set(one.channels))]
    fit.sort(key=lambda one: (not one.channels, len(one.channels)))
    return {role: tuple(one.column for one in fit if one.role is role) for role in Role}


def read_wishes(values: Values, form: Sequence[Form], dates: DateOrders, language: str) -> Wishes:
    """What this row says. `language`: the contact's (ISO 639-1), for its notes."""
    refused = [*_refused_in_columns(values, dates), *_refused_in_statuses(values)]
    consents: list[Consent] = []
    proofs: list[Proof] = []
    for one in form:
        match agreement(text := values.cell(one.given.column)):
            case Agreement.GIVEN:
                said = _said(values, one, dates)
                consents.append(_consent(one.given.name, one.given.channels, said))
                proofs.append(_proof(said))
            case Agreement.REFUSED:
                channels = one.given.channels or channels_named(text)
                refused.append(Refusal(channels, dates.read("consent", text)))
            case Agreement.NONE:
                pass
    soft = _soft_opt_in(values)
    if soft and (soft.offered or soft.repeated):
        consents.append(_as_consent(soft))
        proofs.append(Proof())
    noted = wish_of(values, language)
    if noted is Wish.STOP:
        refused.append(Refusal(()))
    opt_out = _merged(refused) if refused else None
    contradictory = _contradict(consents, opt_out)
    doubtful = noted is Wish.UNSURE
    return Wishes(tuple(consents), tuple(proofs), soft, opt_out, contradictory, doubtful)


@kept(CACHE)
def agreement(text: str) -> Agreement:
    """What the cell of a consent says; what nobody understands is no consent."""
    if not text:
        return Agreement.NONE
    if (answer := yes_or_no(text)) is not None:
        return Agreement.GIVEN if answer else Agreement.NONE
    words = folded(text)
    if refuses(words):
        return Agreement.REFUSED
    if _NONE.search(words) or _ASSUMED.search(words):
        return Agreement.NONE
    says_so = _GIVEN.search(words) or channels_named(text) or _YEAR.search(words)
    return Agreement.GIVEN if says_so else Agreement.NONE


def _said(values: Values, form: Form, dates: DateOrders) -> Said:
    given = values.cell(form.given.column)[:WORDS_CHARS_MAX]
    return Said(
        given,
        kind=form.cell(values, Role.KIND),
        how=form.cell(values, Role.HOW),
        proof=form.cell(values, Role.PROOF),
        to_whom=form.cell(values, Role.TO_WHOM),
        channels=form.cell(values, Role.CHANNELS),
        on=dates.read("consent", form.cell(values, Role.DATE) or given),
    )


@lru_cache(CONSENTS_KEPT)
def _proof(said: Said) -> Proof:
    return Proof(words=said.proof, how=said.told[:WORDS_CHARS_MAX], to_whom=said.to_whom)


@lru_cache(CONSENTS_KEPT)
def _consent(name: str, channels: Channels, said: Said) -> Consent:
    """`name` is that of the column in which it is given, `channels` are those in its name."""
    told = f"{said.given} {said.told}"
    written = is_written(name) or is_written(told) or is_written(said.proof)
    return Consent(
        basis=Basis.WRITTEN_CONSENT if written else Basis.EXPRESS_CONSENT,
        channels=channels or channels_named(said.given) or channels_named(said.channels),
        given_on=said.on or _day_in(said.proof),
        proof=is_proof(said.proof),
        by_person=_says(told, _BY_PERSON) or _says(said.proof, _BY_PERSON),
        other_seller=_says(f"{told} {said.to_whom}", _OTHER_SELLER)
        or _says(said.proof, _OTHER_SELLER),
    )


def _day_in(words: str) -> date | None:
    """The day that a proof names, written as 2026-03-02; of several the first."""
    found = _DAY.search(words)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:  # a 30th of February
        return None


@kept(CACHE)
def _says(text: str, pattern: re.Pattern[str]) -> bool:
    return pattern.search(folded(text)) is not None


def is_written(text: str) -> bool:
    """Whether these words speak of a consent in writing."""
    return _says(text, _WRITTEN)


@kept(CACHE)
def is_proof(text: str) -> bool:
    """A text or a link is one; a plain yes says that there is one."""
    answer = yes_or_no(text)
    return bool(text) and not _UNPROVEN.search(folded(text)) if answer is None else answer


def _soft_opt_in(values: Values) -> SoftOptIn | None:
    offered = values.read("soft_offered", yes_or_no)
    repeated = values.read("soft_repeated", yes_or_no)
    known = offered is not None or repeated is not None
    return SoftOptIn(offered=offered, repeated=repeated) if known else None


def _as_consent(soft: SoftOptIn) -> Consent:
    """Proven where both of its parts are on record."""
    both = bool(soft.offered and soft.repeated)
    return Consent(basis=Basis.SOFT_OPT_IN, channels=SOFT_OPT_IN_CHANNELS, proof=both)


def _refused_in_columns(values: Values, dates: DateOrders) -> Iterator[Refusal]:
    """Anything but a no in a column of refusals is one: a yes, a date, a reason.

    Its day stands in it, or in a column of days for the same channels or for none in particular.
    """
    said = [
        (column, text)
        for column in values.columns.refusals
        if (text := values.cell(column.column))
        and yes_or_no(text) is not False
        and folded(text) not in _NOT_REFUSED
    ]
    days = {column: dates.read("consent", text) for column, text in said}
    for column, text in said:
        beside = (
            day
            for one, day in days.items()
            if day and one.role is Role.DATE and one.channels in (column.channels, ())
        )
        yield Refusal(
            column.channels or channels_named(text), days[column] or max(beside, default=None)
        )


def _refused_in_statuses(values: Values) -> Iterator[Refusal]:
    for text in values.all("status"):
        for tag in _TAGS.split(text):
            if refuses(folded(tag)):
                yield Refusal(channels_named(tag))


def _merged(refused: Iterable[Refusal]) -> OptOut:
    """All refusals as one; one that names no channel means all of them.

    Its day is the newest; where one has no day nobody knows whether a consent is younger.
    """
    channels: set[Channel] = set()
    days: list[date | None] = []
    for one in refused:
        channels |= set(one.channels or Channel)
        days.append(one.on)
    if Channel.VOICE in channels:
        channels.add(Channel.SMS)  # a text is a call to the law on calls (TCPA)
    every = channels == set(Channel)
    known = [day for day in days if day]
    return OptOut(
        channels=() if every else tuple(one for one in Channel if one in channels),
        on=max(known) if len(known) == len(days) else None,
    )


def _contradict(consents: Iterable[Consent], opt_out: OptOut | None) -> bool:
    if opt_out is None:
        return False
    refused = set(opt_out.channels or Channel)
    asked = (one for one in consents if one.basis is not Basis.SOFT_OPT_IN)
    return any(not refused.isdisjoint(one.channels) for one in asked)


def is_future(consents: Iterable[Consent], today: date) -> bool:
    """Whether a consent is said to be given on a day that is not there yet."""
    return any(one.given_on is not None and one.given_on > today for one in consents)
