"""Names that follow from what they name, so that the same thing always has the same id."""

from uuid import NAMESPACE_OID, UUID, uuid5
from zlib import crc32

LANES = 12
NOBODY = UUID(int=0)


def lane_of(subject: UUID) -> int:
    """The twelfth of all subjects to which this one belongs: its partition in every topic."""
    return crc32(subject.bytes) % LANES


def child_id(cause_id: UUID, topic: str, ordinal: int) -> UUID:
    """The id of what follows from a cause: the same decision always has the same id."""
    return uuid5(cause_id, f"{topic}/{ordinal}")


def named(kind: str, *words: object) -> UUID:
    """An id for a thing that is known by words, such as a workspace by its name."""
    return uuid5(NAMESPACE_OID, "/".join((kind, *map(str, words))))
