"""What a provider's status says, and whether it is news: a message's status never goes down.

Callbacks come in any order and more than once; the highest that was heard stands.
"""

from dataclasses import dataclass

from shared.words import Delivery


@dataclass(frozen=True, slots=True)
class Status:
    """`rank` orders what follows what. Of two that exclude one another, the first stands."""

    rank: int
    delivery: Delivery


# The person has blocked us, or is known to sue: as good as an opt-out.
OPT_OUT_CODES = frozenset({"21610", "30640", "63014"})

TWILIO = {
    "sent": Status(2, Delivery.SENT),
    "delivered": Status(3, Delivery.DELIVERED),
    "undelivered": Status(3, Delivery.FAILED),
    "failed": Status(3, Delivery.FAILED),
    "read": Status(4, Delivery.READ),
}


def news(word: str, known_rank: int) -> Status | None:
    """What a status tells beyond what is known; None for nothing, or when it has yet to leave."""
    status = TWILIO.get(word)
    return status if status and status.rank > known_rank else None
