"""The suppression list, as far as it changes verdicts. The gateways read their own as they send."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from services.triage.judging import Suppressed
from services.triage.listing import Entry, by_key, entries_of, listed, reach
from services.triage.store import SUPPRESSION, words
from shared.bus import insert_rows
from shared.events import ContactImported, ContactSuppressed


def save_suppressions(tx: sa.Connection, events: Iterable[ContactSuppressed]) -> None:
    """The newest entry replaces."""
    rows = [entry._asdict() for entry in entries_of(events).values()]
    if rows:
        insert = insert_rows(SUPPRESSION, rows)
        new = {name: insert.excluded[name] for name in ("channels", "everything", "event_id")}
        key = SUPPRESSION.primary_key
        tx.execute(insert.on_conflict_do_update(constraint=key, set_=new))


def suppressed(tx: sa.Connection, records: Iterable[ContactImported]) -> dict[UUID, Suppressed]:
    """What the list says of these contacts; who is not in the answer is not suppressed."""
    asked = list(records)
    keys = {key for record in asked for key in reach(record)}
    these = SUPPRESSION.c.key == sa.any_(words("keys", keys))
    entries = by_key(map(Entry._make, tx.execute(sa.select(SUPPRESSION).where(these))))
    if not entries:
        return {}
    return {record.subject: listed(record, entries) for record in asked}
