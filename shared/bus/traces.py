"""The spans of the bus: what is heard, told and sent of the subjects whose traces are recorded.

A batch is no part of anybody's trace: it has one of its own, and is linked with those in it.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.bus.tables import Row
from shared.clock import wall_ns
from shared.events.base import Answer, Event, Woke
from shared.telemetry.spans import (
    LINKS_MAX,
    Kind,
    Link,
    Span,
    emit,
    recording,
    samples,
    span_of,
    within,
    work_on,
)


def heard(
    tx: sa.Connection,
    group: str,
    inputs: Sequence[Event],
    answers: Sequence[Answer],
    began: int,
) -> None:
    """The group has worked on a batch since `began`.

    What it did because of one event is a span in the trace of each subject that it speaks of.
    """
    if not recording():
        return
    known = [
        Link(event.subject.int, span_of(event.id)) for event in inputs if samples(event.subject)
    ]
    works = {(event.id, event.subject): _work(group, event, began) for event in inputs}
    for event, outputs in answers:
        for output in outputs:
            if isinstance(output, Event) and output.subject != event.subject:
                works[event.id, output.subject] = _elsewhere(group, event, output, began)
    spans = [span for (_, subject), span in works.items() if samples(subject)]
    if not spans:
        return
    batch = _batch(group, f"apply {len(inputs)}", "consumer", inputs[0].id, began, known)
    its = Link(batch.trace, batch.id)
    within(tx, [batch, *(span._replace(links=(*span.links, its)) for span in spans)])


def told(tx: sa.Connection, group: str, source: str, rows: Iterable[Row]) -> None:
    """Events stand in the outbox because of something that the group works on."""
    if not recording():
        return
    now = wall_ns()
    within(
        tx,
        [
            Span(
                service=source,
                name=f"create {row['topic']}",
                kind="producer",
                trace=row["subject"].int,
                id=span_of(row["event_id"]),
                parent=work_on(group, row["cause_id"]),
                began=now,
                attributes=_names(row["topic"], row["event_id"]),
            )
            for row in rows
            if samples(row["subject"])
        ],
    )


def spoken(
    tx: sa.Connection,
    group: str,
    source: str,
    cause_id: UUID,
    events: Iterable[Event],
    under: UUID | None,
) -> None:
    """The edge speaks because of something that is no event heard, as part of the span `under`."""
    if not recording():
        return
    first: dict[UUID, Event] = {}
    for event in events:
        if samples(event.subject):
            first.setdefault(event.subject, event)
    now = wall_ns()
    within(
        tx,
        [
            Span(
                service=source,
                name=f"tell {event.topic}",
                kind="internal",
                trace=subject.int,
                id=work_on(group, cause_id),
                parent=span_of(under) if under else _root(event),
                began=now,
                attributes={"rekindle.cause_id": str(cause_id)},
            )
            for subject, event in first.items()
        ],
    )


def sent(group: str, rows: Sequence[sa.Row[Any]], arrived: Collection[int], began: int) -> None:
    """The bus has acknowledged the rows with these ids, of those that were sent since `began`."""
    if not recording():
        return
    theirs = set(arrived)
    its = [row for row in rows if row.id in theirs]
    known = [Link(row.subject.int, span_of(row.event_id)) for row in its if samples(row.subject)]
    if known:
        emit(_batch(group, f"send {len(its)}", "producer", its[0].event_id, began, known))


def _work(group: str, event: Event, began: int) -> Span:
    """What a group does because of an event, in the event's own trace.

    What armed a timer may have been said of others: what it wakes stands below the contact's root.
    """
    return Span(
        service=_service(group),
        name=f"process {event.topic}",
        kind="consumer",
        trace=event.subject.int,
        id=work_on(group, event.id),
        parent=_root(event) if isinstance(event, Woke) else span_of(event.id),
        began=began,
        attributes={"messaging.consumer.group.name": group, **_names(event.topic, event.id)},
    )


def _elsewhere(group: str, event: Event, output: Event, began: int) -> Span:
    """The same, in the trace of another subject that is spoken of."""
    work = _work(group, event, began)
    cause = Link(work.trace, work.id)
    return work._replace(trace=output.subject.int, parent=_root(output), links=(cause,))


def _batch(
    group: str, name: str, kind: Kind, first: UUID, began: int, known: Sequence[Link]
) -> Span:
    return Span(
        service=_service(group),
        name=name,
        kind=kind,
        trace=first.int,
        id=work_on(f"{group} {kind}", first),
        parent=0,
        began=began,
        attributes={"messaging.consumer.group.name": group, "rekindle.recorded": len(known)},
        links=known[:LINKS_MAX],
    )


def _root(event: Event) -> int:
    """A contact's trace begins with its row in a list; what is said of others has no such root."""
    is_contact = event.about == "contact" and event.subject != event.workspace_id
    return span_of(event.subject) if is_contact else 0


def _names(topic: str, event_id: UUID) -> dict[str, str | int]:
    return {
        "messaging.system": "kafka",
        "messaging.destination.name": topic,
        "messaging.message.id": str(event_id),
    }


def _service(group: str) -> str:
    return group.partition(".")[0]
