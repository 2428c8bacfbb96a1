"""What an audit looks at, and what it finds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from rekindle.recorded import Recorded

LedgerEntry = Mapping[str, Any]


class Finding(NamedTuple):
    """One breach: whose, in which events, and what is wrong, in a sentence without names."""

    contact_id: UUID
    event_ids: tuple[UUID, ...]
    sentence: str


@dataclass(frozen=True)
class Case:
    """A recorded stream as of the moment `at`.

    `ledger` is what the providers accepted and the customers said, in that order of happening;
    None when nobody kept one. `words` are names, addresses and numbers of people, which must stand
    nowhere in the clear.
    """

    recorded: Recorded
    at: datetime
    ledger: Sequence[LedgerEntry] | None = None
    words: Collection[str] = ()
