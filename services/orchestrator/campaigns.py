"""What is no story of one contact: campaigns, whose pools they freeze, and the free slots.

All lanes are locked meanwhile, so that no sequence changes between the rule and the freeze.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from services.orchestrator import journal, store
from services.orchestrator.store import TABLES
from shared.bus import arm_from
from shared.events import Answer, CalendarOffered, CampaignChanged, Event
from shared.words import CampaignState

GROUP = journal.BY
Contacts = sa.Select[tuple[UUID, UUID]]
LOOK_AGAIN = 0  # the plan whose timers always act


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Keeps what planning reads, and wakes the contacts that a change is about."""

    hears: Collection[type[Event]] = (CampaignChanged, CalendarOffered)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], now: datetime) -> list[Answer]:
        for event in inputs:
            match event:
                case CampaignChanged():
                    _change(tx, event)
                case CalendarOffered():
                    store.save_offer(tx, event, now)
                case _:
                    raise TypeError(f"{event.topic} is heard by the sequences")
        return []


def _change(tx: sa.Connection, event: CampaignChanged) -> None:
    """Live for the first time: freeze the pool and set its first timers. Else: wake the active.

    They are due when a person said so, not when we hear of it: what is heard too late is overdue.
    """
    version, frozen = store.find_campaign(tx, event.subject)
    if version >= event.version_number:
        return
    live = event.state is CampaignState.LIVE
    store.save_campaign(tx, event, frozen=frozen or live)
    if live and not frozen:
        store.freeze_pool(tx, event)
        _wake(tx, event.id, store.pool_of(event.subject), max(event.time, event.starts_at))
    elif frozen and event.state in (CampaignState.LIVE, CampaignState.ENDED):
        _wake(tx, event.id, store.active_in(event.subject), event.time)


def _wake(tx: sa.Connection, cause_id: UUID, contacts: Contacts, at: datetime) -> None:
    arm_from(tx, TABLES, GROUP, cause_id, contacts, plan=LOOK_AGAIN, at=at)
