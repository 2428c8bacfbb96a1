"""The events: what services say to one another. They share these, and no code."""

from shared.events.base import Answer, Event, Output, Value, WakeAt, Woke
from shared.events.booking import BookingRequested, BookingSettled, CalendarOffered
from shared.events.campaign import Brief, CampaignChanged, Line, Policy, PoolRule, Signature
from shared.events.decision import Candidate, DecisionMade
from shared.events.imported import (
    Account,
    Consent,
    ContactImported,
    Facts,
    History,
    ImportEnded,
    Mailbox,
    Money,
    OptOut,
    Person,
    Phone,
    Proof,
    SoftOptIn,
)
from shared.events.message import (
    REQUESTED,
    ContactSuppressed,
    EmailRequested,
    MessageDelivered,
    MessageRequested,
    MessageSent,
    ReplyReceived,
    SmsRequested,
    WhatsappRequested,
)
from shared.events.outcome import OutcomeRecorded, OutcomeWritten
from shared.events.reply import ReplyUnderstood, When
from shared.events.triaged import ChannelVerdict, ContactTriaged

__all__ = [
    "REQUESTED",
    "Account",
    "Answer",
    "BookingRequested",
    "BookingSettled",
    "Brief",
    "CalendarOffered",
    "CampaignChanged",
    "Candidate",
    "ChannelVerdict",
    "Consent",
    "ContactImported",
    "ContactSuppressed",
    "ContactTriaged",
    "DecisionMade",
    "EmailRequested",
    "Event",
    "Facts",
    "History",
    "ImportEnded",
    "Line",
    "Mailbox",
    "MessageDelivered",
    "MessageRequested",
    "MessageSent",
    "Money",
    "OptOut",
    "OutcomeRecorded",
    "OutcomeWritten",
    "Output",
    "Person",
    "Phone",
    "Policy",
    "PoolRule",
    "Proof",
    "ReplyReceived",
    "ReplyUnderstood",
    "Signature",
    "SmsRequested",
    "SoftOptIn",
    "Value",
    "WakeAt",
    "WhatsappRequested",
    "When",
    "Woke",
]
