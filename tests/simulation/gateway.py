"""The gateways' tables, and the list of those who are not to be contacted.

The rows are the product's own; its transactions on them, which it does in SQL, are done here with
dictionaries. Functions are named after those of `services/channels` for which they stand.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.channels.looking import LineKey
from services.channels.store import (
    AddressRow,
    CampaignRow,
    ContactRow,
    InboundRow,
    RequestRow,
    TouchRow,
    hashes_of,
)
from services.channels.suppressing import Silence, _said_in_part, _said_whole
from services.channels.touching import State
from shared.events import ContactSuppressed, Line
from shared.words import Channel


@dataclass
class Gateways:
    """The tables of channels."""

    contacts: dict[UUID, ContactRow] = field(default_factory=dict)
    addresses: dict[str, AddressRow] = field(default_factory=dict)
    campaigns: dict[UUID, CampaignRow] = field(default_factory=dict)
    lines: dict[LineKey, Line] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    requests: dict[UUID, RequestRow] = field(default_factory=dict)
    touches: dict[UUID, TouchRow] = field(default_factory=dict)
    inbound: dict[str, InboundRow] = field(default_factory=dict)
    pace: defaultdict[Channel, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def address(self, hash_: str, workspace_id: UUID) -> AddressRow:
        """Made where it is missing."""
        if hash_ not in self.addresses:
            self.addresses[hash_] = AddressRow(hash=hash_, workspace_id=workspace_id)
        return self.addresses[hash_]

    def holders(self, hashes: Collection[str]) -> list[ContactRow]:
        """The contacts that have one of these addresses."""
        rows = sorted(self.contacts.items())
        return [row for _, row in rows if not set(hashes).isdisjoint(hashes_of(row))]

    def standing(self) -> list[TouchRow]:
        """The touches that were not refused, oldest first."""
        left = [row for row in self.touches.values() if row.state != State.REFUSED]
        return sorted(left, key=lambda row: row.reserved_at)

    def touch_for(self, contact_id: UUID, plan: int) -> TouchRow | None:
        """The one that stands for this plan."""
        its = (row for row in self.touches.values() if row.plan == plan)
        return next((row for row in its if row.contact_id == contact_id), None)


def suppress(
    tx: Gateways, contacts: Iterable[ContactRow], silence: Silence, also: Collection[str] = ()
) -> list[ContactSuppressed]:
    bound = [row for row in contacts if _enter(row, silence)]
    hashes = {one for row in bound for one in hashes_of(row)} | set(also)
    listed = [one for one in sorted(hashes) if _enter(tx.addresses[one], silence)]
    known = {row.contact_id for row in bound}
    neighbours = [row for row in tx.holders(listed) if row.contact_id not in known]
    return [*map(_said_whole, bound), *tell_neighbours(tx, neighbours, silence)]


def tell_neighbours(
    tx: Gateways, contacts: Iterable[ContactRow], silence: Silence
) -> list[ContactSuppressed]:
    listed = {hash_ for hash_, row in tx.addresses.items() if row.listed_since}
    unlisted = [row for row in contacts if row.listed_since is None]
    return [_said_in_part(row, listed, silence) for row in unlisted]


def _enter(row: ContactRow | AddressRow, silence: Silence) -> bool:
    """Whether the row was not listed before, or not so widely."""
    if row.listed_since and (row.listed_everything or not silence.everything):
        return False
    row.listed_since = row.listed_since or silence.since
    row.listed_everything = row.listed_everything or silence.everything
    row.listed_source = silence.source
    return True
