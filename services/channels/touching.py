"""What is known of one touch, and what a fact adds to it. Pure.

Facts come from its call, its timer, the provider's callbacks and list, and from people: in any
order, more than once, and some contradict others. What is known only grows: a fact lifts the state
and the status to at least what it proves, so that in the end their order has not mattered.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.channels.adapters.base import Accepted, Answer, NotMade, Refused, Unknown
from services.channels.statuses import Status


class State(StrEnum):
    """Where a touch stands, from the least that can be known of its call to the most.

    Reserved: the call is being made; unknown: it may have been accepted.
    """

    RESERVED = "reserved"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a touch. The names are those of its row."""

    state: State = State.RESERVED
    provider_id: str = ""
    status_rank: int = 0  # of the highest status that was heard


@dataclass(frozen=True, slots=True)
class Late:
    """Not called: the reservation was too old by the time the call would have begun."""


@dataclass(frozen=True, slots=True)
class Told:
    """The provider spoke of the message: so it has it, whatever was known before.

    `status` is None for a word that is no news, such as that the message has yet to leave.
    """

    provider_id: str
    status: Status | None = None
    code: str = ""


Fact = Answer | Late | Told
ORDER = tuple(State)


def learn(known: Standing, fact: Fact) -> Standing:
    """The same for the same facts, in whatever order and however often they come.

    A call that was not made counts as refused here; a touch of which nothing else is known is taken
    back instead, as if it had not been reserved.
    """
    match fact:
        case Accepted(provider_id=name):
            return _grown(known, State.ACCEPTED, name)
        case Told(provider_id=name, status=status):
            return _grown(known, State.ACCEPTED, name, status.rank if status else 0)
        case Refused() | NotMade() | Late():
            return _grown(known, State.REFUSED)
        case Unknown():
            return _grown(known, State.UNKNOWN)


def _grown(known: Standing, state: State, name: str = "", rank: int = 0) -> Standing:
    """Of two names for one message, which no honest provider gives, the first in order stands."""
    return Standing(
        state=max(known.state, state, key=ORDER.index),
        provider_id=min(filter(None, (known.provider_id, name)), default=""),
        status_rank=max(known.status_rank, rank),
    )
