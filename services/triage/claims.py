"""What a record claims: the ids, addresses and names by which others may be the same person."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.triage.records import Record
from shared.events import OptOut
from shared.words import Channel, Oddity

NOTHING: frozenset[Channel] = frozenset()
EVERYTHING = frozenset(Channel)


class Claim(NamedTuple):
    """One record as others see it. The order of claims is the order in which they hold.

    `since` and `row` are of the record's first import and never change. `record`, `box`, `number`
    and `name` are keyed hashes, empty where the record has none; `boxes` and `numbers` are further
    addresses that it names, `short_names` shorter ways to write the name. `shared_box`: the mailbox
    is one that many may read, and makes no one person of them. `has_crm_id`: `record` is the CRM's
    id, and else an address or all that the record says. `heard` is the event that the record
    came with, `wish` the one by which the contact opted out since, if it did.
    """

    since: datetime
    row: int
    contact_id: UUID
    record: str
    box: str
    number: str
    name: str
    refused: frozenset[Channel]
    heard: UUID
    wish: UUID | None = None
    boxes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    shared_box: bool = False
    has_crm_id: bool = True

    @property
    def because(self) -> Iterable[UUID]:
        """The events that say so."""
        return filter(None, (self.heard, self.wish))

    @property
    def all_boxes(self) -> tuple[str, ...]:
        """The main one first."""
        return (self.box, *self.boxes) if self.box else self.boxes

    @property
    def all_numbers(self) -> tuple[str, ...]:
        """The main one first."""
        return (self.number, *self.numbers) if self.number else self.numbers

    @property
    def addresses(self) -> tuple[str, ...]:
        return (*self.all_boxes, *self.all_numbers)

    @property
    def hashes(self) -> Iterable[str]:
        """Records that have one of these in common may concern each other."""
        return (self.record, *self.addresses) if self.record else self.addresses

    @property
    def keys(self) -> Iterator[str]:
        """Records that have one of these in common are one person."""
        if self.record:
            yield self.record
        if self.box and not self.shared_box:
            yield self.box
        if self.name:
            for address in self.addresses:
                yield f"{address}/{self.name}"


def claim_of(record: Record, contact_id: UUID, since: datetime, row: int, heard: UUID) -> Claim:
    """What a record claims; one that cannot be read claims nothing."""
    facts = record.facts
    return Claim(
        since=since,
        row=row,
        contact_id=contact_id,
        record="" if facts.unreadable else record.record_id.hex,
        box=record.mailbox.alias_hash if record.mailbox else "",
        number=record.phone.hash if record.phone else "",
        name=facts.name_hash,
        refused=refused_by(facts.opt_out),
        heard=heard,
        boxes=facts.other_boxes,
        numbers=facts.other_numbers,
        short_names=facts.short_names,
        has_crm_id=facts.has_crm_id,
        shared_box=Oddity.ROLE_MAILBOX in facts.oddities,
    )


def refused_by(opt_out: OptOut | None) -> frozenset[Channel]:
    """The channels that an opt-out on a record closes: all, when it names none."""
    if opt_out is None:
        return NOTHING
    return frozenset(opt_out.channels) or EVERYTHING
