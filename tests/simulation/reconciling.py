"""Unknown touches, looked up: the provider is asked what it took for the number."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.channels import saying
from services.channels.adapters.base import Accepted, Taken
from services.channels.reconciling import AROUND, LOOKS_AFTER
from services.channels.store import TouchRow
from services.channels.touching import State
from shared.ids import named
from shared.privacy.sealed import Sealed, unseal
from shared.words import Channel
from tests.simulation.database import Group
from tests.simulation.gateway import Gateways
from tests.simulation.process import Loop, Rest
from tests.simulation.provider import Provider
from tests.simulation.settling import overhear
from tests.simulation.vault import HASHER, KEYS

BY_TWILIO = (Channel.WHATSAPP, Channel.SMS)
AWAY = timedelta(seconds=30)


def reconciling(knowledge: Group, provider: Provider) -> Loop:
    """Look up what is due: a call, and what it found is written down in a transaction."""
    tx, world = knowledge.database.tables, knowledge.world
    while True:
        dues = sorted((_due(row), row.id) for row in tx.touches.values() if _is_open(row))
        if not dues or dues[0][0] > world.now:
            yield Rest(knowledge.database.bell, dues[0][0] if dues else None)
            continue
        touch = tx.touches[dues[0][1]]
        looked_up = touch.looked_up
        yield "touch to be looked up"
        try:
            taken = provider.taken(touch.channel, _number(tx, touch))
        except ConnectionError:
            yield Rest(knowledge.database.bell, world.now + AWAY)
            continue
        yield "provider asked"
        if touch.looked_up == looked_up:
            _settle(knowledge, touch, taken)
        yield "look-up settled"


def _is_open(touch: TouchRow) -> bool:
    looks = touch.looked_up < len(LOOKS_AFTER)
    return touch.state == State.UNKNOWN and touch.channel in BY_TWILIO and looks


def _due(touch: TouchRow) -> datetime:
    return touch.settled_at + LOOKS_AFTER[touch.looked_up]


def _number(tx: Gateways, touch: TouchRow) -> str:
    """The number that a touch went to, if it is still the contact's."""
    contact = tx.contacts[touch.contact_id]
    if contact.phone_hash != touch.address_hash:
        return ""
    return unseal(Sealed(contact.phone), str, KEYS.key(contact.contact_id))


def _settle(knowledge: Group, touch: TouchRow, taken: Sequence[Taken]) -> None:
    tx, now = knowledge.database.tables, knowledge.world.now
    touch.looked_up += 1
    if found := _recognise(tx, touch, taken):
        said = overhear(tx, touch, Accepted(found.provider_id), now)
        knowledge.database.tell(named("look-up", touch.id), said)


def _recognise(tx: Gateways, touch: TouchRow, taken: Sequence[Taken]) -> Taken | None:
    """The one message that is this touch's, if no other touch could be meant by it."""
    settled = {row.provider_id for row in tx.touches.values()}
    free = [
        one
        for one in taken
        if one.provider_id not in settled
        and abs(one.at - touch.reserved_at) <= AROUND
        and _says(touch, one)
    ]
    if len(free) != 1:
        return None
    there = (touch.address_hash, touch.channel)
    rivals = [row for row in tx.touches.values() if (row.address_hash, row.channel) == there]
    waiting = [row for row in rivals if row.state in (State.RESERVED, State.UNKNOWN)]
    meant = [row.id for row in waiting if _says(row, free[0])]
    return free[0] if meant == [touch.id] else None


def _says(touch: TouchRow, taken: Taken) -> bool:
    return HASHER.content(taken.text) == saying.told_of(touch).text_digest
