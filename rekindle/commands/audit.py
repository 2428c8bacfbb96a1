"""`rekindle audit`."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from rekindle.auditing import Audit
from rekindle.auditing import audit as audit_stream
from rekindle.engines import EngineError
from rekindle.invariants import INVARIANTS, PROMISES
from rekindle.place import DEFAULT, Place, settings_of
from rekindle.recorded import Recorded
from rekindle.stream import read_stream
from shared.clock import utc_now

BROKEN = 1
BREACHES_TOLD = 20  # of one invariant; `--json` has all


def audit(
    data: Annotated[Path, typer.Option(help="The folder with the data.")] = DEFAULT,
    ledger: Annotated[
        Path | None, typer.Option(help="A provider's ledger, one JSON object per line.")
    ] = None,
    as_object: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Hold everything that ever happened against the promises; exit code 1 if one is broken."""
    entries = read_ledger(ledger)
    with settings_of(Place(data)) as settings:
        recorded = asyncio.run(read_stream(settings.kafka_url))
    found = audit_stream(recorded, at=moment_of(recorded), ledger=entries)
    if as_object:
        sys.stdout.write(json.dumps(found.as_json(), ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in described(recorded, found))
    if found.broken:
        raise typer.Exit(BROKEN)


def described(recorded: Recorded, found: Audit) -> Iterator[str]:
    """Each promise with its checks, what they rest on, and every breach."""
    breaches = Counter(one.invariant for one in found.broken)
    counts = {its.invariant: its.count for its in found.checks}
    yield (
        f"{len(recorded.events):,} events, {found.unreadable:,} records that are none; "
        f"{found.checked} invariants checked, {len(found.broken)} broken"
    )
    for promise, title in PROMISES.items():
        yield f"{promise}. {title}"
        for its in (one for one in INVARIANTS if one.promise == promise):
            count, things = counts.get(its, 0), its.evidence.things
            rests_on = f"{count:,} {things}" if count else f"there are no {things}"
            state = "no evidence" if not count else "kept"
            yield f"   {'BROKEN' if breaches[its.name] else state:<11}  {its.name} ({rests_on})"
    for name, count in breaches.items():
        told = [one for one in found.broken if one.invariant == name]
        for one in told[:BREACHES_TOLD]:
            yield f"promise {one.promise}, {one.invariant}: {one.sentence}"
        if count > BREACHES_TOLD:
            yield f"   and {count - BREACHES_TOLD:,} more"


def moment_of(recorded: Recorded) -> datetime:
    """When the last thing happened: a demo's clock may be ahead of the wall's, or behind it."""
    return recorded.events[-1].time if recorded.events else utc_now()


def read_ledger(path: Path | None) -> list[dict[str, Any]] | None:
    """The ledger's entries. Raises EngineError with the line that is none."""
    if path is None:
        return None
    entries = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        sentence = f"The ledger {path} cannot be read: {error.strerror}."
        raise EngineError(sentence) from error
    for number, line in enumerate(lines, 1):
        try:
            entries.append(json.loads(line))
        except ValueError as error:
            sentence = f"Line {number} of the ledger {path} is no JSON object."
            raise EngineError(sentence) from error
    return entries
