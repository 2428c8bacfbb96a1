"""What the suppression list says of a contact, entry by entry. Pure.

An entry stands under its contact, and under each of the contact's addresses, so that a record that
is imported later with such an address finds it closed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from services.triage.claims import EVERYTHING, NOTHING, Claim
from services.triage.judging import Suppressed
from services.triage.permission import ON_A_NUMBER
from services.triage.standings import ON_A_BOX
from shared.events import ContactImported, ContactSuppressed
from shared.words import Channel


class Entry(NamedTuple):
    """What a contact's place on the list says of `key`: the contact itself, or an address hash."""

    key: str
    contact_id: UUID
    channels: str
    everything: bool
    event_id: UUID

    @property
    def closes(self) -> frozenset[Channel]:
        """An entry that names no channel means all of them."""
        named = frozenset(map(Channel, self.channels.split()))
        return EVERYTHING if self.everything else named or EVERYTHING


Entries = dict[tuple[str, UUID], Entry]  # by key and contact


def entries_of(events: Iterable[ContactSuppressed]) -> Entries:
    """Each event holds its contact's whole scope, so that the newest, the last one, replaces."""
    return {
        (key, event.subject): Entry(
            key=key,
            contact_id=event.subject,
            channels=" ".join(sorted(event.channels)),
            everything=event.everything,
            event_id=event.id,
        )
        for event in events
        for key in (str(event.subject), *event.address_hashes)
    }


def by_key(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The entries of each key."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.key].append(entry)
    return dict(found)


def reach(record: ContactImported) -> dict[str, frozenset[Channel]]:
    """Which channels an entry can close that stands under the contact, or under its addresses."""
    closes = {str(record.subject): EVERYTHING}
    if record.phone:
        closes[record.phone.hash] = ON_A_NUMBER
    if record.mailbox:
        closes[record.mailbox.hash] = ON_A_BOX
    return closes


def listed(record: ContactImported, entries: Mapping[str, Iterable[Entry]]) -> Suppressed:
    """What the entries, by their key, say of this contact."""
    found = [(its, closes) for key, closes in reach(record).items() for its in entries.get(key, ())]
    own = (its for its, _ in found if its.key == str(record.subject) and its.everything)
    return Suppressed(
        everything=any(its.everything for its, _ in found if its.contact_id == record.subject),
        channels=NOTHING.union(*(its.closes & closes for its, closes in found)),
        heard=tuple(sorted({its.event_id for its, _ in found})),
        wish=next((its.event_id for its in own), None),
    )


def bound(claim: Claim, its: Suppressed) -> Claim:
    """An opt-out that came after the import binds like one on the record."""
    return claim._replace(refused=EVERYTHING, wish=its.wish) if its.everything else claim
