"""What the tables under `data/reading` name must exist, and every row must be read by them."""

from collections.abc import Iterable

from shared.rules.duties import Deadline, Disclosure, ErrorCode, Policy, ProductRule, Retention
from shared.rules.faults import want_known
from shared.rules.product import CARRIED_OUT, FINDING
from shared.rules.reading import RuleDataError
from shared.rules.rows import Precondition
from shared.rules.tables import Data
from shared.rules.verdict import Weight


def check_reading(data: Data) -> None:
    """Raises RuleDataError with the first name that leads nowhere."""
    policies = {row.id for _, row in data.of(Policy)}
    _product(data)
    _all("terms.toml", data.terms.policies, {row.id for _, row in data.of(Precondition)})
    for named in data.terms.policies.values():
        _all("terms.toml", named, policies)
    _answers(data, policies)
    _lint(data, policies)


def _product(data: Data) -> None:
    """Every rule that the engine carries out has a row; one that finds says what it weighs."""
    rows = {row.id: (file, row) for file, row in data.of(ProductRule)}
    silences = tuple(its.id for its in data.terms.silences)
    for needed in (*CARRIED_OUT, *silences):
        if needed not in rows:
            raise RuleDataError(f"product_rules.toml has no row {needed}, which the engine needs.")
    for finding in (*FINDING, *silences):
        file, row = rows[finding]
        want_known(file, row, "verdict", [row.verdict], Weight)


def _answers(data: Data, policies: set[str]) -> None:
    deadlines = {row.id for _, row in data.of(Deadline)}
    retention = {row.id for _, row in data.of(Retention)}
    _all("answers.toml", (its.policy for its in data.answers.webhooks), policies)
    _all("answers.toml", (its.retention for its in data.answers.kept), retention)
    for wish in data.answers.wishes:
        _all("answers.toml", wish.deadlines, deadlines)
    for file, row in data.of(ErrorCode):
        want_known(file, row, "retry", [row.retry], data.answers.retry)


def _lint(data: Data, policies: set[str]) -> None:
    lint = data.lint
    shown = {"", "way_out", *lint.shows, *lint.headers}
    _all("lint.toml", lint.policies, policies)
    _all("lint.toml", lint.automated_only, {row.id for _, row in data.of(Disclosure)})
    components = (*lint.content.values(), *lint.way_out.values(), *lint.first_words)
    _all("lint.toml", components, shown)
    for its in lint.policies.values():
        _all("lint.toml", its.needs, shown)
    for file, row in data.of(Disclosure):
        want_known(file, row, "content", row.content, lint.content)


def _all(file: str, named: Iterable[str], known: set[str]) -> None:
    for one in sorted(set(named) - known):
        raise RuleDataError(f"{file} names {one}, which no row is: correct the name.")
