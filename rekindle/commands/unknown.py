"""`rekindle unknown list|settle`."""

from collections.abc import Iterator, Sequence
from typing import Annotated
from uuid import UUID

import typer

from rekindle.commands.answers import AsObject, Data, Row, minute, say
from rekindle.internal_client import ask_each
from rekindle.place import DEFAULT
from services.channels.byhand import Found

unknown = typer.Typer(
    help="Touches of which nobody knows whether they were accepted: look, and say what you know.",
    no_args_is_help=True,
)
NOTHING = "No touch is unknown."


@unknown.command("list")
def list_(data: Data = DEFAULT, as_object: AsObject = False) -> None:
    """Every touch whose result is unknown, the oldest first."""
    rows = ask_each(data, ["channels"], "GET", "unknown")
    say({"unknown": rows}, _listed(rows), NOTHING, as_object=as_object)


@unknown.command()
def settle(
    touch: Annotated[UUID, typer.Argument(help="The id of the touch.")],
    result: Annotated[Found, typer.Argument(help="What you found out.")],
    who: Annotated[str, typer.Option("--by", help="Your name; it stands in the record.")],
    provider_id: Annotated[
        str, typer.Option(help="The provider's id of an accepted message, if you have it.")
    ] = "",
    data: Data = DEFAULT,
    as_object: AsObject = False,
) -> None:
    """Settle one touch on your word. What was not sent may be said again."""
    wish = {"touch_id": str(touch), "result": result, "who": who, "provider_id": provider_id}
    rows = ask_each(data, ["channels"], "POST", "unknown/settle", **wish)
    lines = (f"{row['touch_id']} is settled: {row['result']}" for row in rows)
    say({"settled": rows}, lines, NOTHING, as_object=as_object)


def _listed(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield f"{row['channel']} touch {row['touch_id']}, reserved {minute(row['reserved_at'])}"
        yield f"  contact {row['contact_id']}, plan {row['plan']}, look-ups: {row['looked_up']}"
