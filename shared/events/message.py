"""What is said to a contact: asked for, said by a gateway, seen by a provider."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from shared.events.base import Event
from shared.privacy.sealed import Sealed
from shared.words import Channel, Delivery, Purpose, Refusal, Result


class MessageRequested(Event):
    """Say this signed line. It names no address: the gateway knows it from triage.

    `heard` is the highest number of this contact's replies that was read when this was decided;
    a gateway that knows a higher one refuses. The touch is open until `answer_until`.
    """

    plan: int
    channel: Channel
    purpose: Purpose
    line_id: str
    language: str
    fields: dict[str, str] = Field(default={})
    slots: tuple[datetime, ...] = ()
    campaign_version: int
    triage_revision: int
    heard: int
    answer_until: datetime


class WhatsappRequested(MessageRequested, topic="message.requested.whatsapp"):
    """A line for WhatsApp."""


class SmsRequested(MessageRequested, topic="message.requested.sms"):
    """A line for SMS."""


class EmailRequested(MessageRequested, topic="message.requested.email"):
    """A line for e-mail."""


REQUESTED: dict[Channel, type[MessageRequested]] = {
    Channel.WHATSAPP: WhatsappRequested,
    Channel.SMS: SmsRequested,
    Channel.EMAIL: EmailRequested,
}


class MessageSent(Event, topic="message.sent"):
    """What a gateway did with a request. An unknown one may have been accepted.

    `is_answer`: the contact had written there within the day, so that no cap counts it.
    """

    touch_id: UUID
    plan: int
    channel: Channel
    purpose: Purpose
    line_id: str
    language: str
    result: Result
    refusal: Refusal | None = None
    busy_until: datetime | None = None
    provider_id: str = ""
    code: str = ""  # the provider's own, when it refused
    settled_by: str = ""  # the person whose word this is, when it is not the provider's
    slots: tuple[datetime, ...] = ()
    address_hash: str = ""
    text_digest: str = ""
    campaign_version: int = 0
    triage_revision: int = 0
    heard: int = 0
    disclosed_ai: bool = False
    first_on_channel: bool = False
    is_answer: bool = False
    reserved_at: datetime | None = None
    answer_until: datetime


class MessageDelivered(Event, topic="message.delivered"):
    """The provider's word on an accepted message. Any order, and duplicates, are normal."""

    touch_id: UUID
    channel: Channel
    delivery: Delivery
    code: str = ""


class ReplyReceived(Event, topic="reply.received"):
    """The contact wrote. `number` counts what this contact ever sent, from 1, on all channels."""

    number: int
    channel: Channel
    words: Sealed[str]  # without quotes and signatures
    address_hash: str
    provider_id: str
    touch_id: UUID | None = None  # the newest touch to this address, when there is one
    automatic: bool = False  # the mail says of itself that a machine wrote it


class ContactSuppressed(Event, topic="contact.suppressed"):
    """Do not contact. The whole merged scope, once per contact that has the address."""

    address_hashes: tuple[str, ...]
    channels: tuple[Channel, ...]
    everything: bool  # an opt-out ends everything; a decline ends marketing
    source: str  # keyword, reading, outcome, operator
    since: datetime
