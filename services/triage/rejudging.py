"""Whoever was judged by other rules than today's is judged again.

New rule data, or a new way of judging, comes with a new process. When it starts it sets a timer for
every contact whose verdict is of before; a verdict that comes out the same is not said again.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from services.triage.store import CONTACT, GROUP, LOOK_AGAIN, TABLES
from shared.bus import arm_from
from shared.bus.faults import described, is_temporary
from shared.clock import Clock
from shared.ids import named

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0


def look_again_at_all(tx: sa.Connection, now: datetime, judged_by: str) -> int:
    """Set a timer for everybody whose verdict is by other rules; how many they are."""
    c = CONTACT.c
    others = sa.select(c.contact_id, c.workspace_id).where(c.judged_by != judged_by)
    cause = named("triage.rules", judged_by, now.isoformat())
    return arm_from(tx, TABLES, GROUP, cause, others, plan=LOOK_AGAIN, at=now)


@dataclass(eq=False)
class Rejudging:
    """Looks once, when the service starts, for verdicts that came by anything but `judged_by`."""

    engine: sa.Engine
    clock: Clock
    judged_by: str
    _done: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until cancelled."""
        while not self._done.is_set():
            try:
                await asyncio.to_thread(self._look)
                self._done.set()
            except Exception as error:
                if not is_temporary(error):
                    raise
                log.warning("a second look at old verdicts waits: %s", described(error))
                await asyncio.sleep(PAUSE_SECONDS)
        await asyncio.Event().wait()

    def nudge(self) -> None:
        """Nothing comes to it later."""

    async def busy(self) -> str:
        return "" if self._done.is_set() else "verdicts by older rules to look at"

    async def next_due(self) -> datetime | None:
        return None

    def _look(self) -> None:
        with self.engine.begin() as tx:
            if count := look_again_at_all(tx, self.clock(), self.judged_by):
                log.info("%d verdicts are by other rules and are looked at again", count)
