"""`rekindle rules judge|check|show|diff`: the contact rules, asked and explained."""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from rekindle.place import Place, settings_of
from rekindle.rule_cases import Outcome, plain, read_cases
from rekindle.rule_changes import changes_of
from rekindle.rule_pages import difference, page, reason
from rekindle.stream import read_stream
from shared.clock import utc_now
from shared.rules.judging import judge as judge_touch
from shared.rules.knowing import FactError, read_facts, read_moment
from shared.rules.loading import rules_in_force, rules_on
from shared.rules.verdict import Verdict

FAILED = 1
DAY = ["%Y-%m-%d"]
ANY_FACT = {"allow_extra_args": True, "ignore_unknown_options": True}

rules = typer.Typer(help="The contact rules: may we, and why?", no_args_is_help=True)


@rules.command(context_settings=ANY_FACT)
def judge(
    context: typer.Context,
    facts: Annotated[str, typer.Option(help="The facts as one JSON object.")] = "{}",
    at: Annotated[str, typer.Option(help="The moment, with its offset: now.")] = "",
    as_object: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Judge one touch. Each fact may be a flag of its name: --country US --consents '[{...}]'."""
    known = read_facts({**_object(facts), **dict(_flags(context.args))})
    moment = read_moment("--at", at) if at else utc_now()
    verdict = judge_touch(known, moment, rules_in_force())
    say = _as_json(verdict) if as_object else "\n".join(_as_lines(verdict))
    sys.stdout.write(f"{say}\n")


@rules.command()
def check(
    file: Annotated[Path, typer.Argument(help="Cases in TOML, as docs/contact-rules.md says.")],
    as_lines: Annotated[
        bool, typer.Option("--json", help="One JSON object per case, the summary last.")
    ] = False,
) -> None:
    """Answer the cases of a file and compare; exit code 1 if one answer is not as expected."""
    outcomes = list(read_cases(file, rules_in_force()))
    failed = [its for its in outcomes if its.passed is False]
    if as_lines:
        for its in outcomes:
            line = {"id": its.id, "type": its.type, "pass": its.passed, **its.answer}
            sys.stdout.write(json.dumps(line, ensure_ascii=False, default=plain) + "\n")
        sys.stdout.write(json.dumps(_summary(outcomes)) + "\n")
    else:
        for its in failed:
            answer = json.dumps(its.answer, ensure_ascii=False, default=plain)
            sys.stdout.write(f"{its.id} ({its.type}) is answered otherwise: {answer}\n")
        sys.stdout.write(f"{len(outcomes)} cases, {len(failed)} failed\n")
    if failed:
        raise typer.Exit(FAILED)


@rules.command()
def show(
    place: Annotated[str, typer.Argument(help="A place by its code: US-FL, FR, XX.")],
    on: Annotated[datetime | None, typer.Option(formats=DAY, help="The day: today.")] = None,
) -> None:
    """Show what holds in a place, each line with its source and whether that was verified."""
    day = (on or utc_now()).date()
    for line in page(place.upper(), day, rules_in_force()):
        sys.stdout.write(f"{line}\n")


@rules.command()
def diff(
    first: Annotated[datetime, typer.Option("--from", formats=DAY, help="The earlier day.")],
    last: Annotated[datetime, typer.Option("--to", formats=DAY, help="The later day.")],
    data: Annotated[
        Path | None,
        typer.Option(help="A folder with data: whose touches would be judged otherwise."),
    ] = None,
) -> None:
    """Show which rows begin and end between two days, and what is announced for that time."""
    days = first.date(), last.date()
    for line in difference(*days, rules_in_force()):
        sys.stdout.write(f"{line}\n")
    if data is not None:
        with settings_of(Place(data)) as settings:
            recorded = asyncio.run(read_stream(settings.kafka_url))
        for line in changes_of(recorded, *days, *map(rules_on, days)):
            sys.stdout.write(f"{line}\n")


def _object(text: str) -> Mapping[str, object]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise FactError(f"--facts is no JSON: {error}.") from error
    if not isinstance(given, dict):
        raise FactError("--facts must be one JSON object.")
    return given


def _flags(words: list[str]) -> Iterator[tuple[str, Any]]:
    """Facts as flags: `--name value` or `--name=value`. What reads as JSON is JSON."""
    rest = iter(words)
    for word in rest:
        name, equals, value = word.removeprefix("--").partition("=")
        if word.startswith("{"):
            yield from _object(word).items()
            continue
        if not word.startswith("--"):
            raise FactError(f"{word!r} belongs to no flag: write --name value.")
        given = value if equals else next(rest, None)
        if given is None:
            raise FactError(f"--{name} needs a value.")
        yield name.replace("-", "_"), _value(given)


def _value(text: str) -> object:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    # A number is a code or a day that somebody wrote without quotes.
    return value if isinstance(value, bool | list | dict) else text


def _as_json(verdict: Verdict) -> str:
    its = {
        "verdict": verdict.verdict,
        "rules": list(verdict.rules),
        "next_allowed": verdict.next_allowed,
        "missing": list(verdict.missing),
    }
    return json.dumps(its, ensure_ascii=False, default=plain)


def _as_lines(verdict: Verdict) -> Iterator[str]:
    when = f", from {verdict.next_allowed.isoformat()} on" if verdict.next_allowed else ""
    yield f"{verdict.verdict}{when}"
    if verdict.missing:
        yield f"  not known: {', '.join(verdict.missing)}"
    for rule in verdict.rules:
        yield f"  {rule}: {reason(rule, rules_in_force())}"


def _summary(outcomes: list[Outcome]) -> dict[str, Any]:
    failed = [its.id for its in outcomes if its.passed is False]
    passed = sum(1 for its in outcomes if its.passed)
    return {"cases": len(outcomes), "passed": passed, "failed": len(failed), "failures": failed}
