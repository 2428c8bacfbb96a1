"""A verdict is judged again from what its decision names, and what comes out otherwise is named."""

from datetime import timedelta

import pytest

from rekindle.case import Case
from rekindle.recorded import record_of
from rekindle.replaying.comparing import derived_from
from rekindle.replaying.verdicts import TRIAGE, verdicts_come_out_the_same
from services.triage.journal import decision, inputs_of, triaged
from services.triage.judging import NOT_SUPPRESSED, judge
from services.triage.standings import ALONE
from shared.events import ContactImported, ContactTriaged, DecisionMade
from shared.ids import named
from shared.words import Reason
from tests.examples import NOW, a_contact_imported
from tests.triage_records import SET_UP
from tests.unit.planting import changed, without

LATER = NOW + timedelta(days=1)


@pytest.fixture(scope="module")
def judged():
    """One record and its verdict, as triage says it."""
    record = a_contact_imported().model_copy(update={"id": named("event", 1), "time": NOW})
    judgement = judge(record, ALONE, NOT_SUPPRESSED, None, SET_UP, NOW)
    inputs = inputs_of(record, ALONE, NOT_SUPPRESSED, ())
    said = triaged(record, 1, judgement), decision(record, judgement, inputs, SET_UP, NOW)
    return record_of(
        [
            record,
            *(
                event.model_copy(update={"id": id_, "cause_id": record.id, "time": NOW})
                for id_, event in derived_from(record.id, TRIAGE.by, said)
            ),
        ]
    )


def told_otherwise(recorded):
    return [its.sentence for its in verdicts_come_out_the_same(Case(recorded, LATER))]


def test_a_verdict_comes_out_as_it_was_said(judged):
    assert told_otherwise(judged) == []


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (ContactTriaged, {"reasons": (Reason.OUT_OF_WINDOW,)}),
        (ContactTriaged, {"revision": 2}),
        (ContactTriaged, {"channels": {}}),
        (ContactTriaged, {"facts": {}}),
        (DecisionMade, {"why": "because"}),
        (DecisionMade, {"set_up": ()}),
        (ContactImported, {"row": 99}),
    ],
)
def test_what_was_said_otherwise_is_named(judged, kind, change):
    (found,) = told_otherwise(changed(judged, kind, lambda _: True, **change))
    assert found.endswith("comes out otherwise.")


def test_a_record_that_is_not_there_any_more_is_named(judged):
    (found,) = told_otherwise(without(judged, *judged.of(ContactImported)))
    assert "names no record of its contact" in found


def test_a_verdict_without_a_decision_is_named(judged):
    (found,) = told_otherwise(without(judged, *judged.of(DecisionMade)))
    assert found == "This contact.triaged follows from no decision."


def test_what_other_rules_said_is_left_out(judged):
    planted = changed(judged, ContactTriaged, lambda _: True, revision=2)
    assert told_otherwise(changed(planted, DecisionMade, lambda _: True, rules="older")) == []
