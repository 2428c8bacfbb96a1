"""`rekindle roi FILE`: what a list may be worth, on the founder's own numbers."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from rekindle.bundle import TEMPLATES
from rekindle.commands.files import (
    ColumnsFile,
    Delimiter,
    Encoding,
    HeaderLine,
    Region,
    Sheet,
    told_by,
)
from rekindle.offline import refreshed, triage_file
from rekindle.returns import Range, Return, Terms, return_of
from shared.clock import utc_now


def roi(
    file: Annotated[Path, typer.Argument(help="A list as a CRM exports it.")],
    value: Annotated[float, typer.Option(min=0, help="What one expansion is worth a year.")],
    close_percent: Annotated[
        float, typer.Option(min=0, max=100, help="How many of 100 booked calls end in one.")
    ],
    region: Region = "US",
    fee: Annotated[float, typer.Option(min=0, help="What the campaign costs.")] = 0,
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    header_line: HeaderLine = 0,
    sheet: Sheet = "",
    columns: ColumnsFile = None,
    to: Annotated[Path | None, typer.Option(help="The page with the rows behind it.")] = None,
    as_object: Annotated[
        bool, typer.Option("--json", help="One JSON object, with the rows that were counted.")
    ] = False,
) -> None:
    """Work out what a campaign may bring: today, and with a proven consent of everybody."""
    told, now = told_by(encoding, delimiter, header_line, sheet, columns), utc_now()
    judged = triage_file(file, now, region, told)[1]
    its = return_of(judged, refreshed(judged, now), Terms(value, close_percent, fee))
    if as_object:
        sys.stdout.write(json.dumps(its.as_json(), ensure_ascii=False) + "\n")
        return
    say, page = Console(), to or Path(f"{file.name.partition('.')[0]}-roi.html")
    show(say, its)
    text = TEMPLATES.get_template("roi.html.j2").render(its=its, name=file.name, on=now.date())
    page.write_text(text, encoding="utf-8")
    say.print(f"Every figure with its rows: {page}", soft_wrap=True)


def show(say: Console, its: Return) -> None:
    """The three groups side by side."""
    table = Table(title="What a campaign may bring", title_justify="left")
    for column in (
        "",
        "people",
        "booked calls",
        "worth a year",
        "same calls by a salesperson, US$",
    ):
        table.add_column(column, justify="left" if not column else "right")
    for group in its.scenarios:
        ranges = (group.booked, group.worth, group.desk_cost)
        table.add_row(group.name, f"{group.people.count:,}", *map(said, ranges))
    say.print(table)
    if fee := its.scenarios[1].fee_each:
        say.print(f"The fee is {said(fee)} for each call booked from those of today.")
    say.print(
        f"A broadcast e-mail to the {its.mailed.count:,} who may get one: {said(its.mail_replies)} "
        "replies."
    )


def said(its: Range) -> str:
    """A range in whole numbers."""
    return f"{its.low:,.0f}–{its.high:,.0f}"  # noqa: RUF001  a range has an en dash
