"""`rekindle demo`."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, RenderableType

from rekindle import demo as play
from rekindle.demo import Result, Wish, World
from rekindle.engines import Engines
from rekindle.equation import equation
from rekindle.place import DEFAULT, Place
from rekindle.stream import read_stream
from services.console.campaigns import label
from services.crm_sync.records import open_source
from shared.clock import elapsed_seconds, utc_now
from shared.ids import NOBODY
from shared.privacy.master import key_from_seed

FAILED = 1
FOLDER_MODE = 0o700


def demo(
    csv: Annotated[
        Path | None, typer.Argument(help="Your own list; the example's 2,500 by default.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws the simulated customers.")] = 7,
    days: Annotated[int, typer.Option(min=1, help="How many days to play.")] = 14,
    data: Annotated[Path, typer.Option(help="The folder with the data.")] = DEFAULT,
    as_object: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output, nothing else.")
    ] = False,
) -> None:
    """Play a campaign with simulated customers on real engines; no key, nobody is reached."""
    wish = Wish(csv=csv or Wish().csv, seed=seed, days=days)
    say = Console(stderr=as_object)
    result = asyncio.run(run(wish, Place(data), Teller(say)))
    if as_object:
        sys.stdout.write(json.dumps(result.as_json(), ensure_ascii=False) + "\n")
    if not result.good:
        raise typer.Exit(FAILED)


@dataclass
class Teller:
    """Says what happens; of a stage that has ended also how long it took."""

    out: Console
    began: float = field(default_factory=elapsed_seconds)
    stage_began: float = field(default_factory=elapsed_seconds)

    def say(self, words: RenderableType) -> None:
        self.out.print(words, highlight=False, soft_wrap=True)

    def ended(self, sentence: str) -> None:
        now = elapsed_seconds()
        self.say(f"{sentence} ({now - self.stage_began:.0f} s)")
        self.stage_began = now


async def run(wish: Wish, place: Place, teller: Teller) -> Result:
    """The whole demo, told as it goes."""
    check_list(wish)
    place.claim_for_demo(wish.seed)
    teller.say(f"Starting PostgreSQL, Kafka and all services in {place.folder}/")
    with Engines(place.folder) as engines:
        async with play.world(wish, place, engines) as world:
            teller.ended("They run; keys and ids follow from the seed")
            await tell_triage(world, teller)
            await tell_signing(world, teller)
            await tell_days(world, teller)
            place.demo.mkdir(mode=FOLDER_MODE, exist_ok=True)
            recorded, result = await play.judge(world, teller.began)
            folder = play.leave_bundle(world, recorded, result.audit)
    tell_end(result, folder, teller)
    return result


def check_list(wish: Wish) -> None:
    """Nothing is replaced for a file that cannot be used. Raises UnusableFileError."""
    hasher = key_from_seed(wish.seed).hasher(NOBODY)
    open_source(wish.csv, region=wish.region, hasher=hasher, today=utc_now().date())


async def tell_triage(world: World, teller: Teller) -> None:
    """Import, triage, and the row equation by reason."""
    report = await play.bring_in(world)
    teller.ended(f"Imported {report.records:,} rows of {world.wish.csv.name}: {report.described}")
    if report.unplaced:
        teller.say(f"Not used: {', '.join(report.unplaced)}")
    recorded = await read_stream(world.settings.kafka_url)
    teller.say(equation((its.verdict, its.reasons) for its in recorded.verdicts.values()))


async def tell_signing(world: World, teller: Teller) -> None:
    """The founder signs, visibly; then the campaign goes live."""
    campaign = await play.sign(world)
    brief = campaign.brief
    teller.ended(
        f"{brief.founder} of {brief.company} signs {len(campaign.script)} lines, one by one"
    )
    for line in campaign.script[:3]:
        assert line.signature is not None
        teller.say(f"  {label(line)} {line.signature.digest[:12]}… “{line.text[:60]}…”")
    teller.say(f"  … and {len(campaign.script) - 3} more")
    await play.go_live(world)
    teller.ended(f"“{campaign.name}” is live from {campaign.starts_at:%A %d %B %Y, %H:%M} UTC")


async def tell_days(world: World, teller: Teller) -> None:
    """One line a day, when it has ended."""
    starts = world.file.campaign.starts_at
    async for day in play.play(world):
        await world.progress.catch_up()
        progress = world.progress
        teller.ended(
            f"{starts + timedelta(days=day - 1):%a %d %b}  day {day:>2}"
            f"  touches {len(progress.touches):>5,}  replies {len(progress.replies):>4,}"
            f"  booked {progress.booked:>3}  suppressed {progress.suppressed:>3}"
        )


def tell_end(result: Result, folder: Path, teller: Teller) -> None:
    """The report's figures, the promises, and where the bundle lies."""
    its = result.figures
    teller.say(f"Admitted {its.admitted:,} = {its.pool:,} in the pool + {its.waiting:,} waiting")
    for title, counts in (
        ("Touches", its.touches),
        ("Replies", its.replies),
        ("Outcomes", its.outcomes),
    ):
        teller.say(f"{title}: " + ", ".join(f"{name} {n:,}" for name, n in counts.items()))
    teller.say(f"Booked {its.booked}, suppressed {its.suppressed}, callbacks {its.callbacks}")
    teller.say(f"Opt-outs missed: {result.missed_opt_outs}")
    audit = result.audit
    teller.ended(f"Audit: {audit.checked} invariants checked, {len(audit.broken)} broken")
    for broken in audit.broken[:20]:
        teller.say(f"  promise {broken.promise}, {broken.invariant}: {broken.sentence}")
    teller.say(f"Look at {os.path.relpath(folder)}/report.html ({result.seconds:.0f} s in all)")
