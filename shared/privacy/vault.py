"""The vault: one key per contact, wrapped under the master key, in a schema of its own.

A contact is forgotten by destroying its key; the row stays, so that no new key is ever made for it.
"""

import os
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.clock import elapsed_seconds
from shared.crash import point
from shared.privacy.master import MasterKey
from shared.privacy.sealed import NONCE_BYTES, ContactKey, ForgottenError

SECRET_BYTES = 32
CACHE_SECONDS_MAX = 60.0
CACHE_KEYS_MAX = 20_000

VAULT = sa.MetaData(schema="vault")


class VaultRow(SQLModel, registry=registry(metadata=VAULT)):
    """The vault's base."""


class KeyRow(VaultRow, table=True):
    """`wrapped` is empty once the key is destroyed."""

    __tablename__ = "contact_key"

    contact_id: UUID = Field(primary_key=True)
    wrapped: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=True))


KEYS: sa.Table = KeyRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables


@dataclass
class Vault:
    """Keys by contact. Reading goes through a cache that is bounded in time and size."""

    engine: sa.Engine
    master: MasterKey
    _cache: OrderedDict[UUID, tuple[float, ContactKey]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._wrap = AESGCM(self.master.wrapping())

    def create(self, contacts: Collection[UUID]) -> Mapping[UUID, ContactKey]:
        """A key for each contact; those that have one keep it. Forgotten ones are left out."""
        rows = [{"contact_id": one, "wrapped": self._wrapped(one)} for one in sorted(set(contacts))]
        if rows:
            with self.engine.begin() as tx:
                tx.execute(pg.insert(KEYS).on_conflict_do_nothing(), rows)
                point("key.before", len(rows))
            point("key.after", len(rows))
        return self._read(contacts)

    def keys(self, contacts: Collection[UUID], *, fresh: bool = False) -> Mapping[UUID, ContactKey]:
        """The keys of those contacts that have one. `fresh` asks the database, not the cache."""
        wanted = set(contacts)
        known = {} if fresh else self._cached(wanted)
        missing = wanted - known.keys()
        return {**known, **self._read(missing)} if missing else known

    def key(self, contact: UUID, *, fresh: bool = False) -> ContactKey:
        """One contact's key. Raises ForgottenError when there is none."""
        found = self.keys([contact], fresh=fresh).get(contact)
        if found is None:
            sentence = f"Contact {contact} has no key: it was erased."
            raise ForgottenError(sentence)
        return found

    def destroy(self, contact: UUID) -> None:
        """Forget a contact for good."""
        with self.engine.begin() as tx:
            tx.execute(sa.update(KEYS).where(KEYS.c.contact_id == contact).values(wrapped=None))
        with self._lock:
            self._cache.pop(contact, None)

    def _wrapped(self, contact: UUID) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrap.encrypt(nonce, os.urandom(SECRET_BYTES), contact.bytes)

    def _unwrapped(self, contact: UUID, wrapped: bytes) -> ContactKey:
        nonce, rest = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        return ContactKey(contact, self._wrap.decrypt(nonce, rest, contact.bytes))

    def _read(self, contacts: Collection[UUID]) -> dict[UUID, ContactKey]:
        these = sa.any_(sa.bindparam("contacts", list(contacts), pg.ARRAY(sa.Uuid)))
        ask = sa.select(KEYS).where(KEYS.c.contact_id == these, KEYS.c.wrapped.is_not(None))
        with self.engine.connect() as tx:
            rows = tx.execute(ask).all()
        found = {row.contact_id: self._unwrapped(row.contact_id, row.wrapped) for row in rows}
        self._remember(found)
        return found

    def _cached(self, contacts: set[UUID]) -> dict[UUID, ContactKey]:
        oldest = elapsed_seconds() - CACHE_SECONDS_MAX
        with self._lock:
            held = {one: self._cache[one] for one in contacts if one in self._cache}
        return {one: key for one, (since, key) in held.items() if since >= oldest}

    def _remember(self, found: Mapping[UUID, ContactKey]) -> None:
        since = elapsed_seconds()
        with self._lock:
            for contact, key in found.items():
                self._cache[contact] = (since, key)
                self._cache.move_to_end(contact)
            while len(self._cache) > CACHE_KEYS_MAX:
                self._cache.popitem(last=False)
