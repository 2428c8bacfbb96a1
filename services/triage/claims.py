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
    record came with.
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


def standings(claims: Iterable[Claim]) -> dict[UUID, Standing]:
    """The standing of every record, whatever the order in which they are given.

    All records that have a CRM id, mailbox or number in common with one of them must be among
    them, and those that have one in common with these, and so on.
    """
    persons = _persons(sorted(claims))
    refusals = [[record for record in person if record.refused] for person in persons]
    on_numbers: dict[str, list[Claim]] = defaultdict(list)
    for person, refusing in zip(persons, refusals, strict=True):
        for number in {record.number for record in person if refusing and record.number}:
            on_numbers[number] += refusing
    return {
        record.contact_id: _standing(record, person[0], refusing, on_numbers.get(record.number, []))
        for person, refusing in zip(persons, refusals, strict=True)
        for record in person
    }


def _standing(
    record: Claim, holder: Claim, by_person: list[Claim], on_number: list[Claim]
) -> Standing:
    if record is holder and not by_person and not on_number:
        return ALONE
    because = {its.heard for its in (holder, *by_person, *on_number)} - {record.heard}
    return Standing(
        duplicate_of=None if record is holder else holder.contact_id,
        refused=NOTHING.union(*(its.refused for its in by_person)),
        number_refused=ON_A_NUMBER.intersection(NOTHING.union(*(its.refused for its in on_number))),
        because=tuple(sorted(because)),
    )


def _persons(ordered: Sequence[Claim]) -> list[list[Claim]]:
    """The records, those of one person together, the lowest first."""
    leaders = list(range(len(ordered)))  # a forest: one tree for each person

    def root(n: int) -> int:
        while leaders[n] != n:
            leaders[n] = n = leaders[leaders[n]]
        return n

    first_with: dict[str, int] = {}
    for n, record in enumerate(ordered):
        for key in record.keys:
            leaders[root(n)] = root(first_with.setdefault(key, n))
    persons: dict[int, list[Claim]] = defaultdict(list)
    for n, record in enumerate(ordered):
        persons[root(n)].append(record)
    return list(persons.values())
