"""What the orchestrator hears.

Whatever it hears of a contact is one more fact of that contact's sequence; campaigns and calendars
are everybody's, and kept beside them.
"""

from dataclasses import replace
from datetime import datetime

from services.orchestrator.campaigns import Campaigns
from services.orchestrator.sequence import step
from services.orchestrator.state import Fact
from services.orchestrator.store import Case, load, new, save
from shared.bus import Several, Steps
from shared.bus.steps import Handlers
from shared.events import (
    BookingSettled,
    ContactSuppressed,
    ContactTriaged,
    MessageDelivered,
    MessageSent,
    Output,
    ReplyReceived,
    ReplyUnderstood,
    Woke,
)


def on_fact(case: Case, fact: Fact, now: datetime) -> tuple[Case, list[Output]]:
    """The next state and what follows; the very same case when there is nothing new to keep."""
    sequence, outputs = step(case.sequence, fact, now, case.world)
    return (case if sequence is case.sequence else replace(case, sequence=sequence)), outputs


HANDLERS: Handlers[Case] = {
    ContactTriaged: on_fact,
    ContactSuppressed: on_fact,
    MessageSent: on_fact,
    MessageDelivered: on_fact,
    ReplyReceived: on_fact,
    ReplyUnderstood: on_fact,
    BookingSettled: on_fact,
    Woke: on_fact,
}

HANDLER = Several(Steps(HANDLERS, load, save, new), Campaigns())
