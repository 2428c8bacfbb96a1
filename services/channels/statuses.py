"""What a provider's status says of a message, and which of two stands.

Callbacks come in any order, more than once, and contradict one another. The highest rank that was
heard stands: a message that is known to have arrived was not lost, whatever else is said.
"""

from dataclasses import dataclass

from shared.words import Delivery


@dataclass(frozen=True, slots=True)
class Status:
    """`rank` orders what outweighs what. Equal ranks say the same."""

    rank: int
    delivery: Delivery


# The person has blocked us, or is known to sue: as good as an opt-out.
OPT_OUT_CODES = frozenset({"21610", "30640", "63014"})

LOST = 3
# What Twilio calls them, and what reports about mail do (RFC 3464, the field Action).
TWILIO = {
    "sent": Status(2, Delivery.SENT),
    "undelivered": Status(LOST, Delivery.FAILED),
    "failed": Status(LOST, Delivery.FAILED),
    "delivered": Status(4, Delivery.DELIVERED),
    "read": Status(5, Delivery.READ),
}
MAIL = {
    "relayed": Status(2, Delivery.SENT),
    "expanded": Status(2, Delivery.SENT),
    "failed": Status(LOST, Delivery.BOUNCED),
    "delivered": Status(4, Delivery.DELIVERED),
}
