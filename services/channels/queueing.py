"""The line in which requests stand: first come, first served, also at an address that is shared."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from services.channels.store import REQUEST, TOUCH, Row, any_of
from shared.words import Channel

FIRST_FOR = timedelta(hours=1)  # of whoever is due; then the other gateway is taken for dead

Place = tuple[datetime, UUID, int]


def place_of(row: Row) -> Place:
    """Where a request stands in the line."""
    return row.asked_at, row.contact_id, row.plan


def not_in_hand() -> sa.ColumnElement[bool]:
    """Of a request: no touch stands for its plan."""
    c = TOUCH.c
    return ~sa.exists().where(c.contact_id == REQUEST.c.contact_id, c.plan == REQUEST.c.plan)


def firsts_elsewhere(
    tx: sa.Connection,
    channel: Channel,
    sharers: Mapping[str, Collection[UUID]],
    due_until: datetime,
) -> dict[str, Place]:
    """The first of those who are due at a shared number on other channels than this one.

    `sharers` are the contacts by the hash of their address. Only mail goes to mailboxes, so there
    every request stands in the one line.
    """
    shared = {one: hash_ for hash_, its in sharers.items() if len(its) > 1 for one in its}
    if channel is Channel.EMAIL or not shared:
        return {}
    c = REQUEST.c
    elsewhere = c.channel.not_in([channel, Channel.EMAIL])
    due = c.due_at.between(due_until - FIRST_FOR, due_until)
    its = c.contact_id == any_of("sharing", shared, sa.Uuid)
    firsts: dict[str, Place] = {}
    for row in tx.execute(sa.select(REQUEST).where(its, elsewhere, due, not_in_hand())):
        hash_ = shared[row.contact_id]
        firsts[hash_] = min(place_of(row), firsts.get(hash_, place_of(row)))
    return firsts
