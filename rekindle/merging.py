"""The merge plan: which rows are one person, which one stays, and what the others would add. Pure.

Nothing is merged here. A founder merges in the CRM, and imports again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from rekindle.offline import Judged, OfflineRow
from shared.words import Reason


class Folded(NamedTuple):
    """A row that another one would take in. `sure`: it is one person; else only probably."""

    row: int
    sure: bool
    agreeing: tuple[str, ...]


class Merge(NamedTuple):
    """One person: the row that stays, the rows that go, and what they have that it has not."""

    keep: int
    folded: tuple[Folded, ...]
    gains: tuple[str, ...]

    @property
    def sure(self) -> bool:
        return all(its.sure for its in self.folded)


def merges(judged: Sequence[Judged]) -> list[Merge]:
    """The plan for all persons with several rows, in the order of the rows that stay."""
    by_id = {row.contact_id: (row, its) for row, its in judged}
    groups: dict[UUID, list[Judged]] = defaultdict(list)
    for row, its in judged:
        if its.duplicate_of:
            groups[_last(row.contact_id, by_id)].append((row, its))
    plan = []
    for kept, group in groups.items():
        keep = by_id[kept][0]
        folded = tuple(
            Folded(row.row, Reason.PROBABLE_DUPLICATE not in its.reasons, its.agreeing)
            for row, its in group
        )
        plan.append(Merge(keep.row, folded, tuple(_gains(keep, [row for row, _ in group]))))
    return sorted(plan)


def _last(who: UUID, by_id: dict[UUID, Judged]) -> UUID:
    """The row that stays: a probable duplicate may have duplicates of its own."""
    while of := by_id[who][1].duplicate_of:
        who = of
    return who


def _gains(keep: OfflineRow, others: Iterable[OfflineRow]) -> Iterator[str]:
    """What the others know that the row which stays does not."""
    mine = keep.facts
    numbers = {keep.phone.hash if keep.phone else "", *mine.other_numbers}
    boxes = {keep.mailbox.alias_hash if keep.mailbox else "", *mine.other_boxes}
    theirs = list(others)
    if {n for its in theirs for n in _numbers(its)} - numbers:
        yield "a number"
    if {box for its in theirs for box in _boxes(its)} - boxes:
        yield "a mailbox"
    if any(set(its.facts.consents) - set(mine.consents) for its in theirs):
        yield "a consent"
    if mine.opt_out is None and any(its.facts.opt_out for its in theirs):
        yield "an opt-out"


def _numbers(row: OfflineRow) -> Iterator[str]:
    yield from row.facts.other_numbers
    if row.phone:
        yield row.phone.hash


def _boxes(row: OfflineRow) -> Iterator[str]:
    yield from row.facts.other_boxes
    if row.mailbox:
        yield row.mailbox.alias_hash
