"""Should this founder run a campaign at all: each question, its boundaries, its advice."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rekindle.fitting import Answer, fits, paid_customers, questions
from rekindle.offline import triage_file
from tests.crm_files import as_csv, write

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAYS = {"country": "GB", "status": "active", "ever paid": "yes"}
RELATION, ENOUGH, REVENUE, PHONES, OFFER = range(5)


def judged(folder, *rows):
    lines = [{"id": str(n), "email": f"c{n}@x.example"} | row for n, row in enumerate(rows, 1)]
    return triage_file(write(folder, as_csv(*lines)), NOW, "GB")[1]


@pytest.fixture
def many(tmp_path):
    """One paid customer with a number, 1,000 times."""
    [(row, its)] = judged(tmp_path, PAYS | {"phone": "07400 742411"})
    return [(replace(row, record=replace(row.record, row=n)), its) for n in range(1, 1001)]


def answers(list_, arr=200_000, *, offer_works=True):
    return [its.answer for its in questions(list_, arr, offer_works=offer_works)]


def test_a_list_that_has_everything_is_a_fit(many):
    asked = questions(many, 200_000, offer_works=True)
    assert {its.answer for its in asked} == {Answer.YES}
    assert not any(its.advice for its in asked)
    assert fits(asked) is True
    assert list(asked[ENOUGH].rows) == list(range(1, 1001))


def test_999_paid_customers_are_to_be_called_in_person(many):
    asked = questions(many[1:], 200_000, offer_works=True)
    assert asked[ENOUGH].answer is Answer.NO
    assert "once a quarter" in asked[ENOUGH].advice
    assert fits(asked) is False


@pytest.mark.parametrize(
    ("arr", "answer", "fit"),
    [
        (49_999, Answer.NO, False),
        (50_000, Answer.WARNING, True),
        (99_999, Answer.WARNING, True),
        (100_000, Answer.YES, True),
        (None, Answer.UNKNOWN, None),
    ],
)
def test_revenue_has_a_floor_and_a_warning_above_it(many, arr, answer, fit):
    asked = questions(many, arr, offer_works=True)
    assert asked[REVENUE].answer is answer
    assert fits(asked) is fit


@pytest.mark.parametrize(
    ("works", "answer"), [(True, Answer.YES), (False, Answer.NO), (None, Answer.UNKNOWN)]
)
def test_only_the_founder_knows_whether_the_offer_works(many, works, answer):
    assert answers(many, offer_works=works)[OFFER] is answer


def test_few_numbers_make_it_a_campaign_of_mails(many):
    without = [(replace(row, phone=None), its) for row, its in many]
    assert answers(without)[PHONES] is Answer.WARNING
    assert answers([*many[:249], *without[249:]])[PHONES] is Answer.WARNING
    assert answers([*many[:250], *without[250:]])[PHONES] is Answer.YES


def test_a_list_of_strangers_is_one_for_somebody_else(tmp_path):
    strangers = judged(tmp_path, {"country": "GB"}, {"country": "DE"})
    [relation, *_] = questions(strangers, None, offer_works=None)
    assert relation.answer is Answer.NO
    assert "cold-outbound provider" in relation.advice


def test_who_is_counted_paid_and_is_somebody(tmp_path):
    rows = judged(
        tmp_path,
        PAYS,
        PAYS | {"email": "c1+again@x.example"},
        PAYS | {"status": "churned"},
        {"status": "trial", "ever paid": "no"},
        PAYS | {"name": "Test Test"},
    )
    assert [row.row for row, _ in paid_customers(rows)] == [1, 3]
