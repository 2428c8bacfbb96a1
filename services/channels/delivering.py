"""What a provider says of a message after it took it, and what that heals."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from services.channels.edges import Edge
from services.channels.locks import lock_touches
from services.channels.settling import accept, drop_requests, provider_says_stop
from services.channels.statuses import OPT_OUT_CODES, Status, news
from services.channels.store import GROUP, TABLES, TOUCH, Row, State
from shared.bus import disarm, tell
from shared.crash import point
from shared.events import MessageDelivered
from shared.ids import named
from shared.words import Channel, Delivery


@dataclass(frozen=True, slots=True)
class Callback:
    """One status of one message. `touch_id` is what we wrote into the callback's address."""

    touch_id: UUID | None
    provider_id: str
    word: str
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
    cause = named("status", callback.provider_id, callback.word)
    if found.state == State.RESERVED:
        disarm(tx, TABLES, GROUP, [(found.contact_id, found.plan)])
    if callback.code in OPT_OUT_CODES:
        provider_says_stop(tx, {found.contact_id: cause}, now)
    touch = lock_touches(tx, [found.id])[found.id]
    if said := accept(tx, touch, callback.provider_id, now):
        drop_requests(tx, [touch.request_id])
    if status := news(callback.word, touch.status_rank):
        lost = {"closed_at": now} if status.delivery is Delivery.FAILED else {}
        its = sa.update(TOUCH).where(TOUCH.c.id == touch.id)
        tx.execute(its.values(status_rank=status.rank, **lost))
        said.append(_delivered(touch, status, callback.code))
    if said:
        tell(tx, TABLES, GROUP, cause, said, now)


def _find(tx: sa.Connection, callback: Callback) -> Row | None:
    c = TOUCH.c
    named_one = c.id == callback.touch_id
    its = named_one if callback.touch_id else c.provider_id == callback.provider_id
    return tx.execute(sa.select(TOUCH).where(its)).first()


def _delivered(touch: Row, status: Status, code: str) -> MessageDelivered:
    return MessageDelivered(
        subject=touch.contact_id,
        workspace_id=touch.workspace_id,
        campaign_id=touch.campaign_id,
        touch_id=touch.id,
        channel=Channel(touch.channel),
        delivery=status.delivery,
        code=code,
    )
