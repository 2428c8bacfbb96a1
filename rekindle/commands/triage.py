"""`rekindle triage FILE`: who of a list can be contacted, before anything is set up."""

import json
import sys
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from rekindle.commands.files import (
    ColumnsFile,
    Delimiter,
    Encoding,
    HeaderLine,
    Region,
    Sheet,
    told_by,
)
from rekindle.equation import equation
from rekindle.explaining import as_json
from rekindle.offline import refreshed, triage_file
from rekindle.summary import Summary
from rekindle.triage_files import write_triage
from shared.clock import utc_now

NOON = time(12, tzinfo=UTC)


def triage(
    file: Annotated[Path, typer.Argument(help="A list as a CRM exports it.")],
    region: Region = "US",
    at: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to judge on: today.")
    ] = None,
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    header_line: HeaderLine = 0,
    sheet: Sheet = "",
    columns: ColumnsFile = None,
    to: Annotated[
        Path | None, typer.Option(help="The folder for report.html, exclusions.csv and pool.csv.")
    ] = None,
    as_lines: Annotated[
        bool, typer.Option("--json", help="One JSON object per row, and nothing else.")
    ] = False,
) -> None:
    """Say for each row whether the person may be contacted, how, and why not. Offline."""
    now = datetime.combine(at.date(), NOON) if at else utc_now()
    told = told_by(encoding, delimiter, header_line, sheet, columns)
    source, verdicts = triage_file(file, now, region, told)
    if as_lines:
        row_of = {row.contact_id: row.row for row, _ in verdicts}
        for row, judgement in verdicts:
            sys.stdout.write(json.dumps(as_json(row, judgement, row_of), ensure_ascii=False) + "\n")
        return
    say = Console()
    say.print(f"{file.name}: {source.rows:,} rows, {source.table.described}")
    if unplaced := source.reader.columns.unplaced:
        say.print(f"Not used: {', '.join(unplaced)}")
    summary = Summary(file.name, verdicts, refreshed(verdicts, now), now.date())
    show(say, summary)
    folder = to or Path(f"{file.name.partition('.')[0]}-triage")
    write_triage(folder, summary)
    say.print(f"Every row with its reasons: {folder / 'report.html'}", soft_wrap=True)


def show(say: Console, summary: Summary) -> None:
    """The founder's summary."""
    say.print(equation((its.verdict, its.reasons) for _, its in summary.judged))
    table = Table(title="Who can be reached", title_justify="left")
    table.add_column("channel")
    for column in ("now", "once it is day there", "a consent would add"):
        table.add_column(column, justify="right")
    for line in summary.channels:
        table.add_row(line.name, *(f"{its.count:,}" for its in line[1:]))
    say.print(table)
    if summary.added.count:
        say.print(f"A proven consent would bring {summary.added.count:,} people in.")
    if summary.merges:
        folded = sum(len(its.folded) for its in summary.merges)
        say.print(
            f"{folded:,} rows are, or probably are, one of {len(summary.merges):,} other people: "
            "the merge plan is in the report."
        )
