"""`rekindle status`."""

import asyncio
import json
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

from rekindle.commands.answers import AsObject, Data
from rekindle.place import DEFAULT, Place
from rekindle.status import Status, look

AILING = 1
HEADS = ("service", "state", "to hear", "view", "unpublished", "waits for a person")


def status(data: Data = DEFAULT, as_object: AsObject = False) -> None:
    """How every service is, also those that are down; exit code 1 if anything is wrong."""
    found = asyncio.run(look(Place(data)))
    if as_object:
        print(json.dumps({"services": [one.model_dump() for one in found]}))  # noqa: T201  the command's output
    else:
        say = Console()
        say.print(table(found))
        for one in found:
            for sentence in one.sentences:
                say.print(f"{one.service}: {sentence}.", soft_wrap=True, markup=False)
    if any(one.sentences for one in found):
        raise typer.Exit(AILING)


def table(found: Sequence[Status]) -> Table:
    """One line for each service of each process."""
    its = Table(*HEADS)
    for one in found:
        waiting = ", ".join(f"{count:,} {kind}" for kind, count in one.waiting.items())
        its.add_row(
            one.service,
            one.state,
            f"{sum(one.to_hear.values()):,}" if one.to_hear else "-",
            _age(one.view_seconds),
            _age(one.unpublished_seconds),
            waiting or "-",
        )
    return its


def _age(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:,.0f} s"
