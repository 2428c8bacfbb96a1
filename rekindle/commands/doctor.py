"""`rekindle doctor`."""

import json
from dataclasses import asdict

import typer
from rich.console import Console
from rich.markup import escape

from rekindle.commands.answers import AsObject, Data
from rekindle.doctor import examine, patient_of
from rekindle.place import DEFAULT

ILL = 1
COLOURS = {"well": "green", "ill": "red", "not asked": "dim"}


def doctor(data: Data = DEFAULT, as_object: AsObject = False) -> None:
    """See whether everything is there that Rekindle needs; exit code 1 if not.

    Each fault comes with a command that mends it.
    """
    findings, say = [], Console(highlight=False)
    for found in examine(patient_of(data)):
        findings.append(found)
        if as_object:
            continue
        why = f" ({escape(found.why)})" if found.why else ""
        state = f"[{COLOURS[found.state]}]{found.state}[/]"
        say.print(f"{found.check:12} {state}{why}", soft_wrap=True)
        for fault in found.faults:
            say.print(f"  {escape(fault.what)}", soft_wrap=True)
            say.print(f"  → {escape(fault.remedy)}", soft_wrap=True)
    if as_object:
        checks = [asdict(one) | {"faults": [f._asdict() for f in one.faults]} for one in findings]
        print(json.dumps({"checks": checks}))  # noqa: T201  the command's output
    if any(one.state == "ill" for one in findings):
        raise typer.Exit(ILL)
