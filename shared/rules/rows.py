"""The rows of the rule data, one type per kind, frozen.

A field is a column: its name, what it holds, and a default where the column may be absent. The
loader refuses a row that lacks a column, has one more, or holds something else. `README.md` beside
the data says what every column means.
"""

from dataclasses import dataclass
from datetime import date as Day  # noqa: N812  as in `duties`, where a column is called date
from datetime import timedelta
from functools import cache

Names = tuple[str, ...]
Spans = tuple[tuple[int, int], ...]  # minutes of the day, from the first up to, not including
Together = tuple[Names, ...]  # each entry alone is enough; its names only together
Limits = dict[str, int]


@cache
def _span(per: int, unit: str) -> timedelta:
    return timedelta(hours=per) if unit == "hours" else timedelta(days=per)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """What every row has. It is in force from its first to its last day, both inclusive.

    `added` is the data version with which the row came; without one it was there from the first.
    """

    id: str
    effective_from: Day = Day.min
    effective_to: Day = Day.max
    added: Day = Day.min

    def in_force(self, first: Day, last: Day) -> bool:
        """Whether it is on one of the days from the first to the last."""
        return self.effective_from <= last and first <= self.effective_to


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sourced(Row):
    """A row that says where it was read. One that is not verified binds all the same."""

    source: Names
    as_of: Day
    verified: bool
    evidence: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed(Sourced):
    """A row that holds in one place."""

    jurisdiction: str
    law: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window(Placed):
    """Hours and days at which a person may be reached. Two rows: only their common part."""

    kind: str
    channels: Names
    extend_to: Names
    call_kinds: Names
    ai_voice: str
    parties: Names
    timezone: str
    mon: Spans
    tue: Spans
    wed: Spans
    thu: Spans
    fri: Spans
    sat: Spans
    sun: Spans
    holiday_rule: str
    holiday: Spans
    holiday_calendar: str
    exempt_when: Names
    exempt_doubtful: Names

    @property
    def week(self) -> tuple[Spans, ...]:
        """The hours of the weekdays, Monday first."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cap(Placed):
    """At most `max` touches within the last `per` hours or days, counted over the channels."""

    kind: str
    max: int
    per: int
    unit: str
    channels: Names
    call_kinds: Names
    counted_per: str
    counts: str
    parties: Names
    exempt_when: Names

    @property
    def span(self) -> timedelta:
        """How far back it counts."""
        return _span(self.per, self.unit)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Basis(Row):
    """What a legal basis means, what it needs and how it is proven, in words."""

    meaning: str
    needs: Names
    proof: Names


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Precondition(Row):
    """Something that has to be set up before a channel may be used."""

    meaning: str
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConsentRule(Placed):
    """Which basis opens which channel for whom."""

    kind: str
    channels: Names
    call_kinds: Names
    line_types: Names
    parties: Names
    purposes: Names
    customer_states: Names
    any_of: Together
    doubtful: Together
    limits: Limits
    registries: Names
    registry_exempt: Together
    preconditions: Names
    review_always: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Registry(Placed):
    """A public do-not-call register."""

    name: str
    channels: Names
    max_copy_age_days: int
    parties: Names


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calendar(Row):
    """The holidays of a place."""

    method: str
    as_of: Day
    verified: bool
    note: str
    dates: dict[Day, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Jurisdiction:
    """A place, and how its rows combine with those of the place above it."""

    code: str
    name: str
    parent: str
    combine: str
    timezones: Names
    languages: Names
    coverage: str
    note: str

    @property
    def id(self) -> str:
        return self.code
