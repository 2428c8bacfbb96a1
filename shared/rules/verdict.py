"""What the rules say of one touch, and how the findings of all checks become one verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Weight(StrEnum):
    """From the lightest to the heaviest; the heaviest wins."""

    rank: int

    ALLOW = "allow"
    DEFER = "defer"
    REVIEW = "review"
    BLOCK = "block"


for number, weight in enumerate(Weight):
    weight.rank = number
# To reach a member through its class takes several times longer.
ALLOW, DEFER, REVIEW, BLOCK = Weight


class Verdict(NamedTuple):
    """May it leave? `rules` are the ids that decided, in the order of the checks.

    `next_allowed` is the first minute at which every window and cap is open, when it is deferred.
    `missing` names the facts that were needed and not known.
    """

    verdict: Weight
    rules: tuple[str, ...]
    next_allowed: datetime | None = None
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class Findings:
    """What the checks found, in their order. `weights`: what each of the product's rules weighs."""

    weights: Mapping[str, Weight]
    weight: Weight = ALLOW
    ids: list[str] = field(default_factory=list)

    def under(self, rule: str, *ids: str) -> None:
        """One finding under a rule of the product, which says how heavy it is."""
        self.add(self.weights[rule], (*ids, rule))

    def add(self, weight: Weight, ids: Iterable[str]) -> None:
        """One finding. A heavier one takes the place of lighter ones; equals stand together."""
        if weight is self.weight:
            self.ids += ids
        elif weight.rank > self.weight.rank:
            self.weight, self.ids = weight, [*ids]
