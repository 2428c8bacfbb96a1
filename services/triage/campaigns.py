"""Which languages are spoken in a workspace: those in which a campaign's openers are signed."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.triage.store import CAMPAIGN, CONTACT, among
from shared.events import CampaignChanged
from shared.words import CampaignState


class Spoken(NamedTuple):
    """The languages of all campaigns that were ever signed; None before there is one."""

    languages: frozenset[str] | None = None
    heard: tuple[UUID, ...] = ()


def save_campaign(tx: sa.Connection, event: CampaignChanged) -> None:
    """The highest version counts, in whatever order they come."""
    row = {
        "campaign_id": event.subject,
        "workspace_id": event.workspace_id,
        "version_number": event.version_number,
        "state": event.state.value,
        "languages": " ".join(sorted(event.languages)),
        "event_id": event.id,
    }
    insert = pg.insert(CAMPAIGN).values(row)
    newer = CAMPAIGN.c.version_number < insert.excluded.version_number
    new = {name: insert.excluded[name] for name in row if name != "campaign_id"}
    key = CAMPAIGN.primary_key
    tx.execute(insert.on_conflict_do_update(constraint=key, set_=new, where=newer))


def spoken(tx: sa.Connection, workspaces: Collection[UUID]) -> dict[UUID, Spoken]:
    """What is spoken in each of these workspaces."""
    signed = CAMPAIGN.c.state != CampaignState.DRAFT
    its = among(CAMPAIGN.c.workspace_id, workspaces)
    found = dict.fromkeys(workspaces, Spoken())
    for row in tx.execute(sa.select(CAMPAIGN).where(its, signed).order_by(CAMPAIGN.c.event_id)):
        before = found[row.workspace_id]
        languages = (before.languages or frozenset()).union(row.languages.split())
        found[row.workspace_id] = Spoken(languages, (*before.heard, row.event_id))
    return found


def concerned(workspace_id: UUID, before: Spoken, after: Spoken) -> sa.Select[tuple[UUID, UUID]]:
    """The contacts (contact_id, workspace_id) for whose language the answer is another now."""
    speaks = [
        sa.true() if its is None else CONTACT.c.language.in_(sorted(its))
        for its in (before.languages, after.languages)
    ]
    its = CONTACT.c.workspace_id == workspace_id
    return sa.select(CONTACT.c.contact_id, CONTACT.c.workspace_id).where(
        its, speaks[0] != speaks[1]
    )
