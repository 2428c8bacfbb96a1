"""What a check rests on, counted. Of what never happened, nothing is shown."""

from collections.abc import Callable
from dataclasses import dataclass

from rekindle.case import Case
from rekindle.replaying.gateways import GATEWAYS
from rekindle.replaying.sequences import SEQUENCES
from rekindle.replaying.verdicts import TRIAGE
from shared.events import (
    BookingSettled,
    ContactImported,
    ContactSuppressed,
    DecisionMade,
    ImportEnded,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Things in a stream, and how many there are."""

    things: str
    count: Callable[[Case], int]


EVENTS = Evidence("events", lambda case: len(case.recorded.events))
IMPORTS = Evidence("imports", lambda case: len(case.recorded.of(ImportEnded)))
RECORDS = Evidence("records", lambda case: len(case.recorded.of(ContactImported)))
POOL = Evidence("contacts in the pool", lambda case: len(case.recorded.pool))
TOUCHES = Evidence("touches", lambda case: len(case.recorded.sent))
REPLIES = Evidence("replies", lambda case: sum(map(len, case.recorded.replies.values())))
LISTED = Evidence(
    "entries of the suppression list", lambda case: len(case.recorded.of(ContactSuppressed))
)
OUTCOMES = Evidence("contacts with an outcome", lambda case: len(case.recorded.outcomes))
BOOKINGS = Evidence("answers of the calendar", lambda case: len(case.recorded.of(BookingSettled)))
LEDGER = Evidence("entries of the providers' ledger", lambda case: len(case.ledger or ()))
DECISIONS = Evidence("decisions", lambda case: len(case.recorded.of(DecisionMade)))
BY_TRIAGE = Evidence("decisions", lambda case: len(TRIAGE.decisions(case.recorded)))
BY_SEQUENCES = Evidence("decisions", lambda case: len(SEQUENCES.decisions(case.recorded)))
BY_GATEWAYS = Evidence("decisions", lambda case: len(GATEWAYS.decisions(case.recorded)))
