"""What the rules say of one touch, and how the findings of all checks become one verdict."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Weight(StrEnum):
    """From the lightest to the heaviest; the heaviest wins."""

    ALLOW = "allow"
    DEFER = "defer"
    REVIEW = "review"
    BLOCK = "block"


WEIGHTS = {weight: number for number, weight in enumerate(Weight)}


@dataclass(frozen=True, slots=True)
class Verdict:
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
    """What the checks found, in their order."""

    weight: Weight = Weight.ALLOW
    ids: list[str] = field(default_factory=list)

    def add(self, weight: Weight, ids: Iterable[str]) -> None:
        """One finding. A heavier one takes the place of lighter ones; equals stand together."""
        if WEIGHTS[weight] < WEIGHTS[self.weight]:
            return
        if weight is not self.weight:
            self.weight, self.ids = weight, []
        self.ids += ids
