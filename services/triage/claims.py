"""Who is who: several records of one person, and several people on one number.

Records are one person when they came with the same id in the CRM, reach the same mailbox, or have
the same number and the same name; directly, or through other records. The lowest record, which is
the one that was known first, holds the person, and the others are its duplicates. What one record
refuses, the person refuses. Records with one number and different names are different people; what
one of them refuses on the number is refused on it for all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from services.triage.permission import ON_A_NUMBER
from services.triage.records import Record
from shared.events import OptOut
from shared.words import Channel

NOTHING: frozenset[Channel] = frozenset()
EVERYTHING = frozenset(Channel)


class Claim(NamedTuple):
    """One record as others see it. The order of claims is the order in which they hold.

    `since` and `row` are of the record's first import and never change. `record`, `box`, `number`
    and `name` are keyed hashes, empty where the record has none. `heard` is the event that the
    record came with, `wish` the one by which the contact opted out since, if it did.
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

    @property
    def because(self) -> Iterable[UUID]:
        """The events that say so."""
        return filter(None, (self.heard, self.wish))

    @property
    def hashes(self) -> Iterable[str]:
        """Records that have one of these in common may concern each other."""
        return filter(None, (self.record, self.box, self.number))

    @property
    def keys(self) -> Iterable[str]:
        """Records that have one of these in common are one person."""
        named_number = f"{self.number}/{self.name}" if self.number and self.name else ""
        return filter(None, (self.record, self.box, named_number))


def claim_of(record: Record, contact_id: UUID, since: datetime, row: int, heard: UUID) -> Claim:
    """What a record claims; one that cannot be read claims nothing."""
    readable = not record.facts.unreadable
    return Claim(
        since=since,
        row=row,
        contact_id=contact_id,
        record=record.record_id.hex if readable else "",
        box=record.mailbox.alias_hash if record.mailbox else "",
        number=record.phone.hash if record.phone else "",
        name=record.facts.name_hash,
        refused=refused_by(record.facts.opt_out),
        heard=heard,
    )


def refused_by(opt_out: OptOut | None) -> frozenset[Channel]:
    """The channels that an opt-out on a record closes: all, when it names none."""
    if opt_out is None:
        return NOTHING
    return frozenset(opt_out.channels) or EVERYTHING


@dataclass(frozen=True, slots=True)
class Standing:
    """How a record stands among the others. `because`: the events, others' too, that say so."""

    duplicate_of: UUID | None = None
    refused: frozenset[Channel] = NOTHING  # by the person
    number_refused: frozenset[Channel] = NOTHING  # by anybody on the number
    because: tuple[UUID, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        """What is stored, to see whether it changed."""
        refused = (" ".join(sorted(channels)) for channels in (self.refused, self.number_refused))
        return "|".join((str(self.duplicate_of or ""), *refused))


ALONE = Standing()
Way = tuple[Claim, ...]  # from a person's holder to one of its records, each linked with the next


class Refusal(NamedTuple):
    """What a person refuses, and the events that say so."""

    channels: frozenset[Channel]
    because: frozenset[UUID]


def standings(claims: Iterable[Claim]) -> dict[UUID, Standing]:
    """The standing of every record, whatever the order in which they are given.

    All records that have a CRM id, mailbox or number in common with one of them must be among
    them, and those that have one in common with these, and so on. The records that a standing is
    `because` of are enough to come to the same one again.
    """
    persons = _persons(sorted(claims))
    refusals = [_refusal(person) for person in persons]
    on_numbers: dict[str, list[Refusal]] = defaultdict(list)
    for person, refusal in zip(persons, refusals, strict=True):
        if refusal.channels & ON_A_NUMBER:
            for number, way in _ways_to_numbers(person).items():
                because = refusal.because.union(_events(way))
                on_numbers[number].append(Refusal(refusal.channels & ON_A_NUMBER, because))
    return {
        way[-1].contact_id: _standing(way, refusal, on_numbers.get(way[-1].number, []))
        for person, refusal in zip(persons, refusals, strict=True)
        for way in person
    }


def _standing(way: Way, refusal: Refusal, on_number: list[Refusal]) -> Standing:
    holder, record = way[0], way[-1]
    if record is holder and not refusal.channels and not on_number:
        return ALONE
    by_others = _enough(on_number)
    because = {*_events(way), *refusal.because}.union(*(its.because for its in by_others))
    return Standing(
        duplicate_of=None if record is holder else holder.contact_id,
        refused=refusal.channels,
        number_refused=NOTHING.union(*(its.channels for its in by_others)),
        because=tuple(sorted(because - {record.heard})),
    )


def _refusal(person: Sequence[Way]) -> Refusal:
    """What one record refuses, the person refuses."""
    refusals = _enough(Refusal(way[-1].refused, frozenset(_events(way))) for way in person)
    because: frozenset[UUID] = frozenset().union(*(its.because for its in refusals))
    return Refusal(NOTHING.union(*(its.channels for its in refusals)), because)


def _enough(refusals: Iterable[Refusal]) -> list[Refusal]:
    """The first ones that together refuse all that any of them does; so there are only a few."""
    enough: list[Refusal] = []
    refused = NOTHING
    for refusal in refusals:
        if not refusal.channels <= refused:
            enough.append(refusal)
            refused |= refusal.channels
    return enough


def _ways_to_numbers(person: Sequence[Way]) -> dict[str, Way]:
    """For each number of a person, the way to the lowest record that has it."""
    return {way[-1].number: way for way in reversed(person) if way[-1].number}


def _events(way: Way) -> Iterable[UUID]:
    return chain.from_iterable(record.because for record in way)


def _persons(ordered: Sequence[Claim]) -> list[list[Way]]:
    """The ways to all records, those of one person together, the lowest record first."""
    having: dict[str, list[Claim]] = defaultdict(list)
    for record in ordered:
        for key in record.keys:
            having[key].append(record)
    persons: list[list[Way]] = []
    known: set[UUID] = set()
    for holder in ordered:
        if holder.contact_id not in known:
            known.add(holder.contact_id)
            persons.append(sorted(_ways_from(holder, having, known), key=itemgetter(-1)))
    return persons


def _ways_from(holder: Claim, having: dict[str, list[Claim]], known: set[UUID]) -> list[Way]:
    """The shortest way to each record of the holder's person. All found is taken from `having`."""
    ways: list[Way] = [(holder,)]
    for way in ways:  # which grow meanwhile
        for record in chain.from_iterable(having.pop(key, ()) for key in way[-1].keys):
            if record.contact_id not in known:
                known.add(record.contact_id)
                ways.append((*way, record))
    return ways
