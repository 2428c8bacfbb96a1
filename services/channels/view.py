"""What a gateway knows of a request at the last look: plain values, read beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.events import Line, MessageRequested
from shared.words import CampaignState, Channel, Purpose

ANSWER_WINDOW = timedelta(hours=24)  # WhatsApp's, and ours for answers in quiet hours


@dataclass(frozen=True, slots=True)
class Listed:
    """On the suppression list: for marketing, or for everything."""

    everything: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """What triage, replies and outcomes say of a contact.

    `facts` are the contact's, in the words of the contact rules.
    """

    id: UUID
    revision: int
    admitted: bool
    channels: Mapping[Channel, datetime | None]  # those not closed, and when they open
    facts: Mapping[str, object]
    zones: Sequence[str]
    replies: int = 0
    held: bool = False
    listed: Listed | None = None
    ended: bool = False  # has an outcome in this campaign


@dataclass(frozen=True, slots=True)
class Address:
    """The number or mailbox that this channel would use."""

    hash: str
    listed: Listed | None = None
    heard_at: datetime | None = None  # its newest message on this channel
    unread: bool = False  # somebody else who has it wrote, and was not understood yet


@dataclass(frozen=True, slots=True)
class Touch:
    """A touch that was accepted, may have been, or is in hand."""

    id: UUID
    contact_id: UUID
    address_hash: str
    channel: Channel
    purpose: Purpose
    reserved_at: datetime
    answer_until: datetime
    closed: bool  # answered, or known not to have arrived
    is_answer: bool = False  # to what the contact wrote there

    def open_at(self, now: datetime) -> bool:
        """Until it is closed, or its time is over."""
        return not self.closed and self.answer_until > now


@dataclass(frozen=True, slots=True)
class View:
    """All that is known when a request is judged, read under the locks of contact and address."""

    request: MessageRequested
    contact: Contact | None
    address: Address | None
    campaign: CampaignState | None
    campaign_version: int
    overdue: timedelta  # how late a message may leave without asking a person
    due_at: datetime  # when it could leave first
    line: Line | None
    touches: Sequence[Touch]  # of the contact, or at the address
    template: str  # the provider's name for the line as a template; empty for none
    age_seconds: float  # of the gateway's knowledge
    waited_seconds: float  # since this request first had to wait
    is_first: bool = True  # of those due at the address, whatever their channel
    restored_at: datetime | None = None  # when our own words proved the database to be a backup

    @property
    def first_on_channel(self) -> bool:
        """Nothing of ours has reached this contact on this channel yet."""
        request = self.request
        return not any(
            touch.contact_id == request.subject and touch.channel is request.channel
            for touch in self.touches
        )

    def answers_at(self, now: datetime) -> bool:
        """Whether this answers what the address wrote; the first words on a channel never do."""
        return self.in_window_at(now) and self.request.purpose is not Purpose.OPENER

    def in_window_at(self, now: datetime) -> bool:
        """The address wrote on this very channel within the last day."""
        heard = self.address.heard_at if self.address else None
        return heard is not None and now - heard < ANSWER_WINDOW
