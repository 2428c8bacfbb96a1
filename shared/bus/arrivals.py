"""From a record or a timer to an event that can be applied, or to the reason why it cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import sqlalchemy as sa

from shared.bus.envelope import NAMES, envelope_of, headers_of
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
    headers = {
        name: (value or b"").decode(errors="replace")
        for name, value in record.headers
        if name in NAMES
    }
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
    topic = arrival.topic
    try:
        envelope = envelope_of(arrival.headers, topic)
    except ValueError as error:
        return arrival._replace(fault=str(error))
    try:
        event = kinds[topic].from_bus(arrival.body, envelope)
    except (KeyError, TypeError, ValueError) as error:
        return arrival._replace(fault=f"it is no {topic}: {described(error)}")
    if event.subject != arrival.subject:
        return arrival._replace(fault="the key and ce_subject name different subjects")
    if event.time.tzinfo is None:
        return arrival._replace(fault="ce_time has no time zone")
    return arrival._replace(event=event)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _uuid_of_key(key: bytes | None) -> UUID | None:
    return _uuid((key or b"").decode(errors="replace"))
