"""What a person may say of a file, the same for every command that reads one."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from phonenumbers import SUPPORTED_REGIONS
from rich.table import Table

from services.crm_sync.columns import Look, read_columns
from services.crm_sync.dialects import Told


def region_of(code: str) -> str:
    """A country's code, in capitals. Raises BadParameter when there is no such country."""
    if (region := code.strip().upper()) not in SUPPORTED_REGIONS:
        sentence = f"{code!r} is no country: write two letters, such as US or LT."
        raise typer.BadParameter(sentence)
    return region


Region = Annotated[
    str,
    typer.Option(
        callback=region_of, help="Country of numbers without a prefix, where a row names none."
    ),
]
Encoding = Annotated[str, typer.Option(help="How its letters are coded, such as cp1252.")]
Delimiter = Annotated[str, typer.Option(help="What parts its cells; “tab” for a tab.")]
HeaderLine = Annotated[int, typer.Option(min=0, help="The line with the names of the columns.")]
Sheet = Annotated[str, typer.Option(help="The sheet of a spreadsheet.")]
ColumnsFile = Annotated[
    Path | None, typer.Option("--columns", help="A file that says what the columns are.")
]


def told_by(
    encoding: str, delimiter: str, header_line: int, sheet: str, columns: Path | None = None
) -> Told:
    """What the options say; what is left out is found out.

    Raises BadParameter, and UnusableFileError for a file of columns that cannot be read.
    """
    delimiter = "\t" if delimiter in ("tab", r"\t") else delimiter
    if len(delimiter) > 1 or delimiter in ('"', "\r", "\n"):
        raise typer.BadParameter("A delimiter is one character, or “tab”.")
    settled, words = read_columns(columns) if columns else ({}, {})
    return Told(encoding, delimiter, header_line, sheet, settled, words)


def columns_file(folder: Path, source: str) -> Path:
    """Where the columns of a source are kept."""
    name = re.sub(r"[^\w-]+", "-", source)
    return folder / "columns" / f"{name}.toml"


def looked_at(looks: Sequence[Look]) -> Table:
    """The columns of a file, with what they are taken for, how well that fits, and some values."""
    table = Table("column", "is read as", "fits", "such as")
    for look in looks:
        fits = "" if look.understood is None else f"{look.understood:.0%}"
        table.add_row(look.name, look.meaning or "not used", fits, ", ".join(look.samples))
    return table
