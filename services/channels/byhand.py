"""Touches of which nobody knows whether they were accepted, for a person who finds out.

The provider's own pages, or the contact, can tell what neither its answer nor its list did.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from services.channels.adapters.base import Accepted, NotMade
from services.channels.locks import lock_touches
from services.channels.settling import overhear
from services.channels.store import GROUP, TABLES, TOUCH
from services.channels.touching import State
from shared.bus import tell
from shared.events import MessageSent
from shared.ids import named
from shared.words import Channel

Found = Literal["accepted", "not_sent"]


@dataclass(frozen=True, slots=True)
class UnknownTouch:
    """A touch that waits for its result. Names nobody."""

    touch_id: UUID
    contact_id: UUID
    channel: Channel
    plan: int
    reserved_at: datetime
    looked_up: int  # how often its provider was asked
    address_hash: str


class NotUnknownError(ValueError):
    """There is nothing to settle. The message is a sentence that says so."""


def unknown_touches(tx: sa.Connection) -> list[UnknownTouch]:
    """Every touch whose result is unknown, the oldest first."""
    c = TOUCH.c
    ask = sa.select(TOUCH).where(c.state == State.UNKNOWN).order_by(c.reserved_at, c.id)
    return [
        UnknownTouch(
            touch_id=row.id,
            contact_id=row.contact_id,
            channel=Channel(row.channel),
            plan=row.plan,
            reserved_at=row.reserved_at,
            looked_up=row.looked_up,
            address_hash=row.address_hash,
        )
        for row in tx.execute(ask)
    ]


def settle_by_hand(
    tx: sa.Connection, touch_id: UUID, result: Found, provider_id: str, who: str, now: datetime
) -> None:
    """Settle an unknown touch on a person's word, and say it with the person's name.

    `provider_id` is the provider's name for an accepted message, empty where it is not known. What
    was not sent may be said again by whoever plans. Raises NotUnknownError for any other touch.
    """
    touch = lock_touches(tx, [touch_id]).get(touch_id)
    if touch is None:
        raise NotUnknownError(f"There is no touch {touch_id}.")
    if touch.state != State.UNKNOWN:
        raise NotUnknownError(f"The touch {touch_id} is {touch.state}: there is nothing to settle.")
    fact = Accepted(provider_id) if result == "accepted" else NotMade("a person says so")
    said = [
        event.model_copy(update={"settled_by": who}) if isinstance(event, MessageSent) else event
        for event in overhear(tx, touch, fact, now)
    ]
    cause = named("by hand", touch_id, result)
    tell(tx, TABLES, GROUP, cause, said, now, under=touch_id)
