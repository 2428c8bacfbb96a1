"""The map: every topic, who writes it, who reads it. Read downwards it is the path of one contact.

All topics have one partition per lane and are kept for ever: personal data in them is sealed, so
that forgetting a person is destroying a key. A test holds this table against the code.
"""

from dataclasses import dataclass

from shared.events import (
    BookingRequested,
    BookingSettled,
    CalendarOffered,
    CampaignChanged,
    ContactImported,
    ContactSuppressed,
    ContactTriaged,
    DecisionMade,
    EmailRequested,
    Event,
    ImportEnded,
    MessageDelivered,
    MessageSent,
    OutcomeRecorded,
    OutcomeWritten,
    ReplyReceived,
    ReplyUnderstood,
    SmsRequested,
    WhatsappRequested,
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `readers` are consumer groups; `personal` says that it carries sealed fields."""

    event: type[Event]
    writer: str
    readers: tuple[str, ...]
    personal: bool = False

    @property
    def name(self) -> str:
        return self.event.topic


TOPICS = (
    Topic(ImportEnded, "crm_sync", ("triage", "console")),
    Topic(ContactImported, "crm_sync", ("triage",), personal=True),
    Topic(
        ContactTriaged,
        "triage",
        ("orchestrator", "channels", "agent", "booking"),
        personal=True,
    ),
    Topic(CampaignChanged, "console", ("triage", "orchestrator", "channels", "agent", "booking")),
    Topic(WhatsappRequested, "orchestrator", ("channels.whatsapp",)),
    Topic(SmsRequested, "orchestrator", ("channels.sms",)),
    Topic(EmailRequested, "orchestrator", ("channels.email",)),
    Topic(MessageSent, "channels", ("channels", "orchestrator", "agent")),
    Topic(MessageDelivered, "channels", ("orchestrator",)),
    Topic(ReplyReceived, "channels", ("channels", "agent", "orchestrator"), personal=True),
    Topic(ReplyUnderstood, "agent", ("orchestrator", "channels"), personal=True),
    Topic(ContactSuppressed, "channels", ("channels", "triage", "orchestrator")),
    Topic(CalendarOffered, "booking", ("orchestrator",)),
    Topic(BookingRequested, "orchestrator", ("booking",), personal=True),
    Topic(BookingSettled, "booking", ("orchestrator",)),
    Topic(OutcomeRecorded, "orchestrator", ("crm_sync", "channels")),
    Topic(OutcomeWritten, "crm_sync", ()),
    Topic(DecisionMade, "triage, orchestrator, channels", ()),
)

BY_NAME = {topic.name: topic for topic in TOPICS}
