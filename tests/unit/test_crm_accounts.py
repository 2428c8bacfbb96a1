"""The facts of an account, and those that contradict one another."""

from datetime import date

import pytest

from shared.events import Account
from shared.words import Status
from tests.crm_files import read_row


@pytest.fixture
def account(tmp_path):
    return lambda **cells: read_row(tmp_path, **cells).facts.account


@pytest.fixture
def conflicts(tmp_path):
    return lambda **cells: read_row(tmp_path, **cells).facts.conflicts


def test_all_that_is_on_record_is_read(account):
    assert account(
        status="Active",
        ever_paid="yes",
        plan="Base",
        months_on_plan="14",
        seats="1",
        team_logins="4",
        integrations="16",
        active_modules="1",
        available_modules="4",
        logins_per_month_before="22",
        logins_per_month_now="0.5",
        billing_interval="yearly",
        renewal_date="2026-12-31",
        last_login="2026-11-01",
        spoke_by_phone="no",
    ) == Account(
        status=Status.ACTIVE,
        ever_paid=True,
        plan="Base",
        months_on_plan=14,
        seats=1,
        team_logins=4,
        integrations=16,
        modules_owned=1,
        modules_available=4,
        logins_before=22,
        logins_now=0.5,
        annual=True,
        renews_on=date(2026, 12, 31),
        last_login_on=date(2026, 11, 1),
        spoke_by_phone=False,
        term_months=12,
    )


def test_what_is_not_on_record_is_unknown(account):
    assert account() == Account()
    empty = dict.fromkeys(("status", "seats", "ever_paid", "renewal_date", "last_call"), "")
    assert account(**empty) == Account()


def test_what_nobody_understands_is_unknown_and_named(tmp_path):
    record = read_row(tmp_path, status="zombie", seats="many", renewal_date="soon", plan="Base")
    assert record.facts.account == Account(plan="Base")
    assert sorted(record.unread) == ["renews_on", "seats", "status"]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("active", Status.ACTIVE),
        ("Customer", Status.ACTIVE),
        ("past_due", Status.ACTIVE),
        ("Bestandskunde", Status.ACTIVE),
        ("Klientas", Status.ACTIVE),
        ("churned", Status.CHURNED),
        ("Cancelled", Status.CHURNED),
        ("Former customer", Status.CHURNED),
        ("gekündigt", Status.CHURNED),
        ("résilié", Status.CHURNED),
        ("cancelado", Status.CHURNED),
        ("trialing", Status.TRIAL),
        ("Free trial", Status.TRIAL),
        ("Testphase", Status.TRIAL),
        ("bandomasis", Status.TRIAL),
    ],
)
def test_a_status_is_read_in_many_words(account, word, status):
    assert account(status=word).status is status


def test_a_stranger_never_paid(account):
    assert account(lifecycle_stage="Lead") == Account(ever_paid=False)


def test_a_day_of_leaving_says_that_somebody_left(account):
    assert account(cancellation_date="2026-06-01").status is Status.CHURNED
    assert account(cancellation_date="2027-06-01").status is None


def test_a_column_called_churned_holds_a_yes_or_the_day(account):
    assert account(churned="Yes").status is Status.CHURNED
    assert account(churned="No") == Account()
    left = account(churned="2026-06-01")
    assert (left.status, left.churned_on) == (Status.CHURNED, date(2026, 6, 1))


def test_the_end_of_a_term_is_a_renewal_or_the_day_of_leaving(account):
    day = date(2026, 10, 1)
    assert account(status="active", current_period_end="2026-10-01").renews_on == day
    ended = account(status="canceled", current_period_end="2026-10-01")
    assert (ended.churned_on, ended.renews_on) == (day, None)


@pytest.mark.parametrize(
    ("cells", "paid"),
    [
        ({"total_spend": "1,200.00"}, True),
        ({"total_spend": "0"}, False),
        ({"last_invoice_date": "2025-01-31"}, True),
        ({"paid_invoices": "7"}, True),
        ({"ever_paid": "no", "total_spend": "12"}, False),
        ({"total_spend": ""}, None),
    ],
)
def test_money_tells_who_paid_where_nobody_says_so(account, cells, paid):
    assert account(**cells).ever_paid is paid


def test_a_trial_is_told_by_a_flag_too(account):
    assert account(is_trial="yes").status is Status.TRIAL
    assert account(is_trial="yes", status="active").status is Status.ACTIVE


def test_months_on_a_plan_follow_from_its_beginning(account):
    assert account(plan_since="2025-09-23").months_on_plan == 14
    assert account(plan_since="2025-09-24").months_on_plan == 13
    assert account(plan_since="2027-01-01").months_on_plan is None
    assert account(plan_since="2025-09-23", months_on_plan="3").months_on_plan == 3


@pytest.mark.parametrize(
    ("text", "spoke"),
    [("yes", True), ("no", False), ("3", True), ("0", False), ("2024-03-01", True), ("", None)],
)
def test_a_phone_contact_is_a_yes_a_count_or_a_day(account, text, spoke):
    assert account(last_call=text).spoke_by_phone is spoke


def test_who_is_active_and_left_contradicts_themselves(conflicts):
    assert conflicts(status="active", cancellation_date="2026-06-01") == ("churned_on",)
    assert conflicts(status="active", cancellation_date="2026-11-22") == ("churned_on",)
    assert conflicts(status="active", cancellation_date="2026-11-23") == ()
    assert conflicts(status="churned", cancellation_date="2026-12-31") == ("churned_on",)
    assert conflicts(status="churned", cancellation_date="2026-11-23") == ()


def test_a_trial_that_paid_contradicts_itself(conflicts):
    assert conflicts(status="trial", ever_paid="yes") == ("ever_paid",)
    assert conflicts(status="trial", ever_paid="no") == ()


def test_more_modules_than_there_are_is_a_contradiction(conflicts):
    assert conflicts(active_modules="5", available_modules="4") == ("modules_owned",)
    assert conflicts(active_modules="4", available_modules="4") == ()


def test_a_login_of_a_day_to_come_is_a_contradiction(conflicts):
    assert conflicts(last_login="2026-11-25") == ("last_login_on",)
    assert conflicts(last_login="2026-11-24") == ()
