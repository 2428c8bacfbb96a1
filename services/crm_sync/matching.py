"""Which record of a file is which record that is known already.

Records are known by their id at the source; where an id came more than once, ordinals tell its
records apart. A record that is word for word as it was keeps its ordinal, wherever it stands in the
file; of the others the first takes the lowest ordinal that nobody came for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.crm_sync.records import Record


@dataclass(frozen=True, slots=True)
class Arrived:
    """A record of the file. `fingerprint` is the same exactly when nothing has changed."""

    record: Record
    record_id: UUID
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Known:
    """A record of before. `met`: its row of this file has been found."""

    contact_id: UUID
    ordinal: int
    fingerprint: str
    met: bool


def unchanged(
    arrived: Sequence[Arrived], known: Mapping[UUID, Sequence[Known]]
) -> list[tuple[Arrived, Known]]:
    """The records that are as they were. Each known one is met once."""
    unmet = _unmet(known)
    pairs = []
    for one in arrived:
        waiting = unmet.get(one.record_id, [])
        same = next((its for its in waiting if its.fingerprint == one.fingerprint), None)
        if same is not None:
            waiting.remove(same)
            pairs.append((one, same))
    return pairs


def placed(
    arrived: Sequence[Arrived], known: Mapping[UUID, Sequence[Known]]
) -> list[tuple[Arrived, int]]:
    """The ordinals of records that are new or have changed."""
    unmet = _unmet(known)
    count = {record_id: len(its) for record_id, its in known.items()}
    pairs = []
    for one in arrived:
        if waiting := unmet.get(one.record_id):
            ordinal = waiting.pop(0).ordinal
        else:
            ordinal = count.get(one.record_id, 0)
            count[one.record_id] = ordinal + 1
        pairs.append((one, ordinal))
    return pairs


def _unmet(known: Mapping[UUID, Sequence[Known]]) -> dict[UUID, list[Known]]:
    return {record_id: [one for one in its if not one.met] for record_id, its in known.items()}
