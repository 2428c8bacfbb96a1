"""What a provider accepted, and what follows from it: words on its way, and a customer's answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.lies import Lies, chance
from sandbox.people import Answer, Customer

TO_SENT, TO_DELIVERED, TO_READ = timedelta(seconds=2), timedelta(seconds=7), timedelta(minutes=9)
TO_OPPOSITE, LATE = timedelta(minutes=1), timedelta(days=3)
SHARE_READ = 0.6
UNKNOWN_ERROR = "30008"


@dataclass(frozen=True, slots=True)
class Message:
    """What a provider accepted from the product."""

    id: str
    channel: str
    address: str
    sender: str
    text: str
    template: bool = False
    callback: str = ""
    subject: str = ""
    reply_to: str = ""

    @property
    def recipient(self) -> str:
        """As Twilio writes it."""
        return f"whatsapp:{self.address}" if self.channel == "whatsapp" else self.address

    @property
    def touch(self) -> str:
        """The product's own name for it, which travelled along: in the callback or the mail."""
        if self.channel == "email":
            return self.id.strip("<>").partition("@")[0]
        return self.callback.rpartition("a=")[2].partition("&")[0].partition("#")[0]


@dataclass(frozen=True, slots=True)
class Status:
    """What a provider will say of a message."""

    message: Message
    status: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a customer will say, to which message."""

    message: Message
    customer: Customer
    answer: Answer
    id: str


Act = Status | Reply


@dataclass(frozen=True, slots=True)
class Resident:
    """A person of the roster, by all addresses."""

    key: str
    language: str
    zone: str
    addresses: tuple[str, ...]


def statuses_of(
    message: Message, fate: str, lies: Lies, now: datetime
) -> Iterator[tuple[datetime, Status]]:
    """When the provider says what of a message, as far as it tells the truth.

    `fate` is the provider's error code for one that does not arrive, else empty.
    """
    if lies.tells("lost", message.id):
        return
    now += LATE if lies.tells("late", message.id) else timedelta()
    sent, arrived = now + TO_SENT, now + TO_DELIVERED
    if lies.tells("disordered", message.id):
        sent, arrived = arrived, sent
    lost, come = Status(message, "undelivered", fate), Status(message, "delivered")
    yield sent, Status(message, "sent")
    yield arrived, lost if fate else come
    if lies.tells("doubled", message.id):
        yield arrived, lost if fate else come
    if lies.tells("contradicted", message.id):
        opposite = come if fate else Status(message, "undelivered", UNKNOWN_ERROR)
        yield arrived + TO_OPPOSITE, opposite
    read = message.channel == "whatsapp" and not fate
    if read and chance(lies.seed, "read", message.id) < SHARE_READ:
        yield now + TO_READ, Status(message, "read")
