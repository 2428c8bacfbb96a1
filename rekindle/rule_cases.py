"""Cases that the contact rules are held against: read, answered, and only then compared."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from shared.rules.facts import Facts
from shared.rules.inbound import answer_reply
from shared.rules.judging import judge
from shared.rules.knowing import FactError, read_facts, read_moment, read_table
from shared.rules.linting import Text, lint
from shared.rules.loading import Rules
from shared.rules.reading import read_file
from shared.rules.requests import answer_request
from shared.rules.signals import ProviderEvent, answer_event

Answer = dict[str, Any]
SETS = ("actions", "missing", "findings")


@dataclass(frozen=True, slots=True)
class Touched:
    """Nothing beside the facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person wrote, and the languages of both sides."""

    text: str
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A wish under data protection law."""

    kind: str
    has_call_consent_proof: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case with its answer. `passed` is None when nothing was expected."""

    id: str
    type: str
    answer: Answer
    passed: bool | None


def read_cases(path: Path, rules: Rules) -> Iterator[Outcome]:
    """Each case of a file, answered. Raises RuleDataError or FactError, which names the case."""
    table = read_file(path)
    defaults, cases = table.get("defaults", {}), table.get("case")
    if not isinstance(cases, list):
        raise FactError(f"{path.name} has no [[case]].")
    for number, case in enumerate(cases, 1):
        name = str(case.get("id", f"number {number}"))
        try:
            answer = answer_case(case, defaults, rules)
        except FactError as error:
            raise FactError(f"{path.name}, case {name}: {error}") from error
        expect = case.get("expect")
        passed = None if expect is None else meets(expect, answer)
        yield Outcome(name, case["type"], answer, passed)


def answer_case(case: Mapping[str, Any], defaults: Mapping[str, Any], rules: Rules) -> Answer:
    """The answer to a case, from its type, moment and facts alone. Raises FactError."""
    kind = case.get("type")
    if kind not in TYPES:
        raise FactError(f"type is {kind!r}: it is one of {', '.join(TYPES)}.")
    own, answer = TYPES[kind]
    given = case.get("facts", {})
    if not isinstance(given, Mapping):
        raise FactError("facts must be a table.")
    names = {its.name for its in fields(own)}
    facts = {name: its for name, its in given.items() if name not in names}
    return answer(
        read_table(own, {name: its for name, its in given.items() if name in names}),
        read_facts({**defaults, **facts}),
        read_moment("at", case.get("at")),
        rules,
    )


def _decide(_: Touched, facts: Facts, at: datetime, rules: Rules) -> Answer:
    verdict = judge(facts, at, rules)
    return {
        "verdict": verdict.verdict,
        "rules": list(verdict.rules),
        "next_allowed": verdict.next_allowed,
    }


def _inbound(said: Said, facts: Facts, _at: datetime, rules: Rules) -> Answer:
    reply = answer_reply(said.text, facts.channel or "", said.languages, rules.answers)
    return {"intent": reply.intent, "actions": sorted(reply.actions)}


def _event(event: ProviderEvent, _facts: Facts, at: datetime, rules: Rules) -> Answer:
    signal = answer_event(event, at.date(), rules)
    return {"actions": sorted(signal.actions), "rules": list(signal.rules)}


def _request(wanted: Wanted, facts: Facts, at: datetime, rules: Rules) -> Answer:
    holds = frozenset({"has_call_consent_proof"} if wanted.has_call_consent_proof else ())
    duty = answer_request(wanted.kind, at, facts, holds, rules)
    return {
        "deadline": duty.deadline,
        "actions": sorted(duty.actions),
        "rules": list(duty.rules),
    }


def _lint(text: Text, facts: Facts, at: datetime, rules: Rules) -> Answer:
    found = lint(text, facts, at.date(), rules)
    return {
        "passed": found.passed,
        "missing": sorted(found.missing),
        "findings": sorted(found.findings),
    }


TYPES: dict[str, tuple[type, Callable[[Any, Facts, datetime, Rules], Answer]]] = {
    "decide": (Touched, _decide),
    "inbound": (Said, _inbound),
    "event": (ProviderEvent, _event),
    "request": (Wanted, _request),
    "lint": (Text, _lint),
}


def meets(expect: Mapping[str, Any], answer: Answer) -> bool:
    """Whether an answer is what was expected; `why` is for readers."""
    return all(_meets(name, value, answer) for name, value in expect.items() if name != "why")


def _meets(name: str, value: object, answer: Answer) -> bool:
    if name == "rules_absent":
        return not set(_listed(value)) & set(answer.get("rules", ()))
    if name not in answer:
        return False
    got = answer[name]
    if name == "rules":
        return set(_listed(value)) <= set(got)
    if name in SETS:
        return set(_listed(value)) == set(got)
    if isinstance(value, datetime) and isinstance(got, datetime):
        return value.replace(second=0, microsecond=0) == got.replace(second=0, microsecond=0)
    return bool(got == value)


def _listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def plain(value: object) -> object:
    """A value as JSON writes it: days and moments in ISO form."""
    return value.isoformat() if isinstance(value, date) else value
