"""The suppression list: who is put on it, and what is said of it.

A contact and all its addresses are listed together. Whoever shares one of the addresses is closed
there by the address's own row, and is told of, too.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from services.channels.locks import holders
from services.channels.store import ADDRESS, CONTACT, Row, any_of, hashes_of
from shared.events import ContactSuppressed, Person
from shared.privacy.sealed import Sealed
from shared.words import Channel

ON_A_NUMBER = (Channel.WHATSAPP, Channel.SMS, Channel.VOICE)
ON_A_MAILBOX = (Channel.EMAIL,)


@dataclass(frozen=True, slots=True)
class Silence:
    """What was asked for: an opt-out ends everything, a decline ends marketing.

    `source` is keyword, reading, outcome, one_click, provider or address.
    """

    everything: bool
    source: str
    since: datetime


def suppress(
    tx: sa.Connection, contacts: Iterable[Row], silence: Silence, also: Collection[str] = ()
) -> list[ContactSuppressed]:
    """Put these contacts and their addresses on the list, and `also` these addresses.

    All of them must be locked. What is returned is to be said: the whole scope of everybody for
    whom there is something new.
    """
    ids = any_of("contacts", {row.contact_id for row in contacts}, sa.Uuid)
    bound = sorted(_enter(tx, CONTACT, CONTACT.c.contact_id == ids, silence), key=_id)
    hashes = {one for row in bound for one in hashes_of(row)} | set(also)
    these = any_of("hashes", hashes, sa.Text)
    listed = _enter(tx, ADDRESS, ADDRESS.c.hash == these, silence)
    neighbours = holders(tx, {row.hash for row in listed}) - {row.contact_id for row in bound}
    return [*map(_said_whole, bound), *tell_neighbours(tx, neighbours, silence)]


def tell_neighbours(
    tx: sa.Connection, contacts: Collection[UUID], silence: Silence
) -> list[ContactSuppressed]:
    """What the list says of contacts that stand on it only with an address that others have too."""
    c = CONTACT.c
    these = (c.contact_id == any_of("contacts", contacts, sa.Uuid), c.listed_since.is_(None))
    rows = tx.execute(sa.select(CONTACT).where(*these).order_by(c.contact_id)).all()
    hashes = {one for row in rows for one in hashes_of(row)}
    here = (
        ADDRESS.c.hash == any_of("hashes", hashes, sa.Text),
        ADDRESS.c.listed_since.is_not(None),
    )
    listed = set(tx.scalars(sa.select(ADDRESS.c.hash).where(*here)))
    return [_said_in_part(row, listed, silence) for row in rows]


def _enter(
    tx: sa.Connection, table: sa.Table, these: sa.ColumnElement[bool], silence: Silence
) -> Sequence[Row]:
    """The rows that are listed now and were not before, or not so widely; as they are now."""
    c, everything = table.c, sa.literal(silence.everything)
    wider = sa.or_(c.listed_since.is_(None), sa.and_(everything, sa.not_(c.listed_everything)))
    entry = {
        "listed_since": sa.func.coalesce(c.listed_since, silence.since),
        "listed_everything": sa.or_(c.listed_everything, everything),
        "listed_source": silence.source,
    }
    return tx.execute(sa.update(table).where(these, wider).values(entry).returning(table)).all()


def _id(row: Row) -> UUID:
    contact: UUID = row.contact_id
    return contact


def _said_whole(row: Row) -> ContactSuppressed:
    return ContactSuppressed(
        subject=row.contact_id,
        workspace_id=row.workspace_id,
        address_hashes=tuple(hashes_of(row)),
        channels=tuple(Channel),
        everything=row.listed_everything,
        source=row.listed_source,
        since=row.listed_since,
    )


def _said_in_part(row: Row, listed: Collection[str], silence: Silence) -> ContactSuppressed:
    numbers = ON_A_NUMBER if row.phone_hash in listed else ()
    mailboxes = ON_A_MAILBOX if row.mailbox_hash in listed else ()
    return ContactSuppressed(
        subject=row.contact_id,
        workspace_id=row.workspace_id,
        address_hashes=tuple(one for one in hashes_of(row) if one in listed),
        channels=(*numbers, *mailboxes),
        everything=False,
        source=silence.source,
        since=silence.since,
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A contact on the list, for the founder's do-not-contact file; sealed fields stay sealed."""

    contact_id: UUID
    person: Sealed[Person] | None
    phone: Sealed[str] | None
    mailbox: Sealed[str] | None
    everything: bool
    source: str
    since: datetime


def dnc_rows(tx: sa.Connection, workspace_id: UUID) -> list[Entry]:
    """Every contact of the workspace that is on the list, oldest first."""
    c = CONTACT.c
    ask = sa.select(CONTACT).where(c.workspace_id == workspace_id, c.listed_since.is_not(None))
    rows = tx.execute(ask.order_by(c.listed_since, c.contact_id))
    return [
        Entry(
            contact_id=row.contact_id,
            person=Sealed(row.person) if row.person else None,
            phone=Sealed(row.phone) if row.phone else None,
            mailbox=Sealed(row.mailbox) if row.mailbox else None,
            everything=row.listed_everything,
            source=row.listed_source,
            since=row.listed_since,
        )
        for row in rows
    ]
