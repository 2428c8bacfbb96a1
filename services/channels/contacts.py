"""Who may be reached, and how: what triage says, as the gateways keep it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.channels.locks import lock_addresses, lock_contacts
from services.channels.store import CONTACT, ContactRow, Row, hashes_of, remember_workspaces
from services.channels.suppressing import Silence, suppress, tell_neighbours
from shared.events import Answer, ContactSuppressed, ContactTriaged, Event
from shared.words import Openness, Verdict


@dataclass(frozen=True, slots=True)
class Contacts:
    """Who may be reached, and how. An address that is on the list brings its opt-out along."""

    hears: Collection[type[Event]] = (ContactTriaged,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], _: datetime) -> list[Answer]:
        events = [event for event in inputs if isinstance(event, ContactTriaged)]
        events.sort(key=lambda event: event.revision)
        newest = {event.subject: event for event in events}
        known = lock_contacts(tx, newest)
        fresh = {
            contact: event
            for contact, event in newest.items()
            if contact not in known or known[contact].revision < event.revision
        }
        remember_workspaces(tx, {event.workspace_id for event in fresh.values()})
        _save_contacts(tx, fresh.values())
        said = _bind_to_listed(tx, _new_addresses(fresh, known))
        return [(fresh[contact], events) for contact, events in said.items()]


def _new_addresses(
    fresh: dict[UUID, ContactTriaged], known: dict[UUID, Row]
) -> dict[UUID, set[str]]:
    """The addresses that these contacts did not have before."""
    return {
        contact: _hashes(event) - set(hashes_of(known[contact]) if contact in known else ())
        for contact, event in fresh.items()
    }


def _hashes(event: ContactTriaged) -> set[str]:
    return {one.hash for one in (event.phone, event.mailbox) if one}


def _save_contacts(tx: sa.Connection, events: Iterable[ContactTriaged]) -> None:
    rows = [_contact_row(event) for event in sorted(events, key=lambda event: event.subject)]
    if not rows:
        return
    insert = pg.insert(CONTACT)
    triaged = {name: insert.excluded[name] for name in _triaged(rows[0])}
    key = CONTACT.primary_key
    tx.execute(insert.on_conflict_do_update(constraint=key, set_=triaged), rows)


def _triaged(row: dict[str, object]) -> list[str]:
    """The columns that triage says; the others are our own."""
    said = ("revision", "admitted", "channels", "facts", "language", "zones", "person")
    return [*said, *(name for name in row if name.startswith(("phone", "mailbox")))]


def _contact_row(event: ContactTriaged) -> dict[str, object]:
    phone, mailbox = event.phone, event.mailbox
    return ContactRow(
        contact_id=event.subject,
        workspace_id=event.workspace_id,
        revision=event.revision,
        admitted=event.verdict is Verdict.ADMITTED,
        channels={
            channel: its.opens_at.isoformat() if its.opens_at else None
            for channel, its in event.channels.items()
            if its.openness is not Openness.CLOSED
        },
        facts=event.facts,
        language=event.language,
        zones=list(event.zones),
        person=event.person.text if event.person else None,
        phone=phone.sealed.text if phone else None,
        phone_hash=phone.hash if phone else None,
        mailbox=mailbox.sealed.text if mailbox else None,
        mailbox_hash=mailbox.hash if mailbox else None,
    ).model_dump()


def _bind_to_listed(
    tx: sa.Connection, came: dict[UUID, set[str]]
) -> dict[UUID, list[ContactSuppressed]]:
    """Whoever comes with an address that opted out is bound as a whole; what is said because."""
    contacts = lock_contacts(tx, [contact for contact, hashes in came.items() if hashes])
    workspace_of = {one: row.workspace_id for row in contacts.values() for one in hashes_of(row)}
    addresses = lock_addresses(tx, workspace_of)
    said = {}
    for contact, row in contacts.items():
        if listed := [addresses[one] for one in came[contact] if addresses[one].listed_since]:
            everything = any(one.listed_everything for one in listed)
            since = min(one.listed_since for one in listed)
            silence = Silence(everything, source="address", since=since)
            said[contact] = (
                suppress(tx, [row], silence)
                if everything
                else tell_neighbours(tx, [contact], silence)
            )
    return said
