"""What a person may say of a file, the same for every command that reads one."""

from typing import Annotated

import typer
from phonenumbers import SUPPORTED_REGIONS

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


def told_by(encoding: str, delimiter: str, header_line: int, sheet: str) -> Told:
    """What the options say; what is left out is found out. Raises BadParameter."""
    delimiter = "\t" if delimiter in ("tab", r"\t") else delimiter
    if len(delimiter) > 1 or delimiter in ('"', "\r", "\n"):
        raise typer.BadParameter("A delimiter is one character, or “tab”.")
    return Told(encoding, delimiter, header_line, sheet)
