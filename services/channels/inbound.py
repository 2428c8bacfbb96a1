"""What somebody wrote to us, by webhook, mail or one click: one transaction, before the answer.

In it the reply gets its number, closes the open touches of whoever wrote, and, where the words are
a known opt-out, puts everybody with this address on the suppression list. Until it is committed the
provider is not told that we have it, so nothing is lost and nothing happens twice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.channels.adapters.base import Accepted
from services.channels.edges import Edge
from services.channels.locks import holders, lock_holders, lock_touches
from services.channels.settling import overhear
from services.channels.store import (
    ADDRESS,
    CONTACT,
    GROUP,
    INBOUND,
    TABLES,
    TOUCH,
    ContactRow,
    InboundRow,
    Row,
    known_workspaces,
)
from services.channels.suppressing import Silence, suppress
from services.channels.touching import State
from shared.bus import tell
from shared.crash import point
from shared.events import Event, ReplyReceived
from shared.ids import named
from shared.privacy.sealed import seal
from shared.rules.optout import Asked, asked_by, opts_out
from shared.words import Channel, Purpose

WORDS_CHARS_MAX = 20_000
TOUCHES_MAX = 20  # how far back the last question is looked for
ARRIVED = Accepted("")  # by what name, the provider has not told


@dataclass(frozen=True, slots=True)
class Heard:
    """What came in. `touch_id` is the touch that it names itself, by a token of ours."""

    channel: Channel
    provider_id: str
    address: str = field(repr=False)  # E.164, or a mailbox; may be empty beside a touch
    words: str = field(repr=False)
    touch_id: UUID | None = None
    automatic: bool = False
    asks_out: bool = False  # whatever the words are


class NobodyKnownError(Exception):
    """No workspace is known yet to which a message could belong."""


def receive(edge: Edge, heard: Heard) -> bool:
    """Take it in; whether it was new. Raises NobodyKnownError before the first import."""

    def work(tx: sa.Connection) -> bool:
        new = Receiving(edge, tx, heard).receive()
        point("webhook.before", new)
        return new

    new = edge.transact(work)
    point("webhook.after", new)
    return new


def remember(tx: sa.Connection, reply: ReplyReceived, at: datetime) -> None:
    """For ever: the provider may bring it again. The address's window on this channel opens."""
    row = InboundRow(
        provider_id=reply.provider_id,
        contact_id=reply.subject,
        number=reply.number,
        channel=reply.channel,
        address_hash=reply.address_hash,
        heard_at=at,
    )
    tx.execute(pg.insert(INBOUND).values(row.model_dump()).on_conflict_do_nothing())
    its = CONTACT.c.contact_id == reply.subject
    replies = sa.func.greatest(CONTACT.c.replies, reply.number)
    tx.execute(sa.update(CONTACT).where(its).values(replies=replies))
    opened = sa.literal({reply.channel: at.isoformat()}, pg.JSONB)
    there = ADDRESS.c.hash == reply.address_hash
    tx.execute(sa.update(ADDRESS).where(there).values(heard_on=ADDRESS.c.heard_on.op("||")(opened)))


def close_touches(
    tx: sa.Connection, reply: ReplyReceived, at: datetime, *these: sa.ColumnElement[bool]
) -> None:
    """Of the writer's touches, what was answered is open no longer. A machine's answer is none."""
    c = TOUCH.c
    waiting = (c.contact_id == reply.subject, c.closed_at.is_(None), *these)
    if not reply.automatic:
        tx.execute(sa.update(TOUCH).where(*waiting).values(closed_at=at))


@dataclass(frozen=True, slots=True)
class Receiving:
    """One item, inside its transaction."""

    edge: Edge
    tx: sa.Connection
    heard: Heard

    def receive(self) -> bool:
        """Whether it was new.

        Its moment is when all who have the address are ours: a touch that was reserved while we
        waited for them was reserved earlier, and is told so.
        """
        touch = self._touch_named()
        addresses = self._addresses(touch)
        touch = touch or self._newest_touch(addresses)
        if touch is None and not holders(self.tx, addresses):
            self._add_stranger(addresses)
        contacts = lock_holders(self.tx, addresses, also=[touch.contact_id] if touch else ())
        if self._was_heard():
            return False
        now = self.edge.now()
        writer = contacts[touch.contact_id if touch else min(contacts)]
        reply = self._reply(writer, touch, next(iter(addresses)))
        remember(self.tx, reply, now)
        close_touches(self.tx, reply, now)
        silenced = self._silence(contacts.values(), writer, addresses, now)
        said = [reply, *silenced, *self._arrived(now)]
        tell(self.tx, TABLES, GROUP, named("inbound", self.heard.provider_id), said, now)
        return True

    def _touch_named(self) -> Row | None:
        if self.heard.touch_id is None:
            return None
        its = sa.select(TOUCH).where(TOUCH.c.id == self.heard.touch_id)
        return self.tx.execute(its).one_or_none()

    def _addresses(self, touch: Row | None) -> dict[str, UUID]:
        """Where it came from, as each workspace knows the address; with the workspace."""
        found = {touch.address_hash: touch.workspace_id} if touch else {}
        workspaces = [touch.workspace_id] if touch else known_workspaces(self.tx)
        if not workspaces:
            raise NobodyKnownError
        for workspace_id in workspaces if self.heard.address else ():
            hasher = self.edge.hasher(workspace_id)
            of = hasher.mailbox if self._by_mail else hasher.phone
            found[of(self.heard.address)] = workspace_id
        return found

    def _newest_touch(self, addresses: Collection[str]) -> Row | None:
        """Of those who share an address, the one spoken to last is taken to be who answers."""
        c = TOUCH.c
        spoken = sa.select(TOUCH).where(c.address_hash.in_(addresses), c.state != State.REFUSED)
        newest = spoken.order_by(c.reserved_at.desc(), c.contact_id).limit(1)
        return self.tx.execute(newest).one_or_none()

    def _add_stranger(self, addresses: Mapping[str, UUID]) -> None:
        """Somebody whom no import knows: read, never written to."""
        hash_, workspace_id = next(iter(addresses.items()))
        kind = "mailbox" if self._by_mail else "phone"
        hasher = self.edge.hasher(workspace_id)
        contact = hasher.contact_id("inbound", kind, self.heard.address)
        key = self.edge.vault.create([contact])[contact]
        its = {kind: seal(self.heard.address, str, key).text, f"{kind}_hash": hash_}
        row = ContactRow(contact_id=contact, workspace_id=workspace_id).model_dump()
        self.tx.execute(pg.insert(CONTACT).values(row | its).on_conflict_do_nothing())

    def _was_heard(self) -> bool:
        """Asked under the locks, so that of two deliveries at once one sees the other."""
        its = sa.exists().where(INBOUND.c.provider_id == self.heard.provider_id)
        return bool(self.tx.scalar(sa.select(its)))

    def _reply(self, writer: Row, touch: Row | None, address_hash: str) -> ReplyReceived:
        """The contact's next reply."""
        heard, key = self.heard, self.edge.vault.key(writer.contact_id)
        return ReplyReceived(
            subject=writer.contact_id,
            workspace_id=writer.workspace_id,
            campaign_id=touch.campaign_id if touch else None,
            number=writer.replies + 1,
            channel=heard.channel,
            words=seal(heard.words[:WORDS_CHARS_MAX], str, key),
            address_hash=address_hash,
            provider_id=heard.provider_id,
            touch_id=touch.id if touch else None,
            automatic=heard.automatic,
        )

    def _arrived(self, now: datetime) -> Sequence[Event]:
        """Whoever answers a message by its own token has it: its provider must have taken it."""
        named = [self.heard.touch_id] if self.heard.touch_id else []
        touches = lock_touches(self.tx, named).values()
        return [said for one in touches for said in overhear(self.tx, one, ARRIVED, now)]

    def _silence(
        self, contacts: Iterable[Row], writer: Row, addresses: Collection[str], now: datetime
    ) -> Sequence[Event]:
        """Everybody who has the address, where the words are a known opt-out."""
        if self.heard.asks_out:
            source = "one_click"
        elif self._opts_out(writer):
            source = "keyword"
        else:
            return []
        silence = Silence(everything=True, source=source, since=now)
        return suppress(self.tx, contacts, silence, also=addresses)

    def _opts_out(self, writer: Row) -> bool:
        """Read in the contact's language and in ours, with our last question in mind."""
        if self.heard.automatic:
            return False
        c = TOUCH.c
        its = sa.select(c.purpose, c.slots, c.language).where(c.contact_id == writer.contact_id)
        newest = its.where(c.state != State.REFUSED).order_by(c.reserved_at.desc())
        touches = self.tx.execute(newest.limit(TOUCHES_MAX)).all()
        questions = (asked_by(Purpose(one.purpose), one.slots) for one in touches)
        asked = next((one for one in questions if one), Asked.OPENER)
        languages = {writer.language, *(one.language for one in touches[:1])} - {""}
        return opts_out(self.heard.words, self.heard.channel, languages, asked)

    @property
    def _by_mail(self) -> bool:
        return self.heard.channel is Channel.EMAIL
