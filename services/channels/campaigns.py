"""What may be said, and whether now: campaigns with their lines, as the gateways keep them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.channels.store import CAMPAIGN, LINE, remember_workspaces
from services.channels.templates import want_templates
from shared.events import Answer, CampaignChanged, Event


@dataclass(frozen=True, slots=True)
class Campaigns:
    """The campaign as it stands: its state, its lines, and the templates it needs."""

    hears: Collection[type[Event]] = (CampaignChanged,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], _: datetime) -> list[Answer]:
        events = [event for event in inputs if isinstance(event, CampaignChanged)]
        remember_workspaces(tx, {event.workspace_id for event in events})
        newer = [event for event in events if _save_campaign(tx, event)]
        for event in newer:
            _save_lines(tx, event)
        want_templates(tx, newer)
        return []


def _save_campaign(tx: sa.Connection, event: CampaignChanged) -> bool:
    """Whether it is newer than what was known."""
    brief = event.brief
    insert = pg.insert(CAMPAIGN).values(
        campaign_id=event.subject,
        workspace_id=event.workspace_id,
        version=event.version_number,
        state=event.state,
        overdue_hours=event.policy.overdue_hours,
        brief={"founder": brief.founder, "company": brief.company, "product": brief.product},
    )
    new = {name: insert.excluded[name] for name in ("version", "state", "overdue_hours", "brief")}
    newer = CAMPAIGN.c.version < insert.excluded.version
    upsert = insert.on_conflict_do_update(constraint=CAMPAIGN.primary_key, set_=new, where=newer)
    return tx.scalar(upsert.returning(CAMPAIGN.c.campaign_id)) is not None


def _save_lines(tx: sa.Connection, event: CampaignChanged) -> None:
    tx.execute(sa.delete(LINE).where(LINE.c.campaign_id == event.subject))
    rows = [
        {
            "campaign_id": event.subject,
            "line_id": line.id,
            "channel": line.channel,
            "language": line.language,
            "body": line.model_dump(mode="json"),
        }
        for line in event.script
    ]
    if rows:
        tx.execute(sa.insert(LINE), rows)
