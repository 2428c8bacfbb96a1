"""Who is who: several records of one person, and persons who are probably one.

Records are one person when they came with the same id in the CRM, reach the same mailbox, or have
an address and the name in common; directly, or through other records. The lowest record, which is
the one that was known first, holds the person. Two persons with an address in common whose names
may be one name, written shorter, are probably one. That is never handed on: a "J. Smith" who may be
John or Jane makes no one person of them. One address with different names is a shared one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from services.triage.claims import Claim

Way = tuple[Claim, ...]  # from a person's holder to one of its records, each linked with the next
Person = list[Way]  # the ways to all records of one person, the holder's first
At = tuple[int, Way]  # the place of a person, and the way to one of its records


class Likeness(NamedTuple):
    """Two records by which two persons are probably one: the ways to them."""

    earlier: Way
    later: Way

    @property
    def events(self) -> Iterable[UUID]:
        return chain(events_of(self.earlier), events_of(self.later))


def persons_of(ordered: Sequence[Claim]) -> list[Person]:
    """All persons, in the order of their holders."""
    having: dict[str, list[Claim]] = defaultdict(list)
    for record in ordered:
        for key in record.keys:
            having[key].append(record)
    persons: list[Person] = []
    known: set[UUID] = set()
    for holder in ordered:
        if holder.contact_id not in known:
            known.add(holder.contact_id)
            persons.append(sorted(_ways_from(holder, having, known), key=itemgetter(-1)))
    return persons


def _ways_from(holder: Claim, having: dict[str, list[Claim]], known: set[UUID]) -> Person:
    """The shortest way to each record of the holder's person. All found is taken from `having`."""
    ways: Person = [(holder,)]
    for way in ways:  # which grow meanwhile
        for record in chain.from_iterable(having.pop(key, ()) for key in way[-1].keys):
            if record.contact_id not in known:
                known.add(record.contact_id)
                ways.append((*way, record))
    return ways


def alike(persons: Sequence[Person]) -> dict[int, dict[int, Likeness]]:
    """Which persons are probably one with which: an address in common, and a name written shorter.

    By the persons' places; each pair by its lowest records, and from both sides.
    """
    at: dict[str, list[At]] = defaultdict(list)
    for n, person in enumerate(persons):
        for way in person:
            for address in way[-1].addresses:
                at[address].append((n, way))
    found: dict[int, dict[int, Likeness]] = defaultdict(dict)
    for here in at.values():
        if here[0][0] != here[-1][0]:
            for (n, one), (m, other) in _shortened(here):
                its = Likeness(one, other) if n < m else Likeness(other, one)
                known = found[n].get(m, its)
                found[n][m] = found[m][n] = min(known, its, key=_ends)
    return found


def _ends(its: Likeness) -> tuple[Claim, Claim]:
    return its.earlier[-1], its.later[-1]


def _shortened(here: Sequence[At]) -> Iterator[tuple[At, At]]:
    """Among all who have one address: each name written shorter, with the person of that name."""
    named: dict[str, list[At]] = defaultdict(list)
    for n, way in here:
        named[way[-1].name].append((n, way))
    for n, way in here:
        for name in way[-1].short_names:
            for m, other in named.get(name, ()):
                if m != n:
                    yield (n, way), (m, other)


def events_of(way: Way) -> Iterable[UUID]:
    return chain.from_iterable(record.because for record in way)
