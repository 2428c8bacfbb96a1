"""WhatsApp templates: what a signed opener or callback must be before it may be sent unasked.

When a campaign goes live its lines become rows, in the transaction that hears of it. This loop
makes a template of each: row, call, settle. A crash between makes one twice, which harms nobody.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.channels.adapters.base import CALL_SECONDS_MAX, TemplateMaker, TemplateRefusedError
from services.channels.edges import Edge
from services.channels.rendering import numbered
from services.channels.store import REQUEST, TEMPLATE, Making, Row, TemplateRow
from shared.bus.faults import described, is_temporary
from shared.crash import point
from shared.events import CampaignChanged, Line
from shared.signing import digest_of, is_signed
from shared.words import CampaignState, Channel, Purpose

log = logging.getLogger(__name__)

TEMPLATED = frozenset({Purpose.OPENER, Purpose.CALLBACK})  # what is said unasked
PAUSE_SECONDS = 1.0
DIGEST_DIGITS = 12


def want_templates(tx: sa.Connection, campaigns: Iterable[CampaignChanged]) -> None:
    """A row for each line of a live campaign that needs a template and has none."""
    rows = [
        TemplateRow(
            workspace_id=campaign.workspace_id,
            digest=digest_of(line),
            line_id=line.id,
            language=line.language,
            text=line.text,
        ).model_dump()
        for campaign in campaigns
        if campaign.state is CampaignState.LIVE
        for line in campaign.script
        if _needs_template(line)
    ]
    if rows:
        tx.execute(pg.insert(TEMPLATE).on_conflict_do_nothing(), rows)


def _needs_template(line: Line) -> bool:
    return line.channel is Channel.WHATSAPP and line.purpose in TEMPLATED and is_signed(line)


@dataclass(eq=False)
class Templates:
    """Makes the templates that are wanted."""

    edge: Edge
    maker: TemplateMaker
    _turning: asyncio.Lock = field(default_factory=asyncio.Lock)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._woken.clear()
            try:
                async with self._turning:
                    await self.make_wanted()
            except Exception as error:
                if not is_temporary(error):
                    raise
                log.warning("templates wait: %s", described(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_SECONDS):
                    await self._woken.wait()

    async def make_wanted(self) -> None:
        """Make all that are wanted now. Raises ConnectionError when the provider is away."""
        pending = await asyncio.to_thread(self._pending)
        for row in pending:
            await self._make(row)

    def nudge(self) -> None:
        self._woken.set()

    async def busy(self) -> str:
        async with self._turning:
            pending = await asyncio.to_thread(self._pending)
        return "templates to make" if pending else ""

    async def next_due(self) -> datetime | None:
        return None

    def _pending(self) -> list[Row]:
        ask = sa.select(TEMPLATE).where(TEMPLATE.c.state == Making.PENDING)
        with self.edge.engine.connect() as tx:
            return list(tx.execute(ask.order_by(TEMPLATE.c.line_id, TEMPLATE.c.language)))

    async def _make(self, row: Row) -> None:
        body, places = numbered(row.text)
        name = f"{row.line_id}_{row.language}_{row.digest[:DIGEST_DIGITS]}".replace(".", "_")
        try:
            point("template.before")
            async with asyncio.timeout(CALL_SECONDS_MAX):
                sid = await self.maker.make_template(name, row.language, body, len(places))
            point("template.after")
            state = Making.MADE
        except TemplateRefusedError as error:
            log.warning("the line %s (%s) is no template: %s", row.line_id, row.language, error)
            sid, state = "", Making.REFUSED
        await asyncio.to_thread(self._settle, row, state, sid)

    def _settle(self, row: Row, state: Making, sid: str) -> None:
        c = TEMPLATE.c
        its = (c.workspace_id == row.workspace_id, c.digest == row.digest)
        update = sa.update(TEMPLATE).where(*its).values(state=state, sid=sid)
        # What waited for the template was kept back by us: only from now on is it due.
        waited = sa.update(REQUEST).where(
            REQUEST.c.workspace_id == row.workspace_id, REQUEST.c.channel == Channel.WHATSAPP
        )

        def write(tx: sa.Connection) -> None:
            tx.execute(update)
            tx.execute(waited.values(due_at=self.edge.now()))

        self.edge.transact(write)
