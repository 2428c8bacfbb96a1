"""How a contact ended, and the CRM's receipt."""

from datetime import datetime

from shared.events.base import Event
from shared.outcomes import Outcome


class OutcomeRecorded(Event, topic="outcome.recorded"):
    """The current outcome. A higher `revision` replaces a lower one."""

    revision: int
    code: Outcome
    reason: str
    ended_at: datetime


class OutcomeWritten(Event, topic="outcome.written"):
    """The outcome stands where the founder's CRM keeps such things."""

    revision: int
    target: str
