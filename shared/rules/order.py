"""Where one row only binds, no other may fit the same touch on the same day."""

from itertools import combinations

from shared.rules.faults import CUMULATIVE, PLATFORM, refuse
from shared.rules.rows import ConsentRule, Jurisdiction, Names
from shared.rules.tables import Data


def check_order(data: Data) -> None:
    """Raises RuleDataError with the second of two rows that contend."""
    combine = {row.code: row.combine for _, row in data.of(Jurisdiction)}
    rows = [
        (file, row)
        for file, row in data.of(ConsentRule)
        if combine[row.jurisdiction] != CUMULATIVE and row.kind != PLATFORM
    ]
    calls = frozenset(data.terms.channels.with_call_kinds)
    for (_, one), (file, other) in combinations(rows, 2):
        if one.jurisdiction == other.jurisdiction and _meet(one, other, calls):
            raise refuse(
                file, other, f"fits the same touches as {one.id} on the same days: give one an end"
            )


def _meet(one: ConsentRule, other: ConsentRule, calls: frozenset[str]) -> bool:
    shared = set(one.channels) & set(other.channels)
    if shared <= calls and not _overlap(one.call_kinds, other.call_kinds):
        return False
    return (
        bool(shared)
        and _overlap(one.line_types, other.line_types)
        and all(
            set(mine) & set(theirs)
            for mine, theirs in (
                (one.parties, other.parties),
                (one.purposes, other.purposes),
                (one.customer_states, other.customer_states),
            )
        )
        and one.in_force(other.effective_from, other.effective_to)
    )


def _overlap(one: Names, other: Names) -> bool:
    """An empty list is any."""
    return not one or not other or bool(set(one) & set(other))
