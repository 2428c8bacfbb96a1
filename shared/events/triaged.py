"""What triage says of a contact: may we, how, and what about."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field, JsonValue

from shared.events.base import Event, Value
from shared.events.imported import Account, Mailbox, Person, Phone
from shared.privacy.sealed import Sealed
from shared.words import Channel, Goal, Openness, Reason, Segment, Verdict


class ChannelVerdict(Value):
    """May this channel be used? `code` and `sentence` say why; `opens_at` when it is deferred.

    `rules` are the ids of the contact rules that decided.
    """

    openness: Openness
    code: str
    sentence: str
    opens_at: datetime | None = None
    rules: tuple[str, ...] = ()


class ContactTriaged(Event, topic="contact.triaged"):
    """The verdict on a contact. A higher `revision` replaces a lower one.

    `facts` are the contact's, in the words of the contact rules: who plans or sends judges by them.
    """

    revision: int
    import_id: UUID
    row: int
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()  # the decisive one first; empty when admitted
    duplicate_of: UUID | None = None
    agreeing: tuple[str, ...] = ()  # the fields in which it agrees with another record of a person
    channels: dict[Channel, ChannelVerdict] = Field(default={})
    segment: Segment | None = None
    segments: tuple[Segment, ...] = ()  # every one that matched, by priority
    goal: Goal | None = None
    act_by: date | None = None  # the last day on which the segment's moment holds
    country: str = ""
    language: str = ""
    zones: tuple[str, ...] = ()
    account: Account = Account()
    facts: dict[str, JsonValue] = Field(default={})
    person: Sealed[Person] | None = None
    phone: Phone | None = None
    mailbox: Mailbox | None = None

    @property
    def open_channels(self) -> frozenset[Channel]:
        """Those that may be used now or later."""
        return frozenset(
            channel for channel, its in self.channels.items() if its.openness is not Openness.CLOSED
        )
