"""What a service says: rows first, in the transaction that decided them; the relay comes after."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from shared.bus.tables import Row, Tables, append_rows
from shared.bus.traces import spoken, told
from shared.crash import point
from shared.events.base import Event
from shared.ids import lane_of, said_id

BODY_BYTES_MAX = 800_000


def channel(tables: Tables) -> str:
    """The name under which the database tells members that someone at the edge has written."""
    return f"{tables.outbox.schema}_outbox"


def notify(tx: sa.Connection, tables: Tables, group: str) -> None:
    """Wake the members of this group when the transaction commits."""
    tx.execute(sa.select(sa.func.pg_notify(channel(tables), group)))


def tell(  # noqa: PLR0913  who says what, why, when, and in which span
    tx: sa.Connection,
    tables: Tables,
    group: str,
    cause_id: UUID,
    events: Sequence[Event],
    now: datetime,
    *,
    source: str = "",
    under: UUID | None = None,
) -> None:
    """Say something from the edge (webhook, import, sender), in the edge's own transaction.

    `cause_id` is the cause's id, such as one made of the provider's call; the events' ids follow
    from it, so one cause speaks once. `group` names whose relay publishes, and is the source
    unless one is given. `under` is the id of the touch or event whose span this belongs to, if not
    to the contact's root. If two transactions write about one contact and their order matters, each
    must lock something of that contact before it calls this. Raises ValueError for an event that
    is too large for the bus.
    """
    tell_all(tx, tables, group, [(cause_id, events, under)], now, source=source)


def tell_all(
    tx: sa.Connection,
    tables: Tables,
    group: str,
    causes: Sequence[tuple[UUID, Sequence[Event], UUID | None]],
    now: datetime,
    *,
    source: str = "",
) -> None:
    """Like `tell`, of many causes at once, each with its events and what it is under."""
    source = source or group
    said = [(cause_id, event) for cause_id, events, _ in causes for event in events]
    rows = say(tx, tables, group, said, now, source=source)
    for cause_id, events, under in causes:
        spoken(tx, group, source, cause_id, events, under)
    told(tx, group, source, rows)
    notify(tx, tables, group)


def say(
    tx: sa.Connection,
    tables: Tables,
    group: str,
    said: Iterable[tuple[UUID, Event]],
    now: datetime,
    *,
    source: str,
) -> list[Row]:
    """Write events with their causes. Ids follow from these: saying again is the same event."""
    ordinals: Counter[tuple[UUID, str]] = Counter()
    rows: list[Row] = []
    for cause_id, event in said:
        nth = (cause_id, event.topic)
        event_id = said_id(cause_id, source, event.topic, ordinals[nth])
        rows.append(_row(event, cause_id, event_id))
        ordinals[nth] += 1
    point("outbox.before", len(rows))
    append_rows(tx, tables.outbox, rows, grp=group, said_at=now, source=source)
    point("outbox.after", len(rows))
    return rows


def _row(event: Event, cause_id: UUID, event_id: UUID) -> Row:
    body = event.body()
    if len(body) > BODY_BYTES_MAX:
        sentence = f"{event.topic} of {len(body)} bytes is larger than the bus takes"
        raise ValueError(sentence)
    return {
        "lane": lane_of(event.subject),
        "topic": event.topic,
        "subject": event.subject,
        "workspace_id": event.workspace_id,
        "campaign_id": event.campaign_id,
        "event_id": event_id,
        "cause_id": cause_id,
        "version": event.version,
        "body": body,
    }
