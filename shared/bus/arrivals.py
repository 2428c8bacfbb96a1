"""From a record or a timer to an event that can be applied, or to the reason why it cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import sqlalchemy as sa

from shared.bus.envelope import NAMES, envelope_of, headers_of, version_of
from shared.bus.faults import described
from shared.events.base import Event, Woke
from shared.ids import NOBODY, lane_of, named


class Record(Protocol):
    """A record as the Kafka client hands it over."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Place(NamedTuple):
    """One topic of one lane."""

    topic: str
    lane: int


@dataclass(frozen=True, slots=True)
class Run:
    """Records of one place without a hole: everything from `start` to the last of them."""

    place: Place
    start: int
    records: Sequence[Record]

    @property
    def end(self) -> int:
        return self.records[-1].offset + 1


class Arrival(NamedTuple):
    """An event on its way to the handler; with a fault it goes to the parked ones instead."""

    id: UUID
    subject: UUID
    lane: int
    topic: str
    headers: Mapping[str, str]
    body: bytes
    event: Event | None = None
    fault: str = ""


def from_record(record: Record) -> Arrival:
    """Read the address only. The rest is opened later: most redelivered events never need it."""
    topic, lane = record.topic, record.partition
    headers = {name: _text(value) for name, value in record.headers if name in NAMES}
    id_, subject, fault = _uuid(headers.get("ce_id", "")), _uuid_of_key(record.key), ""
    if id_ is None:
        # Named after its place, so that it is the same one when it is delivered again.
        id_, fault = named("record", topic, lane, record.offset), "ce_id is missing or no UUID"
    if subject is None:
        subject, fault = NOBODY, "the key is no UUID"
    elif lane_of(subject) != lane:
        fault = fault or f"partition {lane} is not the lane of this subject"
    return Arrival(id_, subject, lane, topic, headers, record.value or b"", fault=fault)


def from_timer(row: sa.Row[Any], source: str) -> Arrival:
    """A timer that is due. `Woke.time` is when it was due, so the handler sees how late it is."""
    woke = Woke(
        subject=row.contact_id,
        workspace_id=row.workspace_id,
        id=row.event_id,
        cause_id=row.cause_id,
        time=row.due_at,
        plan=row.plan,
    )
    headers = headers_of(
        topic=Woke.topic,
        id=woke.id,
        source=source,
        time=woke.time,
        subject=woke.subject,
        workspace_id=woke.workspace_id,
        campaign_id=None,
        cause_id=woke.cause_id,
        version=Woke.version,
    )
    return Arrival(woke.id, woke.subject, row.lane, Woke.topic, headers, woke.body(), woke)


def opened(arrival: Arrival, kinds: Mapping[str, type[Event]]) -> Arrival:
    """With the event, or with the fault that keeps it from being one."""
    if arrival.event or arrival.fault:
        return arrival
    if (kind := kinds.get(arrival.topic)) is None:
        return arrival._replace(fault=f"nobody here hears {arrival.topic} any more")
    try:
        envelope = envelope_of(arrival.headers, arrival.topic)
    except ValueError as error:
        return arrival._replace(fault=str(error))
    try:
        event = kind.from_bus(arrival.body, envelope)
    except (TypeError, ValueError) as error:
        return arrival._replace(fault=_misfit(arrival, kind, error))
    if fault := _contradiction(arrival, event):
        return arrival._replace(fault=fault)
    return arrival._replace(event=event)


def _contradiction(arrival: Arrival, event: Event) -> str:
    """Where the envelope is at odds with itself; empty when it is not."""
    if event.subject != arrival.subject:
        return "the key and ce_subject name different subjects"
    return "ce_time has no time zone" if event.time.tzinfo is None else ""


def _misfit(arrival: Arrival, kind: type[Event], error: Exception) -> str:
    """Why the body is not the event that it claims to be."""
    version = version_of(arrival.headers)
    if version > kind.version:
        return (
            f"it was released by a newer version ({version}, here {kind.version} is known): "
            f"{described(error)}; bring this service up to date, then retry"
        )
    return f"it is no {arrival.topic}: {described(error)}"


def _text(value: bytes | None) -> str:
    """A header as text that every database takes, whatever it was."""
    return (value or b"").decode(errors="replace").replace("\0", "\ufffd")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _uuid_of_key(key: bytes | None) -> UUID | None:
    return _uuid((key or b"").decode(errors="replace"))
