"""Every case of the contact rules is answered as the data and their README say."""

import tomllib
from pathlib import Path

import pytest

from rekindle.rule_cases import answer_case, meets
from shared.rules.loading import rules_in_force

DATA = Path(__file__).parent / "data"
FILES = ("contact_cases.toml",)


def cases():
    for file in FILES:
        table = tomllib.loads((DATA / file).read_text("utf-8"))
        for case in table["case"]:
            yield pytest.param(case, table["defaults"], id=case["id"])


@pytest.mark.parametrize(("case", "defaults"), list(cases()))
def test_a_case_is_answered_as_expected(case, defaults):
    asked = {name: its for name, its in case.items() if name != "expect"}
    answer = answer_case(asked, defaults, rules_in_force())
    assert meets(case["expect"], answer), f"{case['title']}: {answer}"
