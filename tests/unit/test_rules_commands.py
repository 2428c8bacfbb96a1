"""`rekindle rules`: asked, checked, shown, compared, and refused in one sentence."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rekindle.__main__ import FOR_PEOPLE, app
from rekindle.rule_changes import changed, changes_of
from rekindle.rule_pages import page
from shared.rules.loading import index, rules_in_force, rules_on
from shared.rules.tables import HERE, read
from shared.rules.verdict import Weight
from shared.words import SERVICE_PURPOSES
from tests.unit.small_stream import small_stream

DATA = Path(__file__).parent / "data"
MAIL = {
    "country": "US",
    "region": "OH",
    "tz": "America/New_York",
    "party": "consumer",
    "channel": "email",
    "purpose": "marketing",
    "customer_state": "lapsed",
    "ever_paid": True,
    "script_signed": True,
    "disclosure_first": True,
    "preconditions": ["email_postal_address", "email_unsubscribe"],
}
NIGHT = "2026-12-08T03:00:00-05:00"
CASE = """
[defaults]
party = "consumer"

[[case]]
id = "ONE"
type = "decide"
at = 2026-12-08T11:00:00-05:00
facts = {{ country = "US", channel = "email" {more} }}
expect = {{ verdict = "{verdict}" }}
"""


def run(*words):
    return CliRunner().invoke(app, ["rules", *words])


def refused(*words):
    """The one sentence on which a command ends."""
    result = run(*words)
    assert isinstance(result.exception, FOR_PEOPLE)
    assert result.stdout == ""
    return str(result.exception)


def test_facts_may_be_one_object():
    result = run("judge", "--facts", json.dumps(MAIL), "--at", NIGHT, "--json")
    assert json.loads(result.stdout) == {
        "verdict": "allow",
        "rules": ["CR-US-EMAIL"],
        "next_allowed": None,
        "missing": [],
    }


def test_facts_may_be_flags_and_flags_win():
    facts = {**MAIL, "preconditions": []}
    words = ("--preconditions", '["email_postal_address", "email_unsubscribe"]', "--party=business")
    result = run("judge", "--facts", json.dumps(facts), *words, "--at", NIGHT, "--json")
    assert json.loads(result.stdout)["verdict"] == "allow"


def test_a_deferral_says_until_when_and_why():
    facts = {**MAIL, "not_before": "2026-12-14"}
    result = run("judge", "--facts", json.dumps(facts), "--at", NIGHT)
    assert result.stdout.splitlines()[0] == "defer, from 2026-12-14T00:00:00-05:00 on"
    assert "P-NOT-NOW: A not-now answer sets a date" in result.stdout


def test_what_is_not_known_is_named():
    result = run("judge", "--country", "US", "--at", NIGHT, "--json")
    answer = json.loads(result.stdout)
    assert answer["verdict"] == "block"
    assert {"party", "channel", "ever_paid"} <= set(answer["missing"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("judge", "--colour", "red"), "colour is no fact."),
        (("judge", "--facts", '{"consents": [{"kind": "pewc", "colour": 1}]}'), "consents.colour"),
        (("judge", "--facts", '{"consents": [{}]}'), "consents.kind is needed."),
        (("judge", "--facts", '{"soft_optin": {"colour": true}}'), "soft_optin.colour"),
        (("judge", "--facts", '{"minor": "yes"}'), "minor must be true or false."),
        (("judge", "--facts", '{"attempts": [{"channel": "sms", "at": "noon"}]}'), "attempts.at"),
        (("judge", "--facts", '{"last_transaction": "2026-12-08T11:00:00"}'), "no offset"),
        (("judge", "--facts", '{"last_transaction": null}'), "leave out what is not known"),
        (("judge", "--facts", "red"), "--facts is no JSON"),
        (("judge", "--facts", "[]"), "--facts must be one JSON object."),
        (("judge", "--party"), "--party needs a value."),
        (("judge", "consumer"), "'consumer' belongs to no flag"),
        (("judge", "--at", "now"), "--at"),
        (("show", "US-ZZ"), "US-ZZ is no place that the rules know."),
        (("diff", "--from", "2026-12-01", "--to", "2026-12-01"), "is not after"),
        (("check", "no-such-file.toml"), "no-such-file.toml cannot be read"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(words, says):
    sentence = refused(*words)
    assert says in sentence
    assert sentence.endswith(".")


def test_all_cases_that_came_with_the_data_pass():
    result = run("check", str(DATA / "contact_cases.toml"), "--json")
    *lines, summary = map(json.loads, result.stdout.splitlines())
    assert summary == {"cases": 60, "passed": 60, "failed": 0, "failures": []}
    assert result.exit_code == 0
    assert [its["id"] for its in lines] == [f"CASE-{number:03}" for number in range(1, 61)]
    one = lines[0]
    assert (one["type"], one["pass"], one["verdict"]) == ("decide", True, "defer")
    assert one["next_allowed"] == "2026-12-09T08:00:00-05:00"
    assert lines[56]["deadline"] == "2027-02-28"


def test_a_case_that_is_answered_otherwise_fails_the_check(tmp_path):
    file = tmp_path / "cases.toml"
    file.write_text(CASE.format(more="", verdict="allow"), "utf-8")
    result = run("check", str(file), "--json")
    line, summary = map(json.loads, result.stdout.splitlines())
    assert (line["pass"], line["verdict"]) == (False, "block")
    assert summary["failures"] == ["ONE"]
    assert result.exit_code == 1
    assert "ONE (decide) is answered otherwise" in run("check", str(file)).stdout


def test_an_answer_does_not_depend_on_what_is_expected(tmp_path):
    answers = []
    for number, verdict in enumerate(("allow", "block")):
        file = tmp_path / f"{number}.toml"
        file.write_text(CASE.format(more="", verdict=verdict), "utf-8")
        answers.append(json.loads(run("check", str(file), "--json").stdout.splitlines()[0]))
    assert {name: its for name, its in answers[0].items() if name != "pass"} == {
        name: its for name, its in answers[1].items() if name != "pass"
    }


def test_a_case_that_expects_nothing_is_answered_all_the_same(tmp_path):
    file = tmp_path / "cases.toml"
    text = CASE.format(more="", verdict="allow").partition("expect")[0]
    file.write_text(text, "utf-8")
    result = run("check", str(file), "--json")
    line = json.loads(result.stdout.splitlines()[0])
    assert (line["pass"], line["verdict"], result.exit_code) == (None, "block", 0)


def test_an_unknown_fact_is_refused_with_its_case(tmp_path):
    file = tmp_path / "cases.toml"
    file.write_text(CASE.format(more=", colour = 1", verdict="allow"), "utf-8")
    assert refused("check", str(file)).startswith("cases.toml, case ONE: colour is no fact.")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no [[case]]"),
        ("[[case]]\nid = 'ONE'\ntype = 'guess'\n", "type is 'guess'"),
        ("[[case]]\nid = 'ONE'\ntype = 'decide'\nfacts = 1\n", "facts must be a table"),
        ("[[case]]\nid = 'ONE'\ntype = 'decide'\nat = 2026-12-08\n", "at must be a moment"),
        ("[[case]]\nid = 'ONE'\ntype = 'inbound'\nat = 2026-12-08T11:00:00Z\n", "text is needed"),
    ],
)
def test_a_file_of_cases_that_cannot_be_read_is_refused(tmp_path, text, says):
    file = tmp_path / "cases.toml"
    file.write_text(text, "utf-8")
    assert says in refused("check", str(file))


def test_a_place_is_shown_with_sources_and_doubts():
    page = run("show", "us-fl").stdout
    for words in (
        "Florida (US-FL)",
        "CH-US-FL",
        "CH-US-FED",
        "CAP-US-FL",
        "CR-US-SMS",
        "DIS-US-ID",
    ):
        assert words in page
    assert "CH-US-GA" not in page
    assert "Fla. Stat. 501.616(6)(a); verified (2026-11-22)" in page
    assert "not verified" in page


def test_a_place_is_shown_as_it_was_on_a_day():
    assert "CR-FR-VOICE-HUMAN-OLD" in run("show", "FR", "--on", "2026-08-10").stdout
    assert "CR-FR-VOICE-HUMAN-OLD" not in run("show", "FR", "--on", "2026-08-11").stdout


def test_facts_may_be_an_object_without_a_flag():
    result = run("judge", json.dumps(MAIL), "--party", "business", "--at", NIGHT, "--json")
    assert json.loads(result.stdout)["verdict"] == "allow"


def test_recorded_touches_are_found_that_another_law_would_judge_otherwise():
    data, version = read(HERE)
    stricter = replace(rules_in_force().rows["CR-DE-MSG"], any_of=(("automated_call_optin",),))
    rows = [stricter if its.row.id == stricter.id else its.row for its in data.found]
    recorded, other = small_stream(), index(rows, data, version)
    germans = [its for its in recorded.sent if recorded.verdict_of(its).country == "DE"]
    found = changed(recorded, rules_in_force(), other)
    assert {(its.before, its.after) for its in found} == {(Weight.ALLOW, Weight.BLOCK)}
    assert all("CR-DE-MSG" in its.rules for its in found)
    assert found.total() == len([its for its in germans if its.purpose not in SERVICE_PURPOSES]) > 0
    assert not changed(recorded, other, other)
    days = date(2026, 12, 31), date(2027, 1, 1)
    *lines, total = changes_of(recorded, *days, rules_in_force(), other)
    assert len(lines) == len(found)
    assert total.startswith(f"{found.total()} of {len(recorded.sent)} recorded touches")


def test_the_law_of_a_day_holds_at_all_times():
    before, after = rules_on(date(2026, 8, 10)), rules_on(date(2026, 8, 11))
    old, new = "CR-FR-VOICE-HUMAN-OLD", "CR-FR-VOICE-HUMAN"
    assert (old in before.rows, new in before.rows) == (True, False)
    assert (old in after.rows, new in after.rows) == (False, True)
    assert after.rows[new].in_force(date(2020, 1, 1), date(2020, 1, 1))


def test_two_days_are_compared():
    lines = run("diff", "--from", "2026-06-01", "--to", "2026-09-01").stdout
    assert "- CR-FR-VOICE-HUMAN-OLD until 2026-08-10" in lines
    assert "+ CR-FR-VOICE-HUMAN from 2026-08-11" in lines
    assert "CH-US-TX" not in lines


@pytest.mark.parametrize("place", sorted(rules_in_force().places))
def test_every_place_has_a_page(place):
    """Also those without rows of their own: what is above them holds there."""
    lines = list(page(place, date(2026, 12, 8), rules_in_force()))
    assert lines[0].endswith(f"({place}), 2026-12-08")
    assert {"Hours", "Consent", "What is said", "Recording"} <= {*lines}
