"""Who is locked, and in which order: pace, contacts by id, addresses by hash, touches by id.

Handlers and edges all keep to it, so that nobody waits for anybody in a ring.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.channels.store import (
    ADDRESS,
    CONTACT,
    TOUCH,
    AddressRow,
    Row,
    any_of,
    hashes_of,
)
from shared.bus import Temporary


def lock_contacts(tx: sa.Connection, contacts: Collection[UUID]) -> dict[UUID, Row]:
    """The rows of these contacts; unknown ones are left out."""
    these = any_of("contacts", contacts, sa.Uuid)
    ask = sa.select(CONTACT).where(CONTACT.c.contact_id == these).order_by(CONTACT.c.contact_id)
    return {row.contact_id: row for row in tx.execute(ask.with_for_update())}


def lock_addresses(tx: sa.Connection, workspace_of: Mapping[str, UUID]) -> dict[str, Row]:
    """The rows of these addresses, made where missing. Each hash names its workspace."""
    if not workspace_of:
        return {}
    new = [
        AddressRow(hash=one, workspace_id=workspace_of[one]).model_dump()
        for one in sorted(workspace_of)
    ]
    tx.execute(pg.insert(ADDRESS).on_conflict_do_nothing(), new)
    ask = sa.select(ADDRESS).where(ADDRESS.c.hash == any_of("hashes", workspace_of, sa.Text))
    return {row.hash: row for row in tx.execute(ask.order_by(ADDRESS.c.hash).with_for_update())}


def lock_touches(tx: sa.Connection, touches: Collection[UUID]) -> dict[UUID, Row]:
    """The rows of these touches."""
    ask = sa.select(TOUCH).where(TOUCH.c.id == any_of("touches", touches, sa.Uuid))
    return {row.id: row for row in tx.execute(ask.order_by(TOUCH.c.id).with_for_update())}


def holders(tx: sa.Connection, hashes: Collection[str]) -> set[UUID]:
    """The contacts that have one of these addresses."""
    these = any_of("hashes", hashes, sa.Text)
    has = sa.or_(CONTACT.c.phone_hash == these, CONTACT.c.mailbox_hash == these)
    return set(tx.scalars(sa.select(CONTACT.c.contact_id).where(has)))


def lock_holders(
    tx: sa.Connection, workspace_of: Mapping[str, UUID], also: Collection[UUID] = ()
) -> dict[UUID, Row]:
    """Everybody who has one of these addresses, and `also` these, with all their addresses.

    Raises Temporary when somebody came to an address meanwhile: the next look sees it.
    """
    them = holders(tx, workspace_of) | set(also)
    contacts = lock_contacts(tx, them)
    theirs = {one: row.workspace_id for row in contacts.values() for one in hashes_of(row)}
    lock_addresses(tx, {**workspace_of, **theirs})
    if not holders(tx, workspace_of) <= them:
        raise Temporary("an address has a new holder")
    return contacts
