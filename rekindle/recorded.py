"""A recorded stream, and what it says: touches, replies, verdicts, outcomes, calls. Pure.

Audit, figures, report and bundle all read it here, so that they cannot disagree.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import NamedTuple, TypeVar
from uuid import UUID

from shared.events import (
    BookingSettled,
    CampaignChanged,
    ContactImported,
    ContactSuppressed,
    ContactTriaged,
    DecisionMade,
    Event,
    Line,
    MessageRequested,
    MessageSent,
    OutcomeRecorded,
    ReplyReceived,
)
from shared.ids import touch_id_of
from shared.words import BookingState, CampaignState, Result

E = TypeVar("E", bound=Event)
K = TypeVar("K", bound=Hashable)
JOINED_POOL = "joined_pool"


class Unreadable(NamedTuple):
    """A record that is no event, where it stands, and why it is none."""

    topic: str
    partition: int
    offset: int
    fault: str


@dataclass(frozen=True)
class Recorded:
    """Events in the order in which they happened, each once.

    `bodies` are the bytes that stood on the bus, by event id.
    """

    events: Sequence[Event]
    bodies: Mapping[UUID, bytes]
    unreadable: Sequence[Unreadable] = ()

    def of(self, kind: type[E]) -> list[E]:
        """All events of this kind, or of a kind of it."""
        return [event for event in self.of_any(kind) if isinstance(event, kind)]

    def of_any(self, *kinds: type[Event]) -> list[Event]:
        """All events of these kinds, in the order in which they happened."""
        groups = [its for kind, its in self._by_kind.items() if issubclass(kind, kinds)]
        if len(groups) == 1:
            return groups[0]
        return sorted(chain.from_iterable(groups), key=lambda its: self.places[its.id])

    @cached_property
    def _by_kind(self) -> dict[type[Event], list[Event]]:
        return grouped(self.events, type)

    @cached_property
    def by_id(self) -> dict[UUID, Event]:
        return {event.id: event for event in self.events}

    @cached_property
    def places(self) -> dict[UUID, int]:
        """Where each event stands in the order in which they happened."""
        return {event.id: n for n, event in enumerate(self.events)}

    @cached_property
    def touches(self) -> list[MessageSent]:
        """The last word on every touch."""
        return list({sent.touch_id: sent for sent in self.of(MessageSent)}.values())

    @cached_property
    def requests(self) -> dict[UUID, MessageRequested]:
        """What was asked for, by the touch that it becomes."""
        return {touch_id_of(its.id): its for its in self.of(MessageRequested)}

    @cached_property
    def sent(self) -> list[MessageSent]:
        """The touches that left, or may have; the first that was reserved comes first."""
        gone = (touch for touch in self.touches if touch.result is not Result.REFUSED)
        return sorted(gone, key=left_at)

    @cached_property
    def replies(self) -> dict[UUID, list[ReplyReceived]]:
        """What each contact wrote."""
        return grouped(self.of(ReplyReceived), contact_of)

    def lines_of(self, touch: MessageSent) -> list[Line]:
        """What the touch cites: a line as it stood in one version, as often as console said it."""
        cited = (touch.line_id, touch.channel, touch.language)
        said = self._versions.get((touch.campaign_id, touch.campaign_version), ())
        lines = (line for campaign in said for line in campaign.script)
        return [its for its in lines if (its.id, its.channel, its.language) == cited]

    @cached_property
    def _versions(self) -> dict[tuple[UUID | None, int], list[CampaignChanged]]:
        changes = self.of(CampaignChanged)
        return grouped(changes, lambda its: (its.subject, its.version_number))

    @cached_property
    def campaigns(self) -> dict[UUID, CampaignChanged]:
        """Each campaign as it was said last."""
        return {campaign.subject: campaign for campaign in self.of(CampaignChanged)}

    @cached_property
    def imported(self) -> dict[UUID, list[ContactImported]]:
        """The records of each contact, as they were imported."""
        return grouped(self.of(ContactImported), contact_of)

    @cached_property
    def revisions(self) -> dict[UUID, list[ContactTriaged]]:
        """What triage said of each contact, the newest last."""
        by_contact = grouped(self.of(ContactTriaged), contact_of)
        return {one: sorted(its, key=lambda its: its.revision) for one, its in by_contact.items()}

    @cached_property
    def pool(self) -> dict[UUID, DecisionMade]:
        """Who joined a pool, and the decision that says so."""
        decisions = self.of(DecisionMade)
        return {one.subject: one for one in decisions if one.verdict == JOINED_POOL}

    @cached_property
    def frozen_at(self) -> datetime | None:
        """When the newest campaign went live for the first time; None while none has."""
        live = [its for its in self.of(CampaignChanged) if its.state is CampaignState.LIVE]
        return next((its.time for its in live if its.subject == live[-1].subject), None)

    @cached_property
    def verdicts(self) -> dict[UUID, ContactTriaged]:
        """Each contact's verdict when the pool was frozen; what came later is a sequence's story.

        A contact of the pool is taken as it was when it joined, all others as they were when the
        newest campaign went live; without one the newest verdict counts.
        """
        verdicts = {}
        for contact, revisions in self.revisions.items():
            joined = self.pool.get(contact)
            until = joined.time if joined else self.frozen_at
            known = [its for its in revisions if until is None or its.time <= until]
            verdicts[contact] = (known or revisions[:1])[-1]
        return verdicts

    @cached_property
    def outcomes(self) -> dict[UUID, OutcomeRecorded]:
        """The current outcome of each contact that has one."""
        recorded = sorted(self.of(OutcomeRecorded), key=lambda its: (its.time, its.revision))
        return {outcome.subject: outcome for outcome in recorded}

    @cached_property
    def calls(self) -> dict[UUID, BookingSettled]:
        """The call of each contact that has one on the calendar."""
        last = {}
        for settled in sorted(self.of(BookingSettled), key=lambda its: its.sequence):
            if settled.state is not BookingState.TAKEN:
                last[settled.subject] = settled
        return {one: its for one, its in last.items() if its.state is not BookingState.CANCELLED}

    @cached_property
    def suppressions(self) -> dict[UUID, ContactSuppressed]:
        """The whole merged scope of each contact that is on the list."""
        return {its.subject: its for its in self.of(ContactSuppressed)}

    @cached_property
    def silenced(self) -> dict[UUID | str, list[ContactSuppressed]]:
        """What the suppression list said, by contact and by address."""
        silenced: dict[UUID | str, list[ContactSuppressed]] = defaultdict(list)
        for entry in self.of(ContactSuppressed):
            silenced[entry.subject].append(entry)
            for address in entry.address_hashes:
                silenced[address].append(entry)
        return dict(silenced)

    def verdict_of(self, touch: MessageSent) -> ContactTriaged | None:
        """The verdict that the gateway knew when it judged the touch."""
        its = self.revisions.get(touch.subject, ())
        return next((one for one in its if one.revision == touch.triage_revision), None)

    def person_of(self, contact: UUID) -> UUID:
        """The record that stands for the person: its own, or the one of which it is a duplicate."""
        revisions = self.revisions.get(contact)
        return (revisions[-1].duplicate_of if revisions else None) or contact


def record_of(events: Iterable[Event]) -> Recorded:
    """A stream from events that are in order already."""
    kept = {event.id: event for event in events}
    return Recorded(tuple(kept.values()), {id_: event.body() for id_, event in kept.items()})


def left_at(touch: MessageSent) -> datetime:
    """When the touch was reserved; one that never was, when its gateway spoke of it."""
    return touch.reserved_at or touch.time


def contact_of(event: Event) -> UUID:
    return event.subject


def grouped(events: Iterable[E], key: Callable[[E], K]) -> dict[K, list[E]]:
    """The events by key, in their order."""
    groups: dict[K, list[E]] = defaultdict(list)
    for event in events:
        groups[key(event)].append(event)
    return dict(groups)
