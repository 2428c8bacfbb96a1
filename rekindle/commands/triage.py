"""`rekindle triage FILE`."""

import json
import sys
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rekindle.commands.files import Delimiter, Encoding, HeaderLine, Sheet, told_by
from rekindle.equation import equation
from rekindle.offline import as_json, triage_file
from shared.clock import utc_now

NOON = time(12, tzinfo=UTC)


def triage(
    file: Annotated[Path, typer.Argument(help="A list as a CRM exports it.")],
    region: Annotated[
        str, typer.Option(help="Country of numbers without a prefix, where a row names none.")
    ] = "US",
    at: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to judge on: today.")
    ] = None,
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    header_line: HeaderLine = 0,
    sheet: Sheet = "",
    as_lines: Annotated[
        bool, typer.Option("--json", help="One JSON object per row, and nothing else.")
    ] = False,
) -> None:
    """Say for each row whether the person may be contacted, how, and why not. Offline."""
    now = datetime.combine(at.date(), NOON) if at else utc_now()
    told = told_by(encoding, delimiter, header_line, sheet)
    source, judged = triage_file(file, now, region.upper(), told)
    verdicts = list(judged)
    if as_lines:
        row_of = {row.contact_id: row.row for row, _ in verdicts}
        for row, judgement in verdicts:
            sys.stdout.write(json.dumps(as_json(row, judgement, row_of), ensure_ascii=False) + "\n")
        return
    say = Console()
    say.print(f"{file.name}: {source.rows:,} rows, {source.table.described}")
    if unplaced := source.columns.unplaced:
        say.print(f"Not used: {', '.join(unplaced)}")
    say.print(equation((its.verdict, its.reasons) for _, its in verdicts))
