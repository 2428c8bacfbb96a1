"""`rekindle import FILE`."""

import asyncio
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console

from rekindle.catalogue import build
from rekindle.engines import EngineError
from rekindle.migrating import migrate
from rekindle.place import DEFAULT, Place, engines_of
from rekindle.topics import KEPT_FOR_EVER, make_topics
from services.console import store as console
from services.crm_sync.importing import Importer, ImportReport
from shared.bus import Member
from shared.clock import utc_now
from shared.ids import named
from shared.process import alive
from shared.settings import Settings
from shared.topics import TOPICS

FIRST = "default"
LOOK_SECONDS = 0.05


def import_(
    file: Annotated[Path, typer.Argument(help="A CSV as a CRM exports it.")],
    workspace: Annotated[
        str | None, typer.Option(help="Whose customers they are; the only workspace there is.")
    ] = None,
    region: Annotated[
        str, typer.Option(help="Country of numbers without a prefix, where a row names none.")
    ] = "US",
    data: Annotated[Path, typer.Option(help="The folder with the data.")] = DEFAULT,
) -> None:
    """Import a list. The same file again changes nothing; a changed row changes one contact."""
    place, say = Place(data), Console()
    place.claim(over_demo=True)
    with engines_of(place, durable=True) as (kafka_url, database_url):
        settings = place.settings(kafka_url, database_url)
        migrate(settings)
        name = workspace or only_workspace(settings)
        report = asyncio.run(bring_in(settings, file, name, region.upper()))
    if report.changed:
        place.keep()
    rows = f"{report.records:,} rows, {report.changed:,} new or changed"
    say.print(f"{file.name}: {rows}, {report.described}")
    if report.unplaced:
        say.print(f"Not used: {', '.join(report.unplaced)}")


async def bring_in(settings: Settings, file: Path, workspace: str, region: str) -> ImportReport:
    """Import, and stay until all of it is on the bus."""
    await make_topics(settings.kafka_url, [topic.name for topic in TOPICS], config=KEPT_FOR_EVER)
    service = build("crm_sync", settings, utc_now)
    with Importer.of(settings, utc_now) as importer:
        async with alive(settings.kafka_url, [service]):
            report = await asyncio.to_thread(
                importer.import_file, file, named("workspace", workspace), region=region
            )
            for member in service.members:
                await until_said(member)
    return report


async def until_said(member: Member) -> None:
    """Until its outbox is empty."""
    while await member.busy():  # noqa: ASYNC110  the bus tells nobody when it has everything
        await asyncio.sleep(LOOK_SECONDS)


def only_workspace(settings: Settings) -> str:
    """The one workspace, made where there is none. Raises EngineError when there are several."""
    engine = sa.create_engine(settings.database_of("console"))
    with engine.begin() as tx:
        known = [name for _, name in console.find_workspaces(tx)]
        if not known:
            console.save_workspace(tx, named("workspace", FIRST), FIRST)
    engine.dispose()
    if len(known) > 1:
        sentence = f"There are several workspaces: name one with --workspace ({', '.join(known)})."
        raise EngineError(sentence)
    return known[0] if known else FIRST
