"""`rekindle import FILE`."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, TypedDict, Unpack

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.progress import Progress as Bar

from rekindle.catalogue import build
from rekindle.commands.files import (
    ColumnsFile,
    Delimiter,
    Encoding,
    HeaderLine,
    Region,
    Sheet,
    columns_file,
    looked_at,
    told_by,
)
from rekindle.engines import EngineError
from rekindle.engines.folder import make_folder
from rekindle.migrating import migrate
from rekindle.place import DEFAULT, Place, named_servers, settings_of
from rekindle.topics import KEPT_FOR_EVER, make_topics
from services.console import store as console
from services.crm_sync.columns import Look, as_toml
from services.crm_sync.dialects import Told
from services.crm_sync.importing import Importer, ImportReport, Progress
from services.crm_sync.records import looks_of, open_columns, open_source
from shared.bus import Member
from shared.clock import utc_now
from shared.ids import named
from shared.privacy.master import key_from_seed
from shared.process import alive
from shared.settings import Settings
from shared.telemetry.exporting import traced
from shared.topics import TOPICS

FIRST = "default"
LOOK_SECONDS = 0.05


def import_(
    file: Annotated[Path, typer.Argument(help="A list as a CRM exports it.")],
    workspace: Annotated[
        str | None, typer.Option(help="Whose customers they are; the only workspace there is.")
    ] = None,
    region: Region = "US",
    source: Annotated[str, typer.Option(help="The system that the list comes from.")] = "csv",
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    header_line: HeaderLine = 0,
    sheet: Sheet = "",
    columns: ColumnsFile = None,
    look: Annotated[
        bool, typer.Option("--look", help="Only show what the columns are taken for.")
    ] = False,
    data: Annotated[Path, typer.Option(help="The folder with the data.")] = DEFAULT,
) -> None:
    """Import a list: CSV of any kind, .xlsx, also in gzip or zip.

    The same file again changes nothing; a changed row changes one contact.
    """
    place, say = Place(data), Console()
    kept = columns_file(place.folder, source)
    told = told_by(
        encoding, delimiter, header_line, sheet, columns or (kept if kept.exists() else None)
    )
    given = Given(region=region, source=source, told=told)
    if look:
        show_columns(file, given, kept, say)
        return
    table, found = open_columns(file, region=region, told=told)  # or refused before all else
    if not named_servers():
        place.claim(over_demo=True)
    keep_columns(kept, source, columns, looks_of(table, found, region))
    with settings_of(place, durable=True) as settings:
        migrate(settings)
        name = workspace or only_workspace(settings)
        with progress_bar() as progress:
            report = asyncio.run(bring_in(settings, file, name, progress, **given))
    if report.changed and not named_servers():
        place.keep()
    rows = f"{report.records:,} rows, {report.changed:,} new or changed"
    say.print(f"{file.name}: {rows}, {report.described}")
    if report.unplaced:
        say.print(f"Not used: {', '.join(report.unplaced)}")
    if report.unread:
        said = ", ".join(f"{name} ({n:,})" for name, n in report.unread.items())
        say.print(f"Values that nobody understands: {said}")


class Given(TypedDict):
    """How a list is to be read."""

    region: str
    source: str
    told: Told


def show_columns(file: Path, given: Given, kept: Path, say: Console) -> None:
    """What the columns of a file are taken for; kept for the source where nothing is yet."""
    hasher = key_from_seed(0).hasher(named("workspace", FIRST))  # nothing hashed leaves
    source = open_source(
        file, region=given["region"], hasher=hasher, today=utc_now().date(), told=given["told"]
    )
    say.print(f"{file.name}: {source.rows:,} rows, {source.table.described}")
    say.print(looked_at(source.looks))
    keep_columns(kept, given["source"], None, source.looks)
    say.print(f"To change what a column is, edit {kept}.")


def keep_columns(kept: Path, source: str, told: Path | None, looks: Sequence[Look]) -> None:
    """Keep for the source what the columns are: as a person told, else as they were found.

    What is kept stays as somebody may have edited it, unless another file is named.
    """
    if told is None and kept.exists():
        return
    text = told.read_text("utf-8") if told else as_toml(source, looks)
    make_folder(kept.parent)
    kept.write_text(text, "utf-8")


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Shows how far an import is, where somebody watches."""
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Importing", total=None)

        def show(done: int, rows: int) -> None:
            bar.update(task, completed=done, total=rows)

        yield show


async def bring_in(
    settings: Settings, file: Path, workspace: str, progress: Progress, **given: Unpack[Given]
) -> ImportReport:
    """Import, and stay until all of it is on the bus."""
    await make_topics(settings.kafka_url, [topic.name for topic in TOPICS], config=KEPT_FOR_EVER)
    service = build("crm_sync", settings, utc_now)
    with traced(settings), Importer.of(settings, utc_now) as importer:
        async with alive(settings.kafka_url, [service]):
            workspace_id = named("workspace", workspace)
            take = partial(importer.import_file, file, workspace_id, progress=progress, **given)
            report = await asyncio.to_thread(take)
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
