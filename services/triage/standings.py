"""How a record stands among the others: whose duplicate it is, and what is refused for it.

The record that holds a person stands for it, and the others are its duplicates; who is probably an
earlier person is held until somebody has looked. What one record refuses, the person refuses, and
so does who is probably the same. What one of several people refuses on an address that they share
is refused on it for all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from services.triage.claims import NOTHING, Claim
from services.triage.permission import ON_A_NUMBER
from services.triage.persons import Likeness, Person, Way, alike, events_of, persons_of
from shared.words import Channel

ON_A_BOX = frozenset({Channel.EMAIL})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a record stands among the others. `because`: the events, others' too, that say so.

    `probable`: it is only probably a duplicate. `agreeing`: the fields in which it agrees with the
    record that makes it one.
    """

    duplicate_of: UUID | None = None
    probable: bool = False
    agreeing: tuple[str, ...] = ()
    refused: frozenset[Channel] = NOTHING  # by the person
    address_refused: frozenset[Channel] = NOTHING  # by anybody on the number or the mailbox
    because: tuple[UUID, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        """What is stored, to see whether it changed."""
        refused = (" ".join(sorted(channels)) for channels in (self.refused, self.address_refused))
        duplicate = f"{'?' if self.probable else ''}{self.duplicate_of or ''}"
        return "|".join((duplicate, *refused, *self.agreeing))


ALONE = Standing()


class Refusal(NamedTuple):
    """What a person refuses, and the events that say so."""

    channels: frozenset[Channel]
    because: frozenset[UUID]

    def on(self, channels: frozenset[Channel], way: Way) -> "Refusal":
        """The part of it that concerns these channels, of an address to which a way leads."""
        return Refusal(self.channels & channels, self.because.union(events_of(way)))


NO_REFUSAL = Refusal(NOTHING, frozenset())


def standings(claims: Iterable[Claim]) -> dict[UUID, Standing]:
    """The standing of every record, whatever the order in which they are given.

    All records that have a CRM id, mailbox or number in common with one of them must be among
    them, and those that have one in common with these, and so on. The records that a standing is
    `because` of are enough to come to the same one again.
    """
    persons = persons_of(sorted(claims))
    likenesses = alike(persons)
    refusals = _refusals(persons, likenesses)
    on_addresses = _on_addresses(persons, refusals)
    found = {}
    for n, person in enumerate(persons):
        like = _to_an_earlier(n, likenesses)
        for way in person:
            found[way[-1].contact_id] = _standing(way, like, refusals[n], on_addresses)
    return found


def _to_an_earlier(n: int, likenesses: Mapping[int, Mapping[int, Likeness]]) -> Likeness | None:
    """By what a person is probably the earliest one that it may be."""
    earliest = min(likenesses.get(n, ()), default=n)
    return likenesses[n][earliest] if earliest < n else None


def _standing(
    way: Way, like: Likeness | None, refusal: Refusal, on_addresses: Mapping[str, list[Refusal]]
) -> Standing:
    holder, record = way[0], way[-1]
    here = (*on_addresses.get(record.number, ()), *on_addresses.get(record.box, ()))
    if record is holder and not (like or refusal.channels or here):
        return ALONE
    by_others = _enough(here)
    because = {*events_of(way), *refusal.because}.union(*(its.because for its in by_others))
    duplicate_of: UUID | None = None
    agreeing: tuple[str, ...] = ()
    if record is not holder:
        duplicate_of, agreeing, like = holder.contact_id, _agreeing(way[-2], record), None
    elif like:
        duplicate_of = like.earlier[0].contact_id
        agreeing = _agreeing(like.earlier[-1], like.later[-1])
        because.update(like.events)
    return Standing(
        duplicate_of=duplicate_of,
        probable=like is not None,
        agreeing=agreeing,
        refused=refusal.channels,
        address_refused=NOTHING.union(*(its.channels for its in by_others)),
        because=tuple(sorted(because - {record.heard})),
    )


def _agreeing(one: Claim, other: Claim) -> tuple[str, ...]:
    """The fields in which two records agree."""
    same = bool(one.record) and one.record == other.record
    agrees = {
        "crm_id": same and one.has_crm_id,
        "mailbox": not set(one.all_boxes).isdisjoint(other.all_boxes),
        "phone": not set(one.all_numbers).isdisjoint(other.all_numbers),
        "name": bool(one.name) and one.name == other.name,
        "name_shortened": one.name in other.short_names or other.name in one.short_names,
    }
    return tuple(name for name, does in agrees.items() if does) or ("whole_row",)


def _refusals(
    persons: Sequence[Person], likenesses: Mapping[int, Mapping[int, Likeness]]
) -> list[Refusal]:
    """What each person refuses: what one of its records does, or one of who is probably the same.

    Being alike is not handed on: whoever is like somebody who is like them is somebody else.
    """
    own = [
        [Refusal(way[-1].refused, frozenset(events_of(way))) for way in person if way[-1].refused]
        for person in persons
    ]
    refusals = []
    for n, its in enumerate(own):
        others = (
            Refusal(one.channels, one.because.union(likeness.events))
            for m, likeness in sorted(likenesses.get(n, {}).items())
            for one in own[m]
        )
        refusals.append(_together(_enough(chain(its, others))))
    return refusals


def _together(refusals: Sequence[Refusal]) -> Refusal:
    if not refusals:
        return NO_REFUSAL
    channels, because = zip(*refusals, strict=True)
    return Refusal(NOTHING.union(*channels), frozenset().union(*because))


def _enough(refusals: Iterable[Refusal]) -> list[Refusal]:
    """The first ones that together refuse all that any of them does; so there are only a few."""
    enough: list[Refusal] = []
    refused = NOTHING
    for refusal in refusals:
        if not refusal.channels <= refused:
            enough.append(refusal)
            refused |= refusal.channels
    return enough


def _on_addresses(
    persons: Sequence[Person], refusals: Sequence[Refusal]
) -> dict[str, list[Refusal]]:
    """What is refused on each address, by everybody who has it: each by its lowest record."""
    found: dict[str, list[Refusal]] = defaultdict(list)
    for person, refusal in zip(persons, refusals, strict=True):
        if refusal.channels:
            numbers = {number: way for way in reversed(person) for number in way[-1].all_numbers}
            boxes = {box: way for way in reversed(person) for box in way[-1].all_boxes}
            for number, way in numbers.items():
                found[number].append(refusal.on(ON_A_NUMBER, way))
            for box, way in boxes.items():
                found[box].append(refusal.on(ON_A_BOX, way))
    return found
