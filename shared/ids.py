"""Names that follow from what they name, so that the same thing always has the same id."""

from hashlib import md5
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


def said_id(cause_id: UUID, source: str, topic: str, ordinal: int) -> UUID:
    """The id of an event that `source` says because of a cause.

    It names who says it: several services may decide something because of the same event.
    """
    return child_id(cause_id, f"{source}/{topic}", ordinal)


def touch_id_of(request_id: UUID) -> UUID:
    """The touch that a request becomes, however often it is tried."""
    return child_id(request_id, "touch", 0)


def timer_id(cause_id: UUID, contact_id: UUID, plan: int) -> UUID:
    """The id of the event that a timer becomes: it follows from what armed it.

    So a plan that is armed twice wakes as two different events. A database computes the same.
    """
    text = f"{cause_id}/{contact_id}/{plan}".encode()
    return UUID(bytes=md5(text, usedforsecurity=False).digest())


def named(kind: str, *words: object) -> UUID:
    """An id for a thing that is known by words, such as a workspace by its name."""
    return uuid5(NAMESPACE_OID, "/".join((kind, *map(str, words))))
