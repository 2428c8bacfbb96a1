"""`rekindle parked list|retry|drop`."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from rekindle.catalogue import SERVICES
from rekindle.commands.answers import AsObject, Data, Row, minute, say
from rekindle.engines import EngineError
from rekindle.internal_client import ask_each
from rekindle.place import DEFAULT

STILL_PARKED = 1

parked = typer.Typer(
    help="Events that could not be applied wait parked: look, apply them again, or give one up.",
    no_args_is_help=True,
)
NOTHING = "Nothing is parked."
Of = Annotated[str, typer.Option("--service", help="Only of this service.")]


@parked.command("list")
def list_(service: Of = "", data: Data = DEFAULT, as_object: AsObject = False) -> None:
    """What is parked, in the order in which it would be applied, and why."""
    rows = _ask(data, service, "GET", "parked")
    say({"parked": rows}, _listed(rows), NOTHING, as_object=as_object)


@parked.command()
def retry(
    subject: Annotated[
        UUID | None, typer.Argument(help="Whose events: a contact, campaign or workspace.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Everybody's events.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,
    service: Of = "",
    data: Data = DEFAULT,
    as_object: AsObject = False,
) -> None:
    """Apply parked events again, in their order; exit code 1 if one still fails."""
    if (subject is None) != every:
        raise EngineError("Name one subject, as `rekindle parked list` shows it, or say --all.")
    wish = {"subject": subject and str(subject), "dry_run": dry_run}
    rows = _ask(data, service, "POST", "parked/retry", **wish)
    found = {"retried": rows, "dry_run": dry_run}
    say(found, _retried(rows, dry_run=dry_run), NOTHING, as_object=as_object)
    if any(row["cause"] for row in rows):
        raise typer.Exit(STILL_PARKED)


@parked.command()
def drop(
    event: Annotated[UUID, typer.Argument(help="The id of the event.")],
    service: Of = "",
    data: Data = DEFAULT,
    as_object: AsObject = False,
) -> None:
    """Give up one parked event for ever; the later ones of its subject then wait for a retry."""
    rows = _ask(data, service, "POST", "parked/drop", event_id=str(event))
    if not rows:
        raise EngineError(f"No event {event} is parked: see `rekindle parked list`.")
    say({"dropped": rows}, _dropped(rows), NOTHING, as_object=as_object)


def _ask(data: Path, service: str, method: str, path: str, **body: object) -> list[Row]:
    """What one service answers, or each of them."""
    if service and service not in SERVICES:
        sentence = f"There is no service {service!r}: choose one of {', '.join(SERVICES)}."
        raise EngineError(sentence)
    return ask_each(data, [service] if service else SERVICES, method, path, **body)


def _listed(rows: Sequence[Row]) -> Iterator[str]:
    for title, its in _by_subject(rows):
        yield f"{title}, {len(its)} parked since {minute(its[0]['parked_at'])}"
        yield from (f"  {row['topic']} {row['event_id']}: {row['cause']}" for row in its)


def _retried(rows: Sequence[Row], *, dry_run: bool) -> Iterator[str]:
    done = "would be applied" if dry_run else "applied"
    for title, its in _by_subject(rows):
        good = sum(not row["cause"] for row in its)
        yield f"{title}, {good} of {len(its)} {done}"
        for row in its:
            says = ", ".join(f"{count} {topic}" for topic, count in row["says"].items())
            what = row["cause"] or f"{done}, says {says or 'nothing'}"
            yield f"  {row['topic']} {row['event_id']}: {what}"


def _dropped(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield f"{row['group']}: gave up {row['topic']} {row['event_id']}"
    yield f"What waited behind it: rekindle parked retry {rows[0]['subject']}"


def _by_subject(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each subject in each group, under their title; sorting keeps their order."""

    def title(row: Row) -> str:
        return f"{row['group']}: {row['subject']}"

    for its_title, its in groupby(sorted(rows, key=title), key=title):
        yield its_title, list(its)
