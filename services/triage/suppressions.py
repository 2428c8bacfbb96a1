"""The suppression list, as far as it changes verdicts. The gateways read their own as they send.

An entry stands under its contact, and under each of the contact's addresses, so that a record that
is imported later with such an address finds it closed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.triage.claims import EVERYTHING, NOTHING
from services.triage.judging import Suppressed
from services.triage.permission import ON_A_NUMBER
from services.triage.store import SUPPRESSION, words
from shared.bus import insert_rows
from shared.events import ContactImported, ContactSuppressed
from shared.words import Channel

ON_A_BOX = frozenset({Channel.EMAIL})


def save_suppressions(tx: sa.Connection, events: Iterable[ContactSuppressed]) -> None:
    """Each event holds its contact's whole scope, so that the newest replaces."""
    rows = {
        (key, event.subject): {
            "key": key,
            "contact_id": event.subject,
            "channels": " ".join(sorted(event.channels)),
            "everything": event.everything,
            "event_id": event.id,
        }
        for event in events
        for key in (str(event.subject), *event.address_hashes)
    }
    if rows:
        insert = insert_rows(SUPPRESSION, list(rows.values()))
        new = {name: insert.excluded[name] for name in ("channels", "everything", "event_id")}
        key = SUPPRESSION.primary_key
        tx.execute(insert.on_conflict_do_update(constraint=key, set_=new))


def suppressed(tx: sa.Connection, records: Iterable[ContactImported]) -> dict[UUID, Suppressed]:
    """What the list says of these contacts; who is not in the answer is not suppressed."""
    reaches = {record.subject: _reach(record) for record in records}
    keys = {key for reach in reaches.values() for key in reach}
    entries: dict[str, list[sa.Row[Any]]] = defaultdict(list)
    these = SUPPRESSION.c.key == sa.any_(words("keys", keys))
    for row in tx.execute(sa.select(SUPPRESSION).where(these)):
        entries[row.key].append(row)
    if not entries:
        return {}
    return {contact: _combined(contact, reach, entries) for contact, reach in reaches.items()}


def _reach(record: ContactImported) -> dict[str, frozenset[Channel]]:
    """Which channels an entry can close that stands under the contact, or under its addresses."""
    reach = {str(record.subject): EVERYTHING}
    if record.phone:
        reach[record.phone.hash] = ON_A_NUMBER
    if record.mailbox:
        reach[record.mailbox.hash] = ON_A_BOX
    return reach


def _combined(
    contact: UUID,
    reach: Mapping[str, frozenset[Channel]],
    entries: Mapping[str, Sequence[sa.Row[Any]]],
) -> Suppressed:
    found = [(row, within) for key, within in reach.items() for row in entries.get(key, ())]
    return Suppressed(
        everything=any(row.everything for row, _ in found if row.contact_id == contact),
        channels=NOTHING.union(*(_scope(row) & within for row, within in found)),
        heard=tuple(sorted({row.event_id for row, _ in found})),
    )


def _scope(row: sa.Row[Any]) -> frozenset[Channel]:
    """An entry that names no channel means all of them."""
    return (
        EVERYTHING
        if row.everything
        else frozenset(map(Channel, row.channels.split())) or EVERYTHING
    )
