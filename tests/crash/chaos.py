"""What is done to whom, when, and what it hit.

Someone is killed every second or so; what is seldom is planned at fixed shares of the time. All
draws come from one seed. What they hit depends on the machine, and is counted.
"""

import asyncio
import math
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from rekindle.engines import Engines
from tests.crash.fleet import SESSION_SECONDS, Fleet
from tests.crash.judge import Chaos, kills_needed

PAUSE_SECONDS = (0.3, 2.0)
AIMED_SHARE = 0.25
FROZEN_SECONDS = (SESSION_SECONDS + 1.0, SESSION_SECONDS + 4.0)
GUEST_SECONDS = (3.0, 8.0)
# So often in this many seconds, and at least twice.
BROKER_EVERY, DATABASE_EVERY, FREEZE_EVERY, GUEST_EVERY = 45, 40, 20, 15
DATABASE_STOPS = ("fast", "immediate")
GUESTS = ("orchestrator-1", "sms-1", "triage", "agent")  # as whom one more comes

Strike = Callable[[], Awaitable[None]]


@dataclass
class Struck:
    """What was done, and what it hit: kills by the last point that the killed process passed."""

    kills: Counter[str] = field(default_factory=Counter)
    kills_reserve_to_settle: int = 0
    open_touches: int = 0
    stops: int = 0
    broker_kills: int = 0
    database_restarts: int = 0
    guests: int = 0
    fell: list[str] = field(default_factory=list)  # who ended by itself, and its last words

    def chaos(self, seconds: int) -> Chaos:
        return Chaos(
            seconds=seconds,
            kills=self.kills.total(),
            kills_reserve_to_settle=self.kills_reserve_to_settle,
            stops=self.stops,
            broker_kills=self.broker_kills,
            database_restarts=self.database_restarts,
        )


class Attack:
    """One attack on a fleet and its engines."""

    def __init__(self, fleet: Fleet, engines: Engines, seconds: int, seed: int) -> None:
        self.fleet, self.engines, self.seconds = fleet, engines, seconds
        self.draw = random.Random(seed)
        self.struck = Struck()
        self._frozen: dict[str, float] = {}
        self._guests: dict[str, float] = {}
        self._broker: asyncio.Task[None] | None = None

    async def run(self) -> Struck:
        """Strike for so many seconds; in the end everything is up again.

        On a machine that is too slow for enough kills it takes longer, at most twice as long.
        """
        began, planned, due = time.monotonic(), self._planned(), 0.0
        while (elapsed := time.monotonic() - began) < self._seconds_enough:
            while planned and planned[0][0] <= elapsed:
                await planned.pop(0)[1]()
            self._after_a_while(time.monotonic())
            self._kill_one()
            due += self.draw.uniform(*PAUSE_SECONDS)  # after a hold-up they follow closely
            await asyncio.sleep(max(PAUSE_SECONDS[0], due - (time.monotonic() - began)))
        self._after_a_while(math.inf)
        await self._broker_up()
        return self.struck

    @property
    def _seconds_enough(self) -> int:
        enough = self.struck.kills.total() >= kills_needed(self.seconds)
        hard = enough and self.struck.kills_reserve_to_settle > 0
        return self.seconds if hard else 2 * self.seconds

    def _planned(self) -> list[tuple[float, Strike]]:
        """Moments in seconds, spread over the time, and what is done then."""

        def spread(every: int, offset: float, *what: Strike) -> list[tuple[float, Strike]]:
            count = max(2, self.seconds // every)
            step = self.seconds / count
            return [(step * (n + offset), what[n % len(what)]) for n in range(count)]

        moments = [
            *spread(BROKER_EVERY, 0.3, self._kill_broker),
            *spread(DATABASE_EVERY, 0.7, *(self._restarts(how) for how in DATABASE_STOPS)),
            *spread(FREEZE_EVERY, 0.15, self._freeze),
            *spread(GUEST_EVERY, 0.5, self._invite),
        ]
        return sorted(moments, key=lambda moment: moment[0])

    def _kill_one(self) -> None:
        name = self._victim()
        if self._raised(name):
            return
        self.fleet.kill(name)
        passed = self.fleet.passed(name)
        self.struck.kills[passed.last or "(nothing yet)"] += 1
        self.struck.kills_reserve_to_settle += passed.open_touches > 0
        self.struck.open_touches += passed.open_touches
        self.fleet.begin(name)

    def _victim(self) -> str:
        """Of some service: each has the same chance, however many processes it has.

        Now and then somebody whose call to a provider is open. Who has only just begun has little
        to lose, and is spared while others work.
        """
        awake = self._awake
        calling = [name for name in awake if self.fleet.passed(name).open_touches > 0]
        if calling and self.draw.random() < AIMED_SHARE:
            return self.draw.choice(calling)
        return self._one_of([name for name in awake if self.fleet.at_work(name)] or awake)

    def _raised(self, name: str) -> bool:
        """Start it again when it ended by itself, as any supervisor would."""
        if self.fleet.running[name].poll() is None:
            return False
        self.struck.fell.append(f"{name}: {self.fleet.last_words(name)}")
        self.fleet.begin(name)
        return True

    def _one_of(self, names: Sequence[str]) -> str:
        services = sorted({self.fleet.roles[name].service for name in names})
        service = self.draw.choice(services)
        return self.draw.choice([one for one in names if self.fleet.roles[one].service == service])

    @property
    def _awake(self) -> list[str]:
        return [name for name in self.fleet.running if name not in self._frozen]

    async def _freeze(self) -> None:
        """Longer than the session lasts: its lanes move on, and then it is back."""
        name = self._one_of([name for name in self._awake if name not in self._guests])
        self.fleet.running[name].send_signal(signal.SIGSTOP)
        self._frozen[name] = time.monotonic() + self.draw.uniform(*FROZEN_SECONDS)
        self.struck.stops += 1

    async def _invite(self) -> None:
        """One more of a group comes for a while, and leaves in order."""
        name = self.fleet.invite(self.draw.choice(GUESTS))
        self._guests[name] = time.monotonic() + self.draw.uniform(*GUEST_SECONDS)
        self.struck.guests += 1

    async def _kill_broker(self) -> None:
        """The killing goes on while it starts again."""
        await self._broker_up()
        self.engines.kafka.kill()
        self.engines.kafka.launch()
        self._broker = asyncio.create_task(asyncio.to_thread(self.engines.kafka.wait))
        self.struck.broker_kills += 1

    async def _broker_up(self) -> None:
        if self._broker:
            await self._broker

    def _restarts(self, how: str) -> Strike:
        async def restart() -> None:
            self.engines.postgres.stop(how)
            self.engines.postgres.start()
            self.struck.database_restarts += 1

        return restart

    def _after_a_while(self, now: float) -> None:
        """Wake whoever slept long enough, and let guests go whose time is over."""
        for name in _over(self._frozen, now):
            self.fleet.running[name].send_signal(signal.SIGCONT)
        for name in _over(self._guests, now):
            self.fleet.dismiss(name)
        for name in self.fleet.running:
            self._raised(name)


def _over(until: dict[str, float], now: float) -> list[str]:
    """Those whose time is over; they are taken out."""
    names = [name for name, end in until.items() if end <= now]
    for name in names:
        del until[name]
    return names
