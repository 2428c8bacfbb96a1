"""Events that could not be applied wait here with their cause, and their subject's later ones too.

So one bad event costs one contact, and after a repair everything is applied in order.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects import postgresql as pg

from shared.bus.arrivals import Arrival
from shared.bus.tables import Tables, append_rows

BEHIND = "waits behind an earlier parked event"


def among_parked(
    tx: sa.Connection, tables: Tables, group: str, subjects: Collection[UUID]
) -> set[UUID]:
    """Those of these subjects that have parked events."""
    c = tables.parked.c
    these = sa.any_(sa.bindparam("subjects", list(subjects), pg.ARRAY(sa.Uuid)))
    return set(tx.scalars(sa.select(c.subject).where(c.grp == group, c.subject == these)))


def park(
    tx: sa.Connection, tables: Tables, group: str, arrivals: Sequence[Arrival], now: datetime
) -> None:
    """Put them aside, in order, each with its fault."""
    rows = [
        {
            "lane": arrival.lane,
            "subject": arrival.subject,
            "event_id": arrival.id,
            "topic": arrival.topic,
            "headers": Jsonb(dict(arrival.headers)),
            "body": arrival.body,
            "cause": arrival.fault,
        }
        for arrival in arrivals
    ]
    append_rows(tx, tables.parked, rows, grp=group, parked_at=now)


def count_parked(tx: sa.Connection, tables: Tables, group: str) -> int:
    """How many subjects have parked events."""
    c = tables.parked.c
    return tx.scalar(sa.select(sa.func.count(c.subject.distinct())).where(c.grp == group)) or 0
