"""How templates and scripts are read: `data/reading/lint.toml`, its expressions compiled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.rules.reading import RuleDataError, read_file
from shared.rules.rows import Names

LINT = Path("reading/lint.toml")
Expressions = tuple[re.Pattern[str], ...]
POLICY_KEYS = frozenset({"finds", "finds_in_subject", "needs", "first_only", "unless"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PolicyLint:
    """What a policy forbids in the words or the subject, and what it wants to be shown."""

    finds: Expressions
    finds_in_subject: Expressions
    needs: Names
    first_only: bool
    unless: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LintTerms:
    """All of it. `content`: the component that a line of a disclosure asks for; "" for none."""

    spoken_by_people: Names
    automated_only: Names
    when_asked: Names
    first_words: Names
    in_first_sentence: Names
    way_out: dict[str, str]
    content: dict[str, str]
    shows: dict[str, Expressions]
    headers: dict[str, re.Pattern[str]]
    persuasion: Expressions
    policies: dict[str, PolicyLint]


def read_lint(folder: Path) -> LintTerms:
    """The terms of a folder of rule data. Raises RuleDataError."""
    path = folder / LINT
    try:
        return _terms(read_file(path))
    except (KeyError, TypeError, AttributeError) as error:
        raise RuleDataError(f"{path.name} has no {error}: put it back.") from error
    except re.error as error:
        raise RuleDataError(
            f"{path.name} has an expression {error.pattern!r} that cannot be read ({error}): "
            "correct it."
        ) from error


def _terms(table: Mapping[str, Any]) -> LintTerms:
    return LintTerms(
        **{
            name: tuple(table[name])
            for name in (
                "spoken_by_people",
                "automated_only",
                "when_asked",
                "first_words",
                "in_first_sentence",
            )
        },
        way_out=dict(table["way_out"]),
        content=dict(table["content"]),
        shows={name: _compiled(its) for name, its in table["shows"].items()},
        headers={name: re.compile(its) for name, its in table["headers"].items()},
        persuasion=_compiled(table["persuasion"]["shows"]),
        policies={name: _policy(name, its) for name, its in table["policy"].items()},
    )


def _policy(name: str, table: Mapping[str, Any]) -> PolicyLint:
    if unknown := set(table) - POLICY_KEYS:
        raise KeyError(f"place for {', '.join(sorted(unknown))} in policy.{name}")
    return PolicyLint(
        finds=_compiled(table.get("finds", ())),
        finds_in_subject=_compiled(table.get("finds_in_subject", ())),
        needs=tuple(table.get("needs", ())),
        first_only=table.get("first_only", False),
        unless=table.get("unless", ""),
    )


def _compiled(expressions: object) -> Expressions:
    if not isinstance(expressions, list | tuple):
        raise TypeError("list of expressions where one is wanted")
    return tuple(re.compile(one) for one in expressions)
