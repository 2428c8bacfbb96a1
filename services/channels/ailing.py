"""What may be wrong with channels beyond what every service knows of itself."""

import sqlalchemy as sa

from services.channels.store import GROUP, TOUCH
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
