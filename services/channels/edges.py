"""What webhooks, senders and listeners stand on: the database, the clock and the keys."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from services.channels.tokens import Tokens
from shared.bus.faults import is_temporary
from shared.clock import Clock, SteppedClock, due_until, speed_of
from shared.privacy.hashes import Hasher
from shared.privacy.master import MasterKey
from shared.privacy.vault import Vault

TRIES_MAX = 5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Edge:
    """One process's edge of channels."""

    engine: sa.Engine
    clock: Clock
    vault: Vault
    master: MasterKey = field(repr=False)

    def transact(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` in one transaction. What passes by itself, such as a deadlock, is repeated."""
        for attempt in range(1, TRIES_MAX + 1):
            try:
                with self.engine.begin() as tx:
                    return work(tx)
            except Exception as error:
                if attempt == TRIES_MAX or not is_temporary(error):
                    raise
        raise AssertionError("a loop with a bound ends by returning or raising")

    def now(self) -> datetime:
        return self.clock()

    def due_until(self) -> datetime:
        """What was to happen by this moment is due."""
        return due_until(self.clock)

    def hasher(self, workspace_id: UUID) -> Hasher:
        return self.master.hasher(workspace_id)

    @property
    def tokens(self) -> Tokens:
        """For reply addresses and links."""
        return Tokens(self.master.token("reply addresses").encode())

    @property
    def stepped(self) -> bool:
        """The clock stands still between steps: within one, waiting changes nothing."""
        return isinstance(self.clock, SteppedClock)

    @property
    def speed(self) -> float:
        """Seconds of the service's clock in a second of the wall."""
        return speed_of(self.clock)
