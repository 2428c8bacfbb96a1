"""Every case of the contact rules is answered as the data and their README say."""

import re
import tomllib
from io import BytesIO
from pathlib import Path
from tokenize import NAME, STRING, tokenize

import pytest

import shared.rules
from rekindle.rule_cases import answer_case, meets
from shared.rules.loading import rules_in_force
from shared.rules.rows import Cap, ConsentRule, Window

DATA = Path(__file__).parent / "data"
ENGINE = Path(shared.rules.__path__[0])
NEVER_DECISIVE = {
    "CH-US-KY-AUTO",  # whatever it binds is reviewed, which weighs more than waiting
    "CAP-WA-CALLPERM-DAY",  # for requests to call on a messenger, which nothing here makes
    "CAP-WA-CALLPERM-WEEK",
}
# They read words and the short table of hours; rules for the three of them know channels.
NOT_THE_ENGINE = ("disclosures", "hours", "optout", "wording")
FILES = (
    "contact_cases.toml",
    "rule_cases_states.toml",
    "rule_cases_europe.toml",
    "rule_cases_world.toml",
    "rule_cases_conduct.toml",
    "rule_cases_answers.toml",
)


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


def test_there_are_many_cases_and_each_has_a_name_of_its_own():
    names = [its.id for its in cases()]
    assert len(names) == len(set(names)) >= 60 + 150


def test_no_place_state_or_channel_is_named_in_the_engine():
    """They are data; code that knew one would treat it unlike the others."""
    rules = rules_in_force()
    secret = {
        *rules.places,
        *(code.partition("-")[2] for code in rules.places),
        *(its.name for its in rules.places.values()),
        *rules.terms.channels.names,
        *rules.terms.channels.counted,
    } - {"", "*"}
    for file in sorted(ENGINE.glob("*.py")):
        if file.stem not in NOT_THE_ENGINE:
            said = {
                word
                for token in tokenize(BytesIO(file.read_bytes()).readline)
                if token.type in (NAME, STRING)
                for word in re.findall(r"[\w-]+", token.string)
            }
            assert secret & said == set(), file.name


def test_every_row_that_opens_or_closes_decides_some_case():
    """A row that no case reaches could say anything."""
    named = {name for case in cases() for name in case.values[0]["expect"].get("rules", ())}
    rows = {
        name
        for name, row in rules_in_force().rows.items()
        if isinstance(row, Window | Cap | ConsentRule)
    }
    assert rows - named == NEVER_DECISIVE
