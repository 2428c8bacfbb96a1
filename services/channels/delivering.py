"""What a provider says of a message after it took it, and what that heals."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from services.channels.edges import Edge
from services.channels.locks import lock_touches
from services.channels.settling import overhear, provider_says_stop
from services.channels.statuses import OPT_OUT_CODES, Status
from services.channels.store import GROUP, TABLES, TOUCH, Row
from services.channels.touching import State, Told
from shared.bus import disarm, tell
from shared.crash import point
from shared.ids import named


@dataclass(frozen=True, slots=True)
class Callback:
    """One status of one message, in the provider's `word` and in ours.

    `touch_id` is what we gave along: in the callback's address, or the mail's.
    """

    touch_id: UUID | None
    provider_id: str
    word: str
    status: Status | None
    code: str = ""


def tell_status(edge: Edge, callback: Callback) -> None:
    """Say what is new. A touch that is named in a callback was accepted, whatever we knew."""

    def work(tx: sa.Connection) -> None:
        _tell_status(tx, callback, edge.now())
        point("webhook.before")

    edge.transact(work)
    point("webhook.after")


def _tell_status(tx: sa.Connection, callback: Callback, now: datetime) -> None:
    found = _find(tx, callback)
    if found is None:
        return
    cause = named("status", found.id, callback.word)
    if found.state == State.RESERVED:
        disarm(tx, TABLES, GROUP, [(found.contact_id, found.plan)])
    if callback.code in OPT_OUT_CODES:
        provider_says_stop(tx, {found.contact_id: cause}, now)
    touch = lock_touches(tx, [found.id])[found.id]
    told = Told(callback.provider_id, callback.status, callback.code)
    if said := overhear(tx, touch, told, now):
        tell(tx, TABLES, GROUP, cause, said, now, under=touch.id)


def _find(tx: sa.Connection, callback: Callback) -> Row | None:
    c = TOUCH.c
    named_one = c.id == callback.touch_id
    its = named_one if callback.touch_id else c.provider_id == callback.provider_id
    return tx.execute(sa.select(TOUCH).where(its)).first()
