"""Holds a recorded stream against every promise. Pure.

Checks of the providers' own ledger run when there is one.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rekindle.case import Case, LedgerEntry
from rekindle.invariants import INVARIANTS, Invariant
from rekindle.recorded import Recorded


@dataclass(frozen=True, slots=True)
class Checked:
    """An invariant that was checked, and of how many things that tell of it."""

    invariant: Invariant
    count: int


@dataclass(frozen=True, slots=True)
class Broken:
    """One breach of one invariant. `subject` is the contact, campaign or workspace."""

    invariant: str
    promise: int
    subject: UUID
    event_ids: tuple[UUID, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Audit:
    """Which invariants were checked, and every breach. `unreadable` records were left out."""

    checks: tuple[Checked, ...]
    broken: tuple[Broken, ...]
    unreadable: int

    @property
    def checked(self) -> int:
        return len(self.checks)

    def as_json(self) -> dict[str, Any]:
        """For machines: plain values only."""
        broken = [
            asdict(its) | {"subject": str(its.subject), "event_ids": [*map(str, its.event_ids)]}
            for its in self.broken
        ]
        return {"checked": self.checked, "broken": broken, "unreadable": self.unreadable}


def audit(
    recorded: Recorded,
    *,
    at: datetime,
    ledger: Sequence[LedgerEntry] | None = None,
    words: Collection[str] = (),
) -> Audit:
    """Check all that can be checked, as of the moment `at`; what the rest means says `Case`."""
    case = Case(recorded, at, ledger, words)
    checks = tuple(
        Checked(its, its.evidence.count(case))
        for its in INVARIANTS
        if case.ledger is not None or not its.needs_ledger
    )
    broken = tuple(
        Broken(its.invariant.name, its.invariant.promise, *finding)
        for its in checks
        for finding in its.invariant.check(case)
    )
    return Audit(checks, broken, len(recorded.unreadable))
