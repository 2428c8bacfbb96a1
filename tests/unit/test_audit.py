"""What `rekindle audit` says: every promise with its checks, what they rest on, what is broken."""

import re
from pathlib import Path

import rekindle
from rekindle.auditing import audit
from rekindle.commands.audit import BREACHES_TOLD, described
from rekindle.invariants import INVARIANTS, PROMISES
from rekindle.recorded import record_of
from shared.events import DecisionMade
from shared.outcomes import Outcome
from tests.unit.planting import changed, small_ledger, with_more
from tests.unit.small_stream import DORA, END, end, small_stream

PAGE = Path(rekindle.__file__).parent.parent / "docs" / "promises.md"


def told(recorded, **given):
    return list(described(recorded, audit(recorded, at=END, **given)))


def test_every_promise_is_told_with_its_checks_and_what_they_rest_on():
    lines = told(small_stream(), ledger=small_ledger())
    assert [line for line in lines if re.match(r"\d\. ", line)] == [
        f"{number}. {title}" for number, title in PROMISES.items()
    ]
    assert "   kept         nobody_is_forgotten (4 contacts in the pool)" in lines
    assert "   kept         every_row_has_its_verdict (7 records)" in lines


def test_what_nothing_tells_of_is_no_evidence():
    empty = told(record_of([]))
    checks = [line for line in empty if line.startswith("   ")]
    assert len(checks) == len(INVARIANTS)
    assert all(line.startswith("   no evidence  ") for line in checks)
    silent = "nothing_reaches_whoever_opted_out (there are no entries of the providers' ledger)"
    assert f"   no evidence  {silent}" in told(small_stream())


def test_what_is_broken_is_told_in_its_place_and_in_a_sentence():
    planted = with_more(small_stream(), lambda story: end(story, DORA, END, Outcome.STOPPED, "x"))
    lines = told(planted)
    assert "   BROKEN       only_the_pool_has_outcomes (3 contacts with an outcome)" in lines
    assert lines[-1] == (
        "promise 9, only_the_pool_has_outcomes: "
        "The outcome stopped is of a contact outside the pool."
    )


def test_of_many_breaches_the_first_are_told_and_the_others_counted():
    planted = changed(small_stream(), DecisionMade, lambda _: True, engine="", rules="")
    lines = told(planted)
    sentences = [line for line in lines if line.startswith("promise 5")]
    broken = len(audit(planted, at=END).broken)
    assert len(sentences) == BREACHES_TOLD < broken
    assert lines[-1] == f"   and {broken - BREACHES_TOLD} more"


def test_the_page_of_the_promises_names_each_check_under_its_promise():
    section = re.compile(r"^(\d)\. \*\*(.+?)\*\*(.+?)(?=^\d\. |^## )", re.DOTALL | re.MULTILINE)
    sections = section.findall(PAGE.read_text())
    named = {
        (int(number), name)
        for number, _, section in sections
        for name in re.findall(r"`(\w+)`", section.partition("Checks:")[2])
    }
    assert named == {(its.promise, its.name) for its in INVARIANTS}
    titles = {int(number): title.rstrip(".") for number, title, _ in sections}
    assert titles == PROMISES
