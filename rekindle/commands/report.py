"""`rekindle report`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from rekindle.auditing import audit
from rekindle.bundle import write_bundle
from rekindle.commands.audit import moment_of
from rekindle.place import DEFAULT, Place, settings_of
from rekindle.stream import read_stream


def report(
    data: Annotated[Path, typer.Option(help="The folder with the data.")] = DEFAULT,
    to: Annotated[Path | None, typer.Option(help="Where to write; default: DATA/report.")] = None,
) -> None:
    """Write the founder's bundle: report, calls, transcripts, do-not-contact list, outcomes."""
    place = Place(data)
    folder = to or place.folder / "report"
    with settings_of(place) as settings:
        recorded = asyncio.run(read_stream(settings.kafka_url))
        vault, at = settings.make_vault(), moment_of(recorded)
        found = audit(recorded, at=at)
        write_bundle(folder, recorded, vault.keys, at=at, zone=settings.calendar_zone, audit=found)
        vault.engine.dispose()
    typer.echo(f"{folder}/report.html")
