"""Where a contact has been, from its row in a list to the provider's id, as spans.

Nothing is carried along: the trace of an event is its subject, and its span is its own id. So each
row of an outbox, each timer and each parked event knows its place in the trace, however often it is
repeated and however long it lay. Spans are recorded within transactions and leave when these are
committed; without anybody who takes them, nothing here costs anything.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID
from zlib import crc32

import sqlalchemy as sa

from shared.clock import wall_ns

Kind = Literal["internal", "server", "client", "producer", "consumer"]
LINKS_MAX = 128  # of one span; what links it anyway is the batch that every span names
SALT = 0x9E3779B97F4A7C15  # spreads a group's number over the 64 bits of a span's id


class Link(NamedTuple):
    """A span of another trace."""

    trace: int
    span: int


class Span(NamedTuple):
    """Something that `service` did, in nanoseconds of the wall's clock. `parent` 0: a root."""

    service: str
    name: str
    kind: Kind
    trace: int
    id: int
    parent: int
    began: int
    attributes: Mapping[str, str | int]
    links: Sequence[Link] = ()


Take = Callable[[Span, int], None]  # a span, and when it ended


@dataclass
class Recorder:
    """Whose traces are recorded, and who takes the spans."""

    share: float = 0.0
    take: Take | None = None

    def samples(self, subject: UUID) -> bool:
        """Whether this subject is among the share; every service says the same."""
        return self.take is not None and (subject.int >> 96) < self.share * 2**32


RECORDER = Recorder()
samples = RECORDER.samples


def record(share: float, take: Take) -> None:
    """From now on spans of this share of all subjects (0 to 1) are taken."""
    RECORDER.share, RECORDER.take = share, take
    sa.event.listen(sa.Engine, "commit", _leave)
    sa.event.listen(sa.Engine, "rollback", _forget)


def stop() -> None:
    """Nothing is recorded any more."""
    RECORDER.take = None
    sa.event.remove(sa.Engine, "commit", _leave)
    sa.event.remove(sa.Engine, "rollback", _forget)


def span_of(id: UUID) -> int:  # noqa: A002  any id: an event's, a touch's, a contact's
    """The span that is named after this id; a contact's is the root of its trace."""
    return id.int >> 64


def work_on(group: str, cause_id: UUID) -> int:
    """The span of what a group does because of a cause."""
    return span_of(cause_id) ^ (crc32(group.encode()) * SALT & (2**64 - 1))


def traceparent(subject: UUID, event_id: UUID) -> str:
    """The header of a recorded event (W3C Trace Context)."""
    return f"00-{subject.hex}-{span_of(event_id):016x}-01"


# -- recording


def recording() -> bool:
    """Whether anybody takes spans."""
    return RECORDER.take is not None


def emit(span: Span) -> None:
    """What was done, and ends now, whatever becomes of a transaction."""
    if RECORDER.take:
        RECORDER.take(span, wall_ns())


def within(tx: sa.Connection, spans: Iterable[Span]) -> None:
    """What is done if this transaction is committed, and ends then."""
    tx.info.setdefault("spans", []).extend(spans)


def _leave(tx: sa.Connection) -> None:
    for span in tx.info.pop("spans", ()):
        emit(span)


def _forget(tx: sa.Connection) -> None:
    tx.info.pop("spans", None)
