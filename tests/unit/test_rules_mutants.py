"""No row that a case names is idle: changed, it changes what is answered."""

import tomllib
from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rekindle.rule_cases import answer_case
from shared.rules.duties import Deadline, Disclosure, ErrorCode, Policy, ProductRule, Retention
from shared.rules.loading import index, rules_in_force
from shared.rules.product import CONTEXT, P
from shared.rules.rows import Cap, ConsentRule, Registry, Window
from shared.rules.tables import HERE, read
from tests.unit.test_rules_cases import FILES

DATA = Path(__file__).parent / "data"
ALWAYS = ((0, 24 * 60),)
NEVER = (("customer_3y", "inferred_consent_au", "presumed_consent_b2b"),)
ANYBODY = (("opt_out_regime",),)
# Named beside the finding that weighs, to say why; they weigh nothing themselves.
REASONS = {P.NO_PROOF, P.PURCHASED, P.ON_A_MACHINE}


def tables():
    for file in FILES:
        table = tomllib.loads((DATA / file).read_text("utf-8"))
        for case in table["case"]:
            yield table["defaults"], case


CASES = list(tables())


@pytest.fixture(scope="module")
def known():
    """All rows as they are, and for each the cases whose answer names it."""
    data, version = read(HERE)
    named = defaultdict(list)
    for defaults, case in CASES:
        answer = answer_case(case, defaults, rules_in_force())
        for name in {*answer.get("rules", ()), *answer.get("findings", ())}:
            named[name].append((defaults, case, answer))
    return data, version, named


def mutants(row):
    """The row made lighter, and made heavier; nothing else of it changes."""
    match row:
        case Window():
            open_ = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ALWAYS)
            return [replace(row, **open_, holiday_rule="as_weekday")]
        case Cap():
            return [replace(row, max=100)]
        case ConsentRule():
            lighter = replace(
                row, any_of=ANYBODY, review_always=False, registries=(), preconditions=()
            )
            return [lighter, replace(row, any_of=NEVER, doubtful=())]
        case Registry():
            return [replace(row, parties=("nobody",)), replace(row, max_copy_age_days=0)]
        case Policy() | Disclosure():
            return [replace(row, effective_to=date(2000, 1, 1))]
        case ErrorCode():
            return [replace(row, engine_action="nothing")]
        case Deadline():
            return [replace(row, legal_limit=row.legal_limit + 1)]
        case Retention():
            return [replace(row, jurisdiction="SG")]
        case ProductRule():
            return [replace(row, verdict=one) for one in ("allow", "review") if one != row.verdict]
    return []


def expected_rows():
    for _, case in CASES:
        yield from case["expect"].get("rules", ())
        yield from case["expect"].get("findings", ())


@pytest.mark.parametrize("name", sorted({*expected_rows()} - CONTEXT - REASONS))
def test_a_changed_row_changes_an_answer(name, known):
    data, version, named = known
    row = rules_in_force().rows[name]
    for mutant in mutants(row):
        rows = [mutant if its.row.id == name else its.row for its in data.found]
        rules = index(rows, data, version)
        for defaults, case, before in named[name]:
            if answer_case(case, defaults, rules) != before:
                return
    pytest.fail(f"{name} may say what it likes: no case notices")
