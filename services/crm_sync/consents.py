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

from services.crm_sync.cells import VOCABULARY, folded, word_pattern, yes_or_no
from services.crm_sync.dates import DateOrders
from services.crm_sync.mapping import Permission, Role, Values, channels_named, refuses
from shared.events import Consent, OptOut
from shared.words import Basis, Channel

Channels = tuple[Channel, ...]

_NOT_REFUSED = frozenset(VOCABULARY["refusal"]["none"])
_NONE, _ASSUMED, _GIVEN, _WRITTEN, _UNPROVEN = (
    word_pattern(VOCABULARY["agreement"][name])
    for name in ("none", "assumed", "given", "written", "unproven")
)
CACHE = 4_096
_TAGS = re.compile(r"[;,|\n]")
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
        return next(filter(None, map(values.cell, self.beside[role])), "")


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that one record says. `contradictory`: something is both agreed to and refused."""

    consents: tuple[Consent, ...]
    opt_out: OptOut | None
    contradictory: bool


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


def read_wishes(values: Values, form: Sequence[Form], dates: DateOrders) -> Wishes:
    """What this row says."""
    refused = [*_refused_in_columns(values), *_refused_in_statuses(values)]
    consents: list[Consent] = []
    for one in form:
        match agreement(text := values.cell(one.given.column)):
            case Agreement.GIVEN:
                consents.append(_consent(values, one, dates))
            case Agreement.REFUSED:
                refused.append(one.given.channels or channels_named(text))
            case Agreement.NONE:
                pass
    consents += _soft_opt_in(values)
    opt_out = _merged(refused) if refused else None
    return Wishes(tuple(consents), opt_out, _contradict(consents, opt_out))


@lru_cache(CACHE)
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


def _consent(values: Values, form: Form, dates: DateOrders) -> Consent:
    text = values.cell(form.given.column)
    kind, proof = form.cell(values, Role.KIND), form.cell(values, Role.PROOF)
    written = is_written(form.given.name) or is_written(f"{text} {kind}") or is_written(proof)
    named = form.given.channels or channels_named(text)
    return Consent(
        basis=Basis.WRITTEN_CONSENT if written else Basis.EXPRESS_CONSENT,
        channels=named or channels_named(form.cell(values, Role.CHANNELS)),
        given_on=dates.read("consent", form.cell(values, Role.DATE) or text),
        proof=is_proof(proof),
    )


@lru_cache(CACHE)
def is_written(text: str) -> bool:
    """Whether these words speak of a consent in writing."""
    return _WRITTEN.search(folded(text)) is not None


@lru_cache(CACHE)
def is_proof(text: str) -> bool:
    """A text or a link is one; a plain yes says that there is one."""
    answer = yes_or_no(text)
    return bool(text) and not _UNPROVEN.search(folded(text)) if answer is None else answer


def _soft_opt_in(values: Values) -> Iterator[Consent]:
    """Proven where both of its parts are on record."""
    offered = values.read("soft_offered", yes_or_no)
    repeated = values.read("soft_repeated", yes_or_no)
    if offered or repeated:
        both = bool(offered and repeated)
        yield Consent(basis=Basis.SOFT_OPT_IN, channels=SOFT_OPT_IN_CHANNELS, proof=both)


def _refused_in_columns(values: Values) -> Iterator[Channels]:
    """Anything but a no in a column of refusals is one: a yes, a date, a reason."""
    for column in values.columns.refusals:
        text = values.cell(column.column)
        if text and yes_or_no(text) is not False and folded(text) not in _NOT_REFUSED:
            yield column.channels or channels_named(text)


def _refused_in_statuses(values: Values) -> Iterator[Channels]:
    for text in values.all("status"):
        for tag in _TAGS.split(text):
            if refuses(folded(tag)):
                yield channels_named(tag)


def _merged(refused: Iterable[Channels]) -> OptOut:
    """All refusals as one; one that names no channel means all of them."""
    channels: set[Channel] = set()
    for one in refused:
        channels |= set(one or Channel)
    if Channel.VOICE in channels:
        channels.add(Channel.SMS)  # a text is a call to the law on calls (TCPA)
    every = channels == set(Channel)
    return OptOut(channels=() if every else tuple(one for one in Channel if one in channels))


def _contradict(consents: Iterable[Consent], opt_out: OptOut | None) -> bool:
    if opt_out is None:
        return False
    refused = set(opt_out.channels or Channel)
    asked = (one for one in consents if one.basis is not Basis.SOFT_OPT_IN)
    return any(not refused.isdisjoint(one.channels) for one in asked)


def is_future(consents: Iterable[Consent], today: date) -> bool:
    """Whether a consent is said to be given on a day that is not there yet."""
    return any(one.given_on is not None and one.given_on > today for one in consents)
