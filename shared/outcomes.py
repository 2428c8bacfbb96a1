"""How a contact ends: one table of codes, their rank, and whether they suppress.

A contact has one current outcome. A later fact of higher rank supersedes it as the next revision;
one of equal or lower rank changes nothing. After an outcome only service lines leave.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The code that is written back to the CRM."""

    ERASED = "erased"
    OPTED_OUT = "opted_out"
    DECLINED = "declined"
    BOOKED = "booked"
    RETAINED = "retained"
    DISQUALIFIED = "disqualified"
    WRONG_PERSON = "wrong_person"
    NEEDS_PERSON = "needs_person"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    NOT_PERMITTED = "not_permitted"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`rank`: a higher one supersedes. `suppresses`: no marketing to this contact any more."""

    rank: int
    suppresses: bool
    sentence: str


MEANINGS: dict[Outcome, Meaning] = {
    Outcome.ERASED: Meaning(60, True, "asked to be forgotten; the personal data is gone"),
    Outcome.OPTED_OUT: Meaning(50, True, "asked not to be contacted again"),
    Outcome.DECLINED: Meaning(40, True, "said no to the offer"),
    Outcome.BOOKED: Meaning(30, False, "a call is on the calendar"),
    Outcome.RETAINED: Meaning(20, False, "stays a customer; nothing is left to discuss"),
    Outcome.DISQUALIFIED: Meaning(20, False, "fits a disqualification rule of the brief"),
    Outcome.WRONG_PERSON: Meaning(20, True, "the address belongs to somebody else"),
    Outcome.NEEDS_PERSON: Meaning(20, False, "waits for a person to answer"),
    Outcome.NO_ANSWER: Meaning(10, False, "did not answer on any open channel"),
    Outcome.UNREACHABLE: Meaning(10, False, "no channel delivered a message"),
    Outcome.NOT_PERMITTED: Meaning(10, False, "no channel is lawful any more"),
    Outcome.STOPPED: Meaning(10, False, "the campaign ended before the sequence did"),
}


def supersedes(later: Outcome, current: Outcome | None) -> bool:
    """Whether this outcome replaces the current one."""
    return current is None or MEANINGS[later].rank > MEANINGS[current].rank
