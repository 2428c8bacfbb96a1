"""What may be wrong with channels beyond what every service knows of itself, and its queues."""

import sqlalchemy as sa

from services.channels.store import GROUP, REQUEST, TEMPLATE, TOUCH, Making
from services.channels.touching import State
from shared.service import Complaint

BEHIND = {GROUP: "gateways refuse to send, for somebody may have asked not to be contacted"}


def ailing(tx: sa.Connection) -> list[Complaint]:
    """Touches of which nobody knows whether they arrived."""
    ask = sa.select(sa.func.count()).where(TOUCH.c.state == State.UNKNOWN)
    if not (count := tx.scalar(ask)):
        return []
    sentence = f"unknown touches: {count}; each counts as sent, and is never sent again by itself"
    return [Complaint("unknown", sentence, waiting=count)]


def queues(tx: sa.Connection) -> dict[str, int]:
    """Requests that wait for their gateway, by channel, and templates that are being made."""
    count = sa.func.count()
    asked = tx.execute(sa.select(REQUEST.c.channel, count).group_by(REQUEST.c.channel))
    made = tx.scalar(sa.select(count).where(TEMPLATE.c.state == Making.PENDING)) or 0
    return {**{f"requests_{channel}": n for channel, n in asked}, "templates": made}
