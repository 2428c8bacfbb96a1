"""The rule data as one frozen value: read, held against itself, and indexed by place.

Nothing starts with data that is incomplete, contradicts itself or names what does not exist. Rows
that are younger than the wanted data version are left out, so that an old decision can be judged
with what was known then.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from shared.rules.answers import Answers
from shared.rules.bases import Means
from shared.rules.checking import check
from shared.rules.duties import (
    Change,
    Deadline,
    Disclosure,
    ErrorCode,
    Policy,
    ProductRule,
    Recording,
    Retention,
)
from shared.rules.lint_terms import LintTerms
from shared.rules.rows import (
    Calendar,
    Cap,
    ConsentRule,
    Jurisdiction,
    Placed,
    Precondition,
    Registry,
    Row,
    Window,
)
from shared.rules.tables import HERE, Data, read
from shared.rules.terms import Terms
from shared.rules.verdict import Weight

P = TypeVar("P", bound=Placed)
R = TypeVar("R", bound=Row | Jurisdiction)
V = TypeVar("V")
MEMO_MOST = 100_000  # compiled values kept before all are forgotten


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """The rules of one data version, by place. `memo` keeps what was compiled of them."""

    version: date
    terms: Terms
    means: Mapping[str, Means]
    answers: Answers
    lint: LintTerms
    rows: Mapping[str, Row]
    places: Mapping[str, Jurisdiction]
    windows: Mapping[str, tuple[Window, ...]]
    caps: Mapping[str, tuple[Cap, ...]]
    consent: Mapping[str, tuple[ConsentRule, ...]]
    disclosures: Mapping[str, tuple[Disclosure, ...]]
    retention: Mapping[str, tuple[Retention, ...]]
    deadlines: Mapping[str, tuple[Deadline, ...]]
    recording: Mapping[str, tuple[Recording, ...]]
    registries: Mapping[str, Registry]
    policies: tuple[Policy, ...]
    errors: Mapping[tuple[str, str], ErrorCode]
    holidays: Mapping[str, frozenset[date]]
    product: Mapping[str, ProductRule]
    weights: Mapping[str, Weight]  # of the product's rules that say what a finding weighs
    changes: tuple[Change, ...]
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def remember(self, key: object, value: V) -> V:
        """Keep what was compiled under a key; the same key always gives the same value."""
        if len(self.memo) >= MEMO_MOST:
            self.memo.clear()
        self.memo[key] = value
        return value

    @property
    def preconditions(self) -> tuple[str, ...]:
        """What may have to be set up before a channel is used, by id."""
        return tuple(id_ for id_, row in self.rows.items() if isinstance(row, Precondition))

    def children(self, code: str) -> tuple[str, ...]:
        """The places directly below this one, without the one that stands for an unknown."""
        unknown = self.terms.places.unknown_state.values()
        return tuple(
            its.code
            for its in self.places.values()
            if its.parent == code and its.code not in unknown
        )

    def lineage(self, code: str) -> tuple[str, ...]:
        """The place and all above it, without the one that is everywhere."""
        found: list[str] = []
        while code and code != self.terms.places.everywhere:
            found.append(code)
            code = self.places[code].parent
        return tuple(found)


@cache
def rules_in_force() -> Rules:
    """The package's own rule data, read once. Raises RuleDataError."""
    return load()


@cache
def rules_of(version: str) -> Rules:
    """The package's rules as a decision names them: by the day of their data version.

    Raises RuleDataError, or ValueError where the name is no day.
    """
    its = rules_in_force()
    return its if version == its.version.isoformat() else load(version=date.fromisoformat(version))


def rules_on(day: date, folder: Path = HERE) -> Rules:
    """The rules as if those in force on a day were the law at all times. Raises RuleDataError."""
    data, newest = read(folder)
    check(data)
    kept = (_for_ever(its.row) for its in data.found if _in_force(its.row, day))
    return index(kept, data, newest)


def _in_force(row: Row | Jurisdiction, day: date) -> bool:
    return isinstance(row, Jurisdiction) or row.in_force(day, day)


def _for_ever(row: Row | Jurisdiction) -> Row | Jurisdiction:
    if isinstance(row, Jurisdiction):
        return row
    return replace(row, effective_from=date.min, effective_to=date.max)


def load(folder: Path = HERE, version: date | None = None) -> Rules:
    """The rules of a folder as they were at a data version; the newest one without.

    Raises RuleDataError, whose sentence names the file, the row and the remedy.
    """
    data, newest = read(folder)
    if version is not None:
        data = replace(data, found=tuple(its for its in data.found if _known_at(its.row, version)))
    check(data)
    return index((its.row for its in data.found), data, version or newest)


def _known_at(row: Row | Jurisdiction, version: date) -> bool:
    return isinstance(row, Jurisdiction) or row.added <= version


def index(kept: Iterable[Row | Jurisdiction], data: Data, version: date) -> Rules:
    """The rules made of these rows, which must have been checked."""
    rows = tuple(kept)

    def of(kind: type[R]) -> list[R]:
        return [row for row in rows if isinstance(row, kind)]

    return Rules(
        version=version,
        terms=data.terms,
        means=data.means,
        answers=data.answers,
        lint=data.lint,
        rows={row.id: row for row in of(Row) if not isinstance(row, Calendar)},
        places={row.code: row for row in of(Jurisdiction)},
        windows=_by_place(of(Window)),
        caps=_by_place(of(Cap)),
        consent=_by_place(of(ConsentRule)),
        disclosures=_by_place(of(Disclosure)),
        retention=_by_place(of(Retention)),
        deadlines=_by_place(of(Deadline)),
        recording=_by_place(of(Recording)),
        registries={row.id: row for row in of(Registry)},
        policies=tuple(of(Policy)),
        errors={(row.provider, row.code): row for row in of(ErrorCode)},
        holidays={row.id: frozenset(row.dates) for row in of(Calendar)},
        product={row.id: row for row in of(ProductRule)},
        weights={
            row.id: weight for row in of(ProductRule) for weight in Weight if weight == row.verdict
        },
        changes=tuple(of(Change)),
    )


def _by_place(rows: Iterable[P]) -> dict[str, tuple[P, ...]]:
    found: defaultdict[str, list[P]] = defaultdict(list)
    for row in rows:
        found[row.jurisdiction].append(row)
    return {place: tuple(its) for place, its in found.items()}
