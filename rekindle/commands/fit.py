"""`rekindle fit FILE`: the questions to ask before a contract."""

import json
import sys
from enum import StrEnum
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
from rekindle.fitting import Answer, Question, fits, questions
from rekindle.offline import triage_file
from shared.clock import utc_now

DOES_NOT_FIT = 1
MARKS = {Answer.YES: "✓", Answer.WARNING: "!", Answer.NO: "✗", Answer.UNKNOWN: "?"}


class Offer(StrEnum):
    """What came of the offer when the founder made it."""

    WORKS = "works"
    FAILS = "fails"


def fit(
    file: Annotated[Path, typer.Argument(help="A list as a CRM exports it.")],
    region: Region = "US",
    arr: Annotated[
        float | None, typer.Option(help="Yearly revenue, where the list does not say it.", min=0)
    ] = None,
    offer: Annotated[
        Offer | None, typer.Option(help="What comes of the offer when you make it yourself.")
    ] = None,
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    header_line: HeaderLine = 0,
    sheet: Sheet = "",
    columns: ColumnsFile = None,
    as_object: Annotated[
        bool, typer.Option("--json", help="One JSON object, with the rows that were counted.")
    ] = False,
) -> None:
    """Say whether a campaign makes sense for this list, and what to do instead if not.

    Exits with 1 where it does not.
    """
    told = told_by(encoding, delimiter, header_line, sheet, columns)
    _, judged = triage_file(file, utc_now(), region, told)
    works = None if offer is None else offer is Offer.WORKS
    asked = questions(judged, arr, offer_works=works)
    verdict = fits(asked)
    if as_object:
        its = {"fits": verdict, "questions": [one._asdict() for one in asked]}
        sys.stdout.write(json.dumps(its, ensure_ascii=False) + "\n")
    else:
        show(Console(), file.name, asked)
    if verdict is False:
        raise typer.Exit(DOES_NOT_FIT)


def show(say: Console, name: str, asked: list[Question]) -> None:
    """The questions with their answers, and the advice where there is one."""
    table = Table(title=f"Is a campaign right for {name}?", title_justify="left", show_header=False)
    for question in asked:
        words = (
            f"{question.sentence}\n→ {question.advice}" if question.advice else question.sentence
        )
        table.add_row(MARKS[question.answer], question.name, words)
    say.print(table)
    warned = any(question.answer is Answer.WARNING for question in asked)
    say.print(
        {
            None: "Not decided yet: a question is open.",
            False: "It is not a fit now.",
            True: "It can be done; mind the warnings." if warned else "It is a fit.",
        }[fits(asked)]
    )
