"""A case: everything that binds touches which are alike in what selects rows."""

from dataclasses import dataclass

from shared.rules.bases import Means
from shared.rules.duties import Policy
from shared.rules.opening import Hours
from shared.rules.places import Location
from shared.rules.rows import Cap, ConsentRule, Names, Registry, Window

MARKETING, SERVICE = "marketing", "service"
# Of what policies ask for, the part that decides about a single touch; the rest is for those who
# write templates, pace campaigns or set up senders.
OPT_IN, TEMPLATE = "block_without_opt_in", "template_or_wait"
ELSEWHERE, CATEGORY = "route_to_other_channel", "lint_category"
DECIDING = frozenset({OPT_IN, TEMPLATE, ELSEWHERE, CATEGORY})


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A row on consent with its bases compiled. `ids`: itself, after what chose it."""

    row: ConsentRule
    satisfied_by: Means
    doubted_by: Means
    exempt_by: Means
    ids: Names


@dataclass(frozen=True, slots=True, eq=False)
class Facet:
    """A channel whose rows on consent bind; a message left on a machine has two.

    `asked` are preconditions, each with the rules that fall with it; `looked_up` are the registers
    that concern it, each with the row that asks.
    """

    channel: str
    rows: tuple[Bound, ...]
    asked: tuple[tuple[str, Names], ...]
    looked_up: tuple[tuple[Bound, Registry], ...]
    covered: bool  # each country has a row that could open it
    on_a_number: bool


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """A cap that binds: the channels whose attempts count against it, and what lifts it."""

    cap: Cap
    counted: frozenset[str]
    lifted_by: Means | None


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """The rows that bind somewhere, and the product's rules that made them so."""

    location: Location
    marketing: bool
    facets: tuple[Facet, ...]
    windows: tuple[Window, ...]
    hours: Hours
    caps: tuple[Cap, ...]
    limits: tuple[Limit, ...]
    policies: tuple[Policy, ...]
    context: tuple[str, ...]
    missing: tuple[str, ...]
    lifted_by: dict[Names, Means]  # what lifts the hours and caps that can be lifted
