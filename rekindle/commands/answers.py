"""What the commands that ask services have in common."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

Row = dict[str, Any]
Data = Annotated[Path, typer.Option(help="The folder with the data.")]
AsObject = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def say(found: Row, lines: Iterator[str], nothing: str, *, as_object: bool) -> None:
    """The answer as one object, or in lines; `nothing` where there are none."""
    text = json.dumps(found) if as_object else "\n".join(lines) or nothing
    sys.stdout.write(f"{text}\n")


def minute(moment: str) -> str:
    """A moment of an answer as people read it."""
    return f"{moment[:16].replace('T', ' ')} UTC"
