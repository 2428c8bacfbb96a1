"""The rows that tell what to say, to keep and to do; those that open a channel are in `rows`."""

from dataclasses import dataclass
from datetime import date as Day  # noqa: N812  a column of one kind is called date

from shared.rules.rows import Names, Placed, Row, Sourced


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Disclosure(Placed):
    """What must be said or shown."""

    kind: str
    channels: Names
    trigger: str
    when: str
    content: Names
    penalty: str
    within_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording(Placed):
    """Whose consent the recording of a call needs."""

    consent: str
    announce_at_start: bool
    stop_on_objection: bool
    consent_needed: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Retention(Placed):
    """How long a record is kept, and whether a wish to be forgotten reaches it."""

    record: str
    keep_min: int
    unit: str
    clock_start: str
    erasable_on_request: str
    keep_max: int = 0
    max_unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deadline(Placed):
    """How fast a wish must be carried out."""

    trigger: str
    legal_limit: int
    unit: str
    product_target: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Policy(Sourced):
    """A rule of a channel's provider or carrier."""

    channel: str
    scope: str
    topic: str
    rule: str
    unit: str
    engine_action: str
    value: float = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ErrorCode(Sourced):
    """What a provider's error means for us."""

    provider: str
    code: str
    meaning: str
    engine_action: str
    retry: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProductRule(Row):
    """A rule of the product itself; it never loosens a law."""

    rule: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change(Row):
    """A change that is dated, pending or litigated."""

    jurisdiction: str
    what: str
    affects: Names
    action: str
    status: str
    source: Names
    as_of: Day
    date: Day | None = None
