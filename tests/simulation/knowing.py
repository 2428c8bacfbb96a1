"""What group `channels` hears: who may be reached, with which lines, and who asked for silence."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from services.channels.contacts import _contact_row, _triaged
from services.channels.heeding import OPT_OUTS
from services.channels.store import (
    AddressRow,
    CampaignRow,
    ContactRow,
    hashes_of,
)
from services.channels.suppressing import Silence
from services.channels.touches import NEVER_SAID
from shared.events import (
    Answer,
    CampaignChanged,
    ContactSuppressed,
    ContactTriaged,
    Event,
    OutcomeRecorded,
    ReplyUnderstood,
    Woke,
)
from shared.outcomes import MEANINGS
from shared.signing import digest_of
from shared.words import Suppression
from tests.simulation.gateway import Gateways, suppress, tell_neighbours
from tests.simulation.settling import overhear


def on_triaged(tx: Gateways, event: ContactTriaged, _: datetime) -> list[ContactSuppressed]:
    known = tx.contacts.get(event.subject)
    if known and known.revision >= event.revision:
        return []
    before = set(hashes_of(known)) if known else set()
    new = _contact_row(event)
    row = tx.contacts.setdefault(event.subject, known or ContactRow(**new))
    for name in _triaged(new):
        setattr(row, name, new[name])
    addresses = [tx.address(one, row.workspace_id) for one in hashes_of(row)]
    return _bind_to_listed(tx, row, [one for one in addresses if one.hash not in before])


def _bind_to_listed(
    tx: Gateways, row: ContactRow, came: Iterable[AddressRow]
) -> list[ContactSuppressed]:
    listed = [one for one in came if one.listed_since]
    if not listed:
        return []
    everything = any(one.listed_everything for one in listed)
    silence = Silence(everything, "address", min(one.listed_since for one in listed))
    return suppress(tx, [row], silence) if everything else tell_neighbours(tx, [row], silence)


def on_campaign(tx: Gateways, event: CampaignChanged, _: datetime) -> list[Event]:
    known = tx.campaigns.get(event.subject)
    if known and known.version >= event.version_number:
        return []
    brief = event.brief
    tx.campaigns[event.subject] = CampaignRow(
        campaign_id=event.subject,
        workspace_id=event.workspace_id,
        version=event.version_number,
        state=event.state,
        overdue_hours=event.policy.overdue_hours,
        brief={"founder": brief.founder, "company": brief.company, "product": brief.product},
    )
    tx.lines = {(event.subject, one.id, one.channel, one.language): one for one in event.script}
    tx.templates = {digest_of(line): f"HX{line.id}" for line in event.script}
    return []


def on_reading(tx: Gateways, event: ReplyUnderstood, now: datetime) -> list[ContactSuppressed]:
    contact = tx.contacts[event.subject]
    contact.understood = max(contact.understood, event.number)
    if event.suppression is Suppression.GO:
        return []
    replies = [row for row in tx.inbound.values() if row.contact_id == event.subject]
    said_from = {row.address_hash for row in replies if row.number == event.number}
    contacts = [*tx.holders(said_from), contact]
    bound = [row for _, row in sorted({row.contact_id: row for row in contacts}.items())]
    if event.suppression is Suppression.SUPPRESS:
        return suppress(tx, bound, Silence(everything=True, source="reading", since=now))
    for row in bound:
        row.held_since = row.held_since or now
    return []


def on_outcome(tx: Gateways, event: OutcomeRecorded, _: datetime) -> list[ContactSuppressed]:
    contact = tx.contacts.get(event.subject)
    if contact is None:
        return []
    if contact.outcome_revision < event.revision or contact.outcome_campaign != event.campaign_id:
        contact.outcome, contact.outcome_revision = event.code, event.revision
        contact.outcome_campaign = event.campaign_id
    if not MEANINGS[event.code].suppresses:
        return []
    return suppress(tx, [contact], Silence(event.code in OPT_OUTS, "outcome", event.ended_at))


def on_deadline(tx: Gateways, event: Woke, now: datetime) -> list[Event]:
    touch = tx.touch_for(event.subject, event.plan)
    return overhear(tx, touch, NEVER_SAID, now) if touch else []


PARTS = {
    ContactTriaged: on_triaged,
    CampaignChanged: on_campaign,
    ReplyUnderstood: on_reading,
    OutcomeRecorded: on_outcome,
    Woke: on_deadline,
}


class Knowledge:
    """The handler of group `channels`."""

    hears: Collection[type[Event]] = PARTS.keys()

    def __call__(self, tx: Gateways, inputs: Sequence[Event], now: datetime) -> list[Answer]:
        return [(event, PARTS[type(event)](tx, event, now)) for event in inputs]
