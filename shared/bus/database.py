"""A service's connections, used from the loop: the work runs in a thread, one writer at a time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.types.array import ListBinaryDumper

from shared.clock import elapsed_seconds

T = TypeVar("T")

FROZEN_SECONDS_MAX = 10
LOCK_SECONDS_MAX = 20
SLOW_SECONDS = 5.0
CONNECTIONS = 4


def make_engine(url: str) -> sa.Engine:
    """One service's connections. A process frozen inside a transaction loses its locks.

    Errors never show parameters, which may be anyone's data.
    """
    settings = {
        "idle_in_transaction_session_timeout": f"{FROZEN_SECONDS_MAX}s",
        "lock_timeout": f"{LOCK_SECONDS_MAX}s",
        "timezone": "UTC",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    engine = sa.create_engine(
        url, pool_size=CONNECTIONS, hide_parameters=True, connect_args={"options": options}
    )
    sa.event.listen(engine, "connect", _prefer_binary_arrays)
    return engine


def _prefer_binary_arrays(connection: psycopg.Connection, _: object) -> None:
    """Whole batches travel as arrays; as text psycopg would look for quotes in each element."""
    connection.adapters.register_dumper(list, ListBinaryDumper)


@dataclass
class Database:
    """The engine as the loop sees it."""

    engine: sa.Engine
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _began: float = 0.0

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """What one statement says, at any time; no transaction around it saves two round trips."""

        def run() -> T:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
                return work(tx)

        return await asyncio.to_thread(run)

    @property
    def at_work(self) -> bool:
        """Whether a transaction of ours is under way."""
        return self._turn.locked()

    @property
    def slow_seconds(self) -> float:
        """For how long the transaction under way has been, once that is long; else 0."""
        seconds = elapsed_seconds() - self._began if self.at_work else 0.0
        return seconds if seconds > SLOW_SECONDS else 0.0

    async def transaction(self, work: Callable[[sa.Connection], T]) -> T:
        """One at a time, so that this process never waits for its own locks."""

        def run() -> T:
            with self.engine.begin() as tx:
                return work(tx)

        async with self._turn:
            self._began = elapsed_seconds()
            return await asyncio.to_thread(run)
