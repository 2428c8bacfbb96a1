"""A small campaign is cut once at every point; whoever was cut comes back, and it ends well."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from rekindle.auditing import audit
from rekindle.engines import Engines, clear
from rekindle.engines.folder import free_ports
from shared.crash import POINTS, read_points
from tests.crash.door import door
from tests.crash.fleet import Forked
from tests.journey.campaign import CAMPAIGN, FACTOR, START, Settled, some_people
from tests.journey.processes import Processes, Role, until

# Who is cut where, in this order; the first three begin while the list comes in.
WALKS = {
    "importing": ("key.before", "key.after", "import.before", "import.after"),
    "crm_sync": ("delete.before", "delete.after"),
    "triage": ("outbox.before", "outbox.after"),
    "orchestrator": (
        "timer.before", "timer.after", "publish.before", "publish.after",
        "acknowledgement.before", "acknowledgement.after",
    ),
    "agent": ("offset.before", "offset.after"),
    "channels": (
        "template.before", "template.after", "reserve.before", "reserve.after", "call.before",
        "call.after", "settle.before", "settle.after", "webhook.before", "webhook.after",
        "answer.before", "answer.after",
    ),
    "booking": ("booking.before", "booking.after"),
}  # fmt: skip
PEOPLE = 240
TICK_SECONDS = 0.1
SECONDS_MAX = 600  # until somebody dies, comes back, or all is settled
ROW = "{:>2} {:24}{:14}{:>8}  {}"


@dataclass(frozen=True, slots=True)
class Cut:
    """A process died at a point; so many seconds later its successor had passed one itself."""

    point: str
    name: str
    recovery_seconds: float


class Walked(Processes):
    """Each process is told where to end; the last one of a walk is told nothing.

    Providers come through a door that waits for whoever is down, as their own repetitions would.
    """

    def __init__(self, folder: Path, engines: Engines, csv: Path) -> None:
        super().__init__(folder, engines, START, FACTOR)
        self.csv = csv
        self.behind = dict(zip(("WEBHOOKS_PORT", "MAIL_IN_PORT"), free_ports(2), strict=True))
        self.roles["channels"] = Role("channels", {n: str(p) for n, p in self.behind.items()})
        self.begun = dict.fromkeys([*self.roles, "importing"], 0)

    def spawn(self, role: Role, log: Path) -> "Forked | subprocess.Popen[bytes]":
        """The next process of a walk."""
        name = role.service
        step = self.begun[name]
        self.begun[name] += 1
        at, file = [*WALKS.get(name, ()), ""][step], str(self.file(name, step))
        told = {"REKINDLE_CRASH_AT": at, "REKINDLE_POINTS_FILE": file}
        env = {**self.env, **role.env, **told}
        if name == "importing":
            words = [sys.executable, "-m", "tests.crash.importing", str(self.csv)]
            with log.open("ab") as out:
                return subprocess.Popen(words, env={**os.environ, **env}, stdout=out, stderr=out)
        return Forked(name, env, log)

    async def walk(self, name: str) -> list[Cut]:
        """Go on after each death; the first process runs already."""
        cuts = []
        for step, at in enumerate(WALKS[name]):
            process = self.running[name]
            await true(lambda process=process: process.poll() is not None, f"{name} dies at {at}")
            said = (process.poll(), read_points(self.file(name, step)).last)
            assert said == (-signal.SIGKILL, at), self.log(name)
            died_at = time.monotonic()
            self.begin(name)
            successor = self.file(name, step + 1)
            await true(lambda file=successor: read_points(file).last, f"{name} works after {at}")
            cuts.append(Cut(at, name, time.monotonic() - died_at))
        return cuts

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Started inside, with open doors."""
        try:
            async with (
                door(self.settings.webhooks_port, [self.behind["WEBHOOKS_PORT"]]),
                door(self.settings.mail_in_port, [self.behind["MAIL_IN_PORT"]]),
            ):
                await self.start()
                yield
        finally:
            await self.stop()

    def file(self, name: str, step: int) -> Path:
        return self.folder / f"{name}.{step}.points"

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()[-3000:]


async def true(condition, what: str) -> None:
    """Wait until it holds, with a deadline that says what did not come true."""

    async def looked() -> bool:
        return bool(condition())

    looked.__name__ = what
    await until(looked, SECONDS_MAX)


async def campaign(world: Walked) -> tuple[list[Cut], Settled]:
    """Import, go live, be cut at every point, and settle."""
    async with world.open(), asyncio.TaskGroup() as group:
        walks = {name: group.create_task(world.walk(name)) for name in WALKS if name in world.roles}
        records = await world.settle_people(world.csv)
        world.roles["importing"] = Role("importing")
        world.begin("importing")
        walks["importing"] = group.create_task(world.walk("importing"))
        await asyncio.wait([walks["importing"]])
        await world.until_known(
            records
        )  # the others may have nothing to do until there are outcomes
        await world.go_live(CAMPAIGN, "autumn")
        while not all(walk.done() for walk in walks.values()):
            await world.tick()
            await asyncio.sleep(TICK_SECONDS)
        settled = Settled(world)
        await until(settled, SECONDS_MAX)
        return [cut for walk in walks.values() for cut in walk.result()], settled


def table(cuts: Iterable[Cut]) -> str:
    """The points by number: who died there, how soon it went on, and what it found."""
    at = {cut.point: cut for cut in cuts}
    rows = [
        ROW.format(n, point, at[point].name, f"{at[point].recovery_seconds:.1f} s", found)
        for n, (point, found) in enumerate(POINTS.items(), start=1)
    ]
    return "\n".join([ROW.format("", "point", "died in", "back in", "what it left"), *rows])


def test_every_point_is_on_somebodys_walk():
    assert sorted(at for walk in WALKS.values() for at in walk) == sorted(POINTS)


@pytest.mark.timeout(2000)
def test_every_promise_holds_though_the_campaign_is_cut_at_every_point(tmp_path, capsys):
    with Engines(tmp_path / "engines") as engines:
        world = Walked(tmp_path, engines, some_people(tmp_path, PEOPLE))
        with world.sandbox:
            cuts, end = asyncio.run(campaign(world))
    clear(tmp_path / "engines")
    with capsys.disabled():
        print(f"\n{table(cuts)}")  # noqa: T201  the list of recoveries is what is asked for
    found = audit(end.recorded, at=end.recorded.events[-1].time, ledger=end.ledger)
    assert [(one.invariant, one.sentence) for one in found.broken] == []
