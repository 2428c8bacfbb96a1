"""What may be wrong with the orchestrator beyond what every service knows of itself."""

import sqlalchemy as sa

from services.orchestrator.store import SEQUENCE
from shared.service import Complaint


def ailing(tx: sa.Connection) -> list[Complaint]:
    """Contacts whose next message is overdue."""
    ask = sa.select(sa.func.count()).where(SEQUENCE.c.held)
    if not (count := tx.scalar(ask)):
        return []
    sentence = (
        f"overdue contacts: {count}; nothing is sent to them until somebody pauses and resumes"
    )
    sentence += " their campaign, or writes to them"
    return [Complaint("overdue", sentence, waiting=count)]
