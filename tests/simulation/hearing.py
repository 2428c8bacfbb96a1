"""What comes in at the gateways' edge: one transaction, before whoever brought it is answered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.channels.delivering import Callback
from services.channels.inbound import ARRIVED, TOUCHES_MAX, Heard
from services.channels.statuses import OPT_OUT_CODES
from services.channels.store import ContactRow, InboundRow, TouchRow
from services.channels.suppressing import Silence
from services.channels.touching import State, Told
from shared.events import ContactSuppressed, ReplyReceived
from shared.ids import named
from shared.privacy.sealed import seal
from shared.rules.optout import Asked, asked_by, opts_out
from shared.words import Channel, Purpose
from tests.simulation.database import Database, Group
from tests.simulation.gateway import Gateways, suppress
from tests.simulation.sending import provider_says_stop
from tests.simulation.settling import overhear
from tests.simulation.vault import HASHER, KEYS, WORKSPACE


def receive(database: Database, heard: Heard, now: datetime) -> None:
    """Take in what somebody wrote, once."""
    tx: Gateways = database.tables
    touch = tx.touches.get(heard.touch_id) if heard.touch_id else None
    addresses = _addresses(heard, touch)
    touch = touch or _newest_touch(tx, addresses)
    if touch is None and not tx.holders(addresses):
        _add_stranger(tx, heard, addresses[0])
    contacts = _with_holders(tx, addresses, touch)
    if heard.provider_id in tx.inbound:
        return
    writer = contacts[touch.contact_id if touch else min(contacts)]
    reply = _reply(heard, writer, touch, addresses[0])
    _remember(tx, reply, now)
    _close_touches(tx, heard, writer, now)
    said = [reply, *_silence(tx, heard, contacts, writer, addresses, now)]
    if heard.touch_id and touch:
        said += overhear(tx, touch, ARRIVED, now)
    database.tell(named("inbound", heard.provider_id), said)


def _addresses(heard: Heard, touch: TouchRow | None) -> list[str]:
    of = HASHER.mailbox if heard.channel is Channel.EMAIL else HASHER.phone
    found = [touch.address_hash] if touch else []
    return list(dict.fromkeys([*found, *([of(heard.address)] if heard.address else [])]))


def _newest_touch(tx: Gateways, addresses: Sequence[str]) -> TouchRow | None:
    """Of those who share an address, the one spoken to last is taken to be who answers."""
    spoken = [row for row in tx.standing() if row.address_hash in addresses]
    return max(spoken, key=lambda row: (row.reserved_at, -row.contact_id.int), default=None)


def _add_stranger(tx: Gateways, heard: Heard, hash_: str) -> None:
    kind = "mailbox" if heard.channel is Channel.EMAIL else "phone"
    contact = HASHER.contact_id("inbound", kind, heard.address)
    its = {
        kind: seal(heard.address, str, KEYS.key(contact)).text,
        f"{kind}_hash": hash_,
    }
    tx.contacts[contact] = ContactRow(contact_id=contact, workspace_id=WORKSPACE, **its)


def _with_holders(
    tx: Gateways, addresses: Sequence[str], touch: TouchRow | None
) -> dict[UUID, ContactRow]:
    for one in addresses:
        tx.address(one, WORKSPACE)
    them = {row.contact_id: row for row in tx.holders(addresses)}
    if touch:
        them[touch.contact_id] = tx.contacts[touch.contact_id]
    return them


def _reply(
    heard: Heard, writer: ContactRow, touch: TouchRow | None, address_hash: str
) -> ReplyReceived:
    return ReplyReceived(
        subject=writer.contact_id,
        workspace_id=writer.workspace_id,
        campaign_id=touch.campaign_id if touch else None,
        number=writer.replies + 1,
        channel=heard.channel,
        words=seal(heard.words, str, KEYS.key(writer.contact_id)),
        address_hash=address_hash,
        provider_id=heard.provider_id,
        touch_id=touch.id if touch else None,
        automatic=heard.automatic,
    )


def _remember(tx: Gateways, reply: ReplyReceived, now: datetime) -> None:
    tx.inbound[reply.provider_id] = InboundRow(
        provider_id=reply.provider_id,
        contact_id=reply.subject,
        number=reply.number,
        channel=reply.channel,
        address_hash=reply.address_hash,
        heard_at=now,
    )
    tx.contacts[reply.subject].replies = reply.number
    address = tx.addresses[reply.address_hash]
    address.heard_on = {**address.heard_on, reply.channel: now.isoformat()}


def _close_touches(tx: Gateways, heard: Heard, writer: ContactRow, now: datetime) -> None:
    if heard.automatic:
        return
    for row in tx.touches.values():
        if row.contact_id == writer.contact_id and row.closed_at is None:
            row.closed_at = now


def _silence(
    tx: Gateways,
    heard: Heard,
    contacts: dict[UUID, ContactRow],
    writer: ContactRow,
    addresses: Sequence[str],
    now: datetime,
) -> list[ContactSuppressed]:
    """Everybody who has the address, where the words are a known opt-out."""
    if heard.asks_out:
        source = "one_click"
    elif _opts_out(tx, heard, writer):
        source = "keyword"
    else:
        return []
    silence = Silence(everything=True, source=source, since=now)
    return suppress(tx, [row for _, row in sorted(contacts.items())], silence, also=addresses)


def _opts_out(tx: Gateways, heard: Heard, writer: ContactRow) -> bool:
    if heard.automatic:
        return False
    its = [row for row in tx.standing() if row.contact_id == writer.contact_id]
    newest = its[::-1][:TOUCHES_MAX]
    questions = (asked_by(Purpose(one.purpose), one.slots) for one in newest)
    asked = next((one for one in questions if one), Asked.OPENER)
    languages = {writer.language, *(one.language for one in newest[:1])} - {""}
    return opts_out(heard.words, heard.channel, languages, asked)


def tell_status(knowledge: Group, callback: Callback, now: datetime) -> None:
    """Say what is new. A touch that is named in a callback was accepted, whatever we knew."""
    database = knowledge.database
    tx: Gateways = database.tables
    touch = _find(tx, callback)
    if touch is None:
        return
    cause = named("status", touch.id, callback.word)
    if touch.state == State.RESERVED:
        knowledge.disarm(touch.contact_id, touch.plan)
    if callback.code in OPT_OUT_CODES:
        provider_says_stop(tx, database, touch, cause, now)
    told = Told(callback.provider_id, callback.status, callback.code)
    database.tell(cause, overhear(tx, touch, told, now))


def _find(tx: Gateways, callback: Callback) -> TouchRow | None:
    if callback.touch_id:
        return tx.touches.get(callback.touch_id)
    its = (row for row in tx.touches.values() if row.provider_id == callback.provider_id)
    return next(its, None)
