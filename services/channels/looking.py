"""What is known about a handful of requests, read under the locks of contacts and addresses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.channels.locks import lock_addresses, lock_contacts
from services.channels.queueing import Place, firsts_elsewhere, place_of
from services.channels.statuses import LOST
from services.channels.store import (
    CAMPAIGN,
    CONTACT,
    LINE,
    RESTORE,
    TEMPLATE,
    TOUCH,
    Making,
    Row,
    TouchRow,
    any_of,
)
from services.channels.touching import State
from services.channels.view import Address, Contact, Listed, Touch, View
from shared.events import REQUESTED, Line, MessageRequested, Policy
from shared.ids import lane_of
from shared.signing import digest_of
from shared.words import CampaignState, Channel, Purpose

LineKey = tuple[UUID | None, str, str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """Rows by what they are looked up with. `touches` grows as requests of the batch go.

    `sharers` are the contacts that have an address, and whether something of theirs is unread:
    what binds one of them may bind the others, so that knowledge of them all has to be fresh, and
    of the campaign.
    """

    channel: Channel
    contacts: dict[UUID, Row]
    addresses: dict[str, Row]
    sharers: dict[str, dict[UUID, bool]]
    campaigns: dict[UUID, Row]
    lines: dict[LineKey, Line]
    templates: dict[str, str]  # names by digest
    touches: list[Touch]
    firsts: dict[str, Place]  # who is first in line on other channels, by address
    ages: dict[int, float]  # seconds, by lane
    restored_at: datetime | None

    def view(self, row: Row, wall: datetime) -> View:
        """All that is known about one request."""
        request = request_of(row)
        contact = self.contacts.get(row.contact_id)
        hash_ = hash_on(contact, self.channel) if contact else None
        campaign = self.campaigns.get(row.campaign_id)
        line = self.lines.get(_line_key(row, request))
        sharers = self.sharers.get(hash_ or "", {})
        subjects = [row.contact_id, row.campaign_id, *sharers]
        unread = any(sharers[one] for one in sharers if one != row.contact_id)
        waited = (wall - row.waits_since).total_seconds() if row.waits_since else 0.0
        return View(
            request=request,
            contact=_contact(contact, row.campaign_id) if contact else None,
            address=_address(self.addresses[hash_], self.channel, unread=unread) if hash_ else None,
            campaign=CampaignState(campaign.state) if campaign else None,
            campaign_version=campaign.version if campaign else 0,
            overdue=timedelta(hours=campaign.overdue_hours if campaign else Policy().overdue_hours),
            due_at=row.due_at,
            line=line,
            touches=[
                one
                for one in self.touches
                if row.contact_id == one.contact_id or hash_ == one.address_hash
            ],
            template=self.templates.get(digest_of(line), "") if line else "",
            age_seconds=max(self.ages[lane_of(one)] for one in subjects if one),
            restored_at=self.restored_at,
            waited_seconds=waited,
            is_first=place_of(row) <= self.firsts.get(hash_ or "", place_of(row)),
        )


def look(
    tx: sa.Connection,
    rows: Sequence[Row],
    channel: Channel,
    ages: dict[int, float],
    due_until: datetime,
) -> Desk:
    """Lock contacts and addresses of these requests, then read what is known about them."""
    contacts = lock_contacts(tx, {row.contact_id for row in rows})
    hashes = {
        hash_: contact.workspace_id
        for contact in contacts.values()
        if (hash_ := hash_on(contact, channel))
    }
    addresses = lock_addresses(tx, hashes)
    sharers = _sharers(tx, channel, hashes)
    return Desk(
        channel=channel,
        contacts=contacts,
        addresses=addresses,
        sharers=sharers,
        campaigns=_campaigns(tx, rows),
        lines=_lines(tx, rows, channel),
        templates=_templates(tx) if channel is Channel.WHATSAPP else {},
        touches=_touches(tx, contacts, hashes),
        firsts=firsts_elsewhere(tx, channel, sharers, due_until),
        ages=ages,
        restored_at=tx.scalar(sa.select(sa.func.max(RESTORE.c.noticed_at))),
    )


def request_of(row: Row) -> MessageRequested:
    """The event as it was heard."""
    envelope = {
        "id": row.id,
        "cause_id": row.cause_id,
        "subject": row.contact_id,
        "workspace_id": row.workspace_id,
        "campaign_id": row.campaign_id,
        "time": row.asked_at,
    }
    return REQUESTED[Channel(row.channel)].from_bus(row.body, envelope)


def hash_on(contact: Row, channel: Channel) -> str | None:
    """The address that a channel would use."""
    its: str | None = contact.mailbox_hash if channel is Channel.EMAIL else contact.phone_hash
    return its


def touch_of(row: Row | TouchRow) -> Touch:
    return Touch(
        id=row.id,
        contact_id=row.contact_id,
        address_hash=row.address_hash,
        channel=Channel(row.channel),
        purpose=Purpose(row.purpose),
        reserved_at=row.reserved_at,
        answer_until=row.answer_until,
        closed=row.closed_at is not None or row.status_rank == LOST,
        is_answer=row.is_answer,
    )


def _contact(row: Row, campaign_id: UUID | None) -> Contact:
    return Contact(
        id=row.contact_id,
        revision=row.revision,
        admitted=row.admitted,
        channels={
            Channel(name): datetime.fromisoformat(opens) if opens else None
            for name, opens in row.channels.items()
        },
        facts=row.facts,
        zones=row.zones,
        replies=row.replies,
        held=row.held_since is not None,
        listed=_listed(row),
        ended=bool(row.outcome) and row.outcome_campaign == campaign_id,
    )


def _address(row: Row, channel: Channel, *, unread: bool) -> Address:
    heard = row.heard_on.get(channel)
    return Address(
        hash=row.hash,
        listed=_listed(row),
        heard_at=datetime.fromisoformat(heard) if heard else None,
        unread=unread,
    )


def _listed(row: Row) -> Listed | None:
    since = row.listed_since
    return Listed(everything=row.listed_everything, since=since) if since else None


def _sharers(
    tx: sa.Connection, channel: Channel, hashes: Collection[str]
) -> dict[str, dict[UUID, bool]]:
    c = CONTACT.c
    column = c.mailbox_hash if channel is Channel.EMAIL else c.phone_hash
    ask = sa.select(column, c.contact_id, c.replies > c.understood)
    sharers: dict[str, dict[UUID, bool]] = {hash_: {} for hash_ in hashes}
    its = column == any_of("hashes", hashes, sa.Text)
    for hash_, contact, unread in tx.execute(ask.where(its)):
        sharers[hash_][contact] = unread
    return sharers


def _campaigns(tx: sa.Connection, rows: Sequence[Row]) -> dict[UUID, Row]:
    these = any_of("campaigns", {row.campaign_id for row in rows if row.campaign_id}, sa.Uuid)
    found = tx.execute(sa.select(CAMPAIGN).where(CAMPAIGN.c.campaign_id == these))
    return {row.campaign_id: row for row in found}


def _line_key(row: Row, request: MessageRequested) -> LineKey:
    return row.campaign_id, request.line_id, request.channel, request.language


def _lines(tx: sa.Connection, rows: Sequence[Row], channel: Channel) -> dict[LineKey, Line]:
    wanted = {_line_key(row, request_of(row)) for row in rows}
    campaigns = any_of("campaigns", {campaign for campaign, _, _, _ in wanted if campaign}, sa.Uuid)
    names = any_of("names", {line_id for _, line_id, _, _ in wanted}, sa.Text)
    its = (LINE.c.campaign_id == campaigns, LINE.c.line_id == names, LINE.c.channel == channel)
    ask = sa.select(LINE).where(*its)
    found: dict[LineKey, Any] = {
        (row.campaign_id, row.line_id, row.channel, row.language): row.body
        for row in tx.execute(ask)
    }
    return {key: Line.model_validate(found[key]) for key in wanted if key in found}


def _templates(tx: sa.Connection) -> dict[str, str]:
    made = sa.select(TEMPLATE.c.digest, TEMPLATE.c.sid).where(TEMPLATE.c.state == Making.MADE)
    return {row.digest: row.sid for row in tx.execute(made)}


def _touches(tx: sa.Connection, contacts: dict[UUID, Row], hashes: dict[str, UUID]) -> list[Touch]:
    """Those that were not refused, oldest first."""
    its = TOUCH.c.contact_id == any_of("contacts", contacts, sa.Uuid)
    there = TOUCH.c.address_hash == any_of("hashes", hashes, sa.Text)
    ask = sa.select(TOUCH).where(sa.or_(its, there), TOUCH.c.state != State.REFUSED)
    return [touch_of(row) for row in tx.execute(ask.order_by(TOUCH.c.reserved_at))]
