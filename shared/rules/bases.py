"""How facts prove a legal basis: the conditions of `data/reading/bases.toml`, compiled once.

A basis has alternatives; within one, every condition must hold. What is not known proves nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from itertools import chain, product
from typing import Any

from shared.rules.consents import Heard
from shared.rules.facts import Check, Facts, day_of
from shared.rules.months import add_months
from shared.rules.rows import Limits, Together

NO_LIMITS: Limits = {}
SALE_PARTS = frozenset(
    {"details_from_sale", "optout_offered_at_collection", "optout_in_every_message"}
)


@dataclass(slots=True)
class Look:
    """One person seen for one channel at one moment, as far as a basis asks.

    `today` is the latest day that it may be where the person is; `wrote` and `asked` are true while
    an answer, or a call at the time asked for, would be one.
    """

    facts: Facts
    today: date
    heard: Heard
    wrote: bool
    asked: bool


Condition = Callable[[Look, Limits, Check | None], bool]


@dataclass(frozen=True, slots=True)
class Means:
    """The alternatives of one basis. `asks`: the words of the conditions that occur in them.

    `hold` tells whether one alternative holds, under the limits of a row; the register that asks is
    given if one does.
    """

    alternatives: tuple[tuple[Condition, ...], ...]
    asks: frozenset[str]
    hold: Condition = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hold", _one_of([_all_of(its) for its in self.alternatives]))


def compile_means(table: Mapping[str, Any]) -> Means:
    """A basis from its table. Raises ValueError with what nothing here can read."""
    alternatives = table.get("any")
    if set(table) != {"any"} or not isinstance(alternatives, list) or not alternatives:
        raise ValueError("has no list `any` of alternatives")
    asks = frozenset(word for one in alternatives for word in one)
    return Means(tuple(_conditions(dict(one)) for one in alternatives), asks)


def either(together: Together, means: Mapping[str, Means]) -> Means:
    """One basis of several: each entry is enough, and one of several names needs all of them."""
    return Means(
        tuple(
            tuple(chain.from_iterable(conditions))
            for names in together
            for conditions in product(*(means[name].alternatives for name in names))
        ),
        frozenset(word for names in together for name in names for word in means[name].asks),
    )


def _all_of(conditions: tuple[Condition, ...]) -> Condition:
    if len(conditions) == 1:
        return conditions[0]

    def holds(look: Look, limits: Limits, check: Check | None) -> bool:
        for condition in conditions:  # noqa: SIM110  a generator costs more than what it saves to read
            if not condition(look, limits, check):
                return False
        return True

    return holds


def _one_of(alternatives: list[Condition]) -> Condition:
    if len(alternatives) == 1:
        return alternatives[0]

    def holds(look: Look, limits: Limits, check: Check | None) -> bool:
        for condition in alternatives:  # noqa: SIM110  as above
            if condition(look, limits, check):
                return True
        return False

    return holds


def _conditions(given: dict[str, Any]) -> tuple[Condition, ...]:
    found = [make(given.pop(word)) for word, make in MAKERS.items() if word in given]
    if "within" in given:
        found.append(_within(given))
    if given.pop("after_listing", False):
        found = [_after_listing(found)]
    if given or not found:
        raise ValueError(f"has {', '.join(given) or 'nothing'} where a condition stands")
    return tuple(found)


def _consent(kinds: list[str]) -> Condition:
    named = frozenset(kinds)
    if not named:
        return lambda look, _limits, _check: bool(look.heard.consents)

    def holds(look: Look, _limits: Limits, _check: Check | None) -> bool:
        for its in look.heard.consents:  # noqa: SIM110  a generator costs more than what it saves to read
            if its.kind in named:
                return True
        return False

    return holds


def _fact(name: str) -> Callable[[list[str]], Condition]:
    def make(values: list[str]) -> Condition:
        allowed = frozenset(values)
        return lambda look, _limits, _check: getattr(look.facts, name) in allowed

    return make


def _holds(names: list[str]) -> Condition:
    parts = frozenset(names) & SALE_PARTS
    flags = tuple(name for name in names if name not in SALE_PARTS)
    if unknown := set(flags) - FLAGS:
        raise ValueError(f"names {', '.join(sorted(unknown))}, which is no fact")
    if not flags:
        return lambda look, _limits, _check: parts <= look.facts.soft_optin

    def holds(look: Look, _limits: Limits, _check: Check | None) -> bool:
        return parts <= look.facts.soft_optin and all(
            getattr(look.facts, flag) is True for flag in flags
        )

    return holds


def _seen(name: str) -> Callable[[bool], Condition]:
    return lambda _true: lambda look, _limits, _check: bool(getattr(look, name))


def _within(given: dict[str, Any]) -> Condition:
    fact, limit = given.pop("within"), given.pop("limit", "")
    months, days = given.pop("months", None), given.pop("days", None)
    if fact not in FLAGS:
        raise ValueError(f"names {fact}, which is no fact")
    counts_months = months is not None or limit.endswith("months")
    usual = months if counts_months else days

    def holds(look: Look, limits: Limits, _check: Check | None) -> bool:
        most = limits.get(limit, usual)
        if most is None:
            return True
        last = getattr(look.facts, fact)
        if last is None:
            return False
        earliest = add_months(look.today, -most) if counts_months else look.today - _days(most)
        return earliest <= day_of(last) <= look.today

    return holds


def _after_listing(consent: list[Condition]) -> Condition:
    """The consent must be younger than the listing; without its day nothing is."""

    def holds(look: Look, limits: Limits, check: Check | None) -> bool:
        if check is None or check.listed_since is None:
            return False
        listed = day_of(check.listed_since)
        younger = tuple(
            its
            for its in look.heard.consents
            if its.given is not None and day_of(its.given) > listed
        )
        seen = replace(look, heard=replace(look.heard, consents=younger))
        return all(condition(seen, limits, check) for condition in consent)

    return holds


def _days(many: int) -> timedelta:
    return timedelta(days=many)


FLAGS = frozenset(its.name for its in fields(Facts))
# In this order they are asked: first what fails most often.
MAKERS: dict[str, Callable[[Any], Condition]] = {
    "consent": _consent,
    "asked": _seen("asked"),
    "wrote": _seen("wrote"),
    "states": _fact("customer_state"),
    "parties": _fact("party"),
    "holds": _holds,
    "offers": _fact("offer_relation"),
    "unobjected": lambda _true: lambda look, _limits, _check: not look.heard.standing,
}
