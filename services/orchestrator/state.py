"""What is remembered of one contact, and what can be asked of the world. Words only, no decisions.

Facts are the events that the orchestrator hears. Effects are what it decides to do. Both are folded
into a `Sequence`, so that the state always follows from what was heard and what was done.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.orchestrator.policy import Campaign
from shared.events import (
    BookingSettled,
    CalendarOffered,
    Candidate,
    ContactSuppressed,
    ContactTriaged,
    MessageDelivered,
    MessageSent,
    ReplyReceived,
    ReplyUnderstood,
    Woke,
)
from shared.outcomes import Outcome
from shared.rules.facts import Attempt
from shared.words import Channel, Goal, Purpose, Reason, Segment

NOT_READ = "reply_not_read"  # why a person is asked when the agent does not read a reply
OVERDUE = "overdue"  # why it waits for a person to resume the campaign
PROMISED = "promised"  # why it waits for a moment that the contact was told

Fact = (
    ContactTriaged
    | ContactSuppressed
    | Woke
    | MessageSent
    | MessageDelivered
    | ReplyReceived
    | ReplyUnderstood
    | BookingSettled
)


class Then(StrEnum):
    """What is to be done when a wait is over."""

    GO_ON = "go_on"  # keep a promise, or try the next channel
    SAY = "say"  # say what could not be said earlier
    OFFER = "offer"  # the slot was somebody else's: offer others
    CHOOSE_DAY = "choose_day"  # the contact was asked when, and did not tell
    HAND_OVER = "hand_over"  # somebody else was to act, and did not


@dataclass(frozen=True, slots=True)
class Message:
    """A signed line and the fields that were decided; all else is filled by the gateway."""

    channel: Channel
    purpose: Purpose
    line_id: str
    slots: tuple[datetime, ...] = ()
    date: datetime | None = None  # what a LATER line promises


@dataclass(frozen=True, slots=True)
class Touch:
    """The newest message that was asked for. As long as its plan is the newest, it is open."""

    plan: int
    message: Message
    answer_until: datetime
    refused: bool = False
    id: UUID | None = None  # the gateway's, once it has said so


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is done before `until`. `why` is said again when it ends with a person."""

    until: datetime
    then: Then
    why: str
    message: Message | None = None  # what is to be said then
    held: "Waiting | None" = None  # what is overdue meanwhile, and waits for a person


@dataclass(frozen=True, slots=True)
class Promise:
    """We said that we come back then, and there."""

    at: datetime
    channel: Channel


@dataclass(frozen=True, slots=True)
class Standing:
    """What triage said last: may we, how, and what about.

    `facts` are the contact's, as JSON in the words of the contact rules.
    """

    revision: int = 0
    admitted: bool = False
    reason: Reason | None = None
    opens: dict[Channel, datetime | None] = field(default_factory=dict)  # None is open already
    closed: dict[Channel, str] = field(default_factory=dict)  # and why
    segment: Segment | None = None
    goal: Goal | None = None
    language: str = ""
    zones: tuple[str, ...] = ()
    facts: str = "{}"


@dataclass(frozen=True)  # without slots, for `altered`
class Sequence:
    """One contact. `plan` counts intentions: what belongs to an older one is stale by arithmetic.

    `campaign_id` is None until the contact's first timer in a pool. `touches` counts messages that
    left or may have, `attempts` are those that came unasked, `repeats` counts the refusals in a row
    that only ask for patience. `received` is the
    highest number of a reply, `heard` the highest one that was read without a gap, `ahead` the ones
    read beyond a gap.
    """

    contact_id: UUID
    workspace_id: UUID
    campaign_id: UUID | None = None
    standing: Standing = Standing()
    suppressed: str = ""  # by what, when everything is suppressed
    # The ladder.
    plan: int = 0
    touches: int = 0
    attempts: dict[int, Attempt] = field(default_factory=dict)  # by plan
    repeats: int = 0
    used: tuple[Channel, ...] = ()  # opened by us
    dropped: tuple[Channel, ...] = ()  # no use any more
    reached: tuple[Channel, ...] = ()  # a message went through
    touch: Touch | None = None
    waiting: Waiting | None = None  # an open sequence without one has to decide at once
    promise: Promise | None = None
    # The conversation.
    received: int = 0
    heard: int = 0
    ahead: tuple[int, ...] = ()
    wrote_on: Channel | None = None
    wrote_at: datetime | None = None
    interrupted: Waiting | None = None  # what the contact's writing put an end to
    reading: ReplyUnderstood | None = None  # the weightiest one that is not acted on yet
    offered: tuple[datetime, ...] = ()
    offers: int = 0
    asked_when: bool = False
    # The call.
    wanted: datetime | None = None  # a slot asked for and not settled
    call: datetime | None = None  # what stands on the calendar
    told: datetime | None = None  # what the contact was told of it
    # The journal.
    noted: tuple[UUID, ...] = ()  # facts that changed something and that no decision names yet
    # The end.
    outcome: Outcome | None = None
    revision: int = 0
    farewell: bool = False  # the opt-out was confirmed

    @property
    def joined(self) -> bool:
        """Whether it is worked, or was."""
        return self.campaign_id is not None

    @property
    def open(self) -> bool:
        """Whether it is worked and has not ended."""
        return self.joined and self.outcome is None

    @property
    def held(self) -> bool:
        """Whether what it was to do is overdue, and waits for a person."""
        return self.waiting is not None and self.waiting.held is not None

    @property
    def unread(self) -> bool:
        """Whether the contact wrote something that was not read yet."""
        return self.received > self.heard


def altered(state: Sequence, **changes: object) -> Sequence:
    """What `dataclasses.replace` does, at a fifth of its price; the names are not checked."""
    its = object.__new__(Sequence)
    its.__dict__.update(state.__dict__, **changes)
    return its


@dataclass(frozen=True, slots=True)
class World:
    """What a decision needs beside the contact: the campaign whose pool it is in, the calendar."""

    campaign: Campaign
    calendar: tuple[CalendarOffered, ...] = ()


# What can be done. `Say`, `Wait` and `Book` are intentions: each takes the next number.


@dataclass(frozen=True, slots=True)
class Join:
    """The contact is worked for this campaign from now on."""

    campaign_id: UUID


@dataclass(frozen=True, slots=True)
class Say:
    """Ask a gateway for a message; look again when `waiting` is over, if anything is left to do."""

    message: Message
    answer_until: datetime
    waiting: Waiting | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing until then."""

    waiting: Waiting


@dataclass(frozen=True, slots=True)
class Book:
    """Ask for a slot, or give up the call; the calendar is to answer before `waiting` is over."""

    slot: datetime | None
    reading: ReplyUnderstood | None
    waiting: Waiting | None


@dataclass(frozen=True, slots=True)
class Vow:
    """Come back at that moment, on that channel."""

    promise: Promise


@dataclass(frozen=True, slots=True)
class Heed:
    """What was read has been acted on."""


@dataclass(frozen=True, slots=True)
class End:
    """The contact has this outcome now."""

    code: Outcome
    reason: str


Effect = Join | Say | Wait | Book | Vow | Heed | End


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done (perhaps nothing), and why; `candidates` are the channels looked at."""

    effects: tuple[Effect, ...]
    why: str
    candidates: tuple[Candidate, ...] = ()
