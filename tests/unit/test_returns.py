"""What a list may be worth: the arithmetic, and the rows behind every figure."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rekindle.bundle import TEMPLATES
from rekindle.offline import refreshed, triage_file
from rekindle.returns import Range, Terms, return_of
from tests.crm_files import as_csv, write
from tests.pages import Page

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAYS = {"country": "GB", "status": "active", "ever paid": "yes"}
AGREED = {"email consent": "yes", "email consent proof": "Newsletter form, confirmed 2025-05-15"}
TERMS = Terms(value=500, close_percent=25, fee=3_000)


@pytest.fixture
def its(tmp_path):
    """5,000 paid customers, of whom 1,000 agreed, and a stranger who did too."""
    rows = [PAYS | AGREED, PAYS, AGREED | {"country": "GB"}]
    lines = [{"id": str(n), "email": f"c{n}@x.example"} | row for n, row in enumerate(rows)]
    [agreed, paid, stranger] = triage_file(write(tmp_path, as_csv(*lines)), NOW, "GB")[1]
    judged = [copy(agreed if n <= 1_000 else paid, n) for n in range(1, 5_001)]
    judged.append(copy(stranger, 5_001))
    return return_of(judged, refreshed(judged, NOW), TERMS)


def copy(one, n):
    row, judgement = one
    contact = row.contact_id.__class__(int=n)
    other = replace(row, record=replace(row.record, row=n), contact_id=contact, record_id=contact)
    return replace(other, mailbox=None if n > 1_000 else row.mailbox), judgement


def test_the_worked_example_comes_out(its):
    everybody, today, _ = its.scenarios
    assert everybody.people.count == 5_000
    assert everybody.booked == pytest.approx(Range(24, 60))
    assert everybody.worth == pytest.approx(Range(3_000, 7_500))
    assert everybody.desk_cost == pytest.approx(Range(2_800, 24_000))
    assert everybody.fee_each == pytest.approx(Range(50, 125))
    assert today.people.count == 1_000
    assert today.booked == pytest.approx(Range(4.8, 12))


def test_nobody_who_never_paid_is_counted_or_written_to_though_they_agreed(its):
    assert [group.people.count for group in its.scenarios][:2] == [5_000, 1_000]
    assert its.mailed.count == 1_000
    assert its.mail_replies == pytest.approx(Range(10, 30))


def test_every_figure_has_its_rows(its):
    groups = its.as_json()["scenarios"]
    assert [len(group["rows"]) for group in groups] == [group["people"] for group in groups]
    text = TEMPLATES.get_template("roi.html.j2").render(its=its, name="a.csv", on=NOW.date())
    page = Page(text)
    assert {link[1:] for link in page.links} <= {"top", *page.ids}
    assert {"people-0", "people-1", "mailed"} <= set(page.ids)


def test_no_fee_and_nobody_are_no_division(its):
    nothing = return_of([], [], TERMS)
    assert [group.fee_each for group in nothing.scenarios] == [None] * 3
    assert nothing.mail_replies == Range(0, 0)
