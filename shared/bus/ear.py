"""Hears the database's NOTIFY: somebody at the edge has written."""

import asyncio
import logging
from collections.abc import Callable

import psycopg
import sqlalchemy as sa

from shared.bus.faults import described

log = logging.getLogger(__name__)

DEAF_SECONDS = 1.0


async def listen(engine: sa.Engine, name: str, group: str, heard: Callable[[], None]) -> None:
    """Hear what concerns the group, until cancelled.

    A deaf moment is harmless: whoever is woken also looks by itself.
    """
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as ear:
                await ear.execute(f'LISTEN "{name}"'.encode())
                heard()  # for what was said before
                async for note in ear.notifies():
                    if note.payload == group:
                        heard()
        except (psycopg.Error, OSError) as error:
            log.warning("%s is not heard: %s", name, described(error))
        await asyncio.sleep(DEAF_SECONDS)
