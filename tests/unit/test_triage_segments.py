"""Segments, exclusions and the days on which they begin and end."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.triage.days import Today, months_before, today_in
from services.triage.segments import (
    GOALS,
    churned_long_ago,
    is_customer,
    never_paid,
    out_of_window,
    segments,
)
from shared.events import Account
from shared.words import Goal, Segment, Status

DAY = date(2026, 11, 23)
TODAY = Today(DAY, DAY)
ACTIVE, CHURNED, TRIAL = Status.ACTIVE, Status.CHURNED, Status.TRIAL


def found(today=TODAY, **account) -> tuple[Segment, ...]:
    return segments(Account(**({"status": ACTIVE, "ever_paid": True} | account)), today)


def churned(days_ago: int, **account) -> Account:
    left = DAY - timedelta(days=days_ago)
    return Account(**({"status": CHURNED, "churned_on": left, "ever_paid": True} | account))


@pytest.mark.parametrize(
    ("owned", "available", "matches"),
    [(1, 2, True), (1, 1, False), (2, 3, False), (1, None, False), (None, 3, False), (0, 3, False)],
)
def test_a_single_module_is_one_of_several(owned, available, matches):
    its = found(modules_owned=owned, modules_available=available)
    assert (Segment.SINGLE_MODULE in its) is matches


@pytest.mark.parametrize(
    ("seats", "logins", "integrations", "matches"),
    [
        (1, 2, 14, False),
        (1, 3, 0, True),
        (1, 3, None, True),
        (1, 0, 15, True),
        (1, None, 15, True),
        (1, None, None, False),
        (2, 9, 99, False),
        (None, 9, 99, False),
    ],
)
def test_a_solo_seat_has_a_team_of_three_or_fifteen_integrations(
    seats, logins, integrations, matches
):
    its = found(seats=seats, team_logins=logins, integrations=integrations)
    assert (Segment.SOLO_SEAT in its) is matches


@pytest.mark.parametrize(
    ("before", "now", "matches"),
    [
        (20, 2, True),
        (19.9, 2, False),
        (20, 2.1, False),
        (30, 0, True),
        (None, 0, False),
        (30, None, False),
    ],
)
def test_dormant_is_from_daily_to_monthly(before, now, matches):
    assert (Segment.DORMANT_PAID in found(logins_before=before, logins_now=now)) is matches


@pytest.mark.parametrize(("days", "matches"), [(29, False), (30, True), (180, True), (181, False)])
def test_recently_churned_is_from_day_30_to_day_180(days, matches):
    account = churned(days)
    assert (segments(account, TODAY) == (Segment.RECENTLY_CHURNED,)) is matches
    assert out_of_window(account, TODAY) is not matches


@pytest.mark.parametrize(("days", "matches"), [(29, False), (30, True), (60, True), (61, False)])
def test_a_renewal_is_due_from_60_to_30_days_before(days, matches):
    renews_on = DAY + timedelta(days=days)
    assert (Segment.RENEWAL_DUE in found(annual=True, renews_on=renews_on)) is matches
    assert found(annual=False, renews_on=renews_on) == ()
    assert found(annual=None, renews_on=renews_on) == ()
    assert found(annual=True) == ()


@pytest.mark.parametrize(
    ("today", "latest_out", "earliest_in"),
    [
        (date(2026, 11, 23), date(2025, 5, 22), date(2025, 5, 23)),
        (date(2026, 12, 8), date(2025, 6, 7), date(2025, 6, 8)),
        (date(2026, 8, 31), date(2025, 2, 27), date(2025, 2, 28)),
        (date(2025, 8, 31), date(2024, 2, 28), date(2024, 2, 29)),
        (date(2026, 8, 28), date(2025, 2, 27), date(2025, 2, 28)),
        (date(2026, 3, 1), date(2024, 8, 31), date(2024, 9, 1)),
        (date(2026, 6, 30), date(2024, 12, 29), date(2024, 12, 30)),
    ],
)
def test_eighteen_months_are_calendar_months_and_include_the_day(today, latest_out, earliest_in):
    now = Today(today, today)
    for day, is_out in ((latest_out, True), (earliest_in, False)):
        account = Account(status=CHURNED, churned_on=day)
        assert churned_long_ago(account, now) is is_out
        assert out_of_window(account, now)


def test_a_phone_contact_keeps_old_churn_from_being_excluded():
    for spoke, is_out in ((True, False), (False, True), (None, True)):
        account = churned(900, spoke_by_phone=spoke)
        assert churned_long_ago(account, TODAY) is is_out
        assert out_of_window(account, TODAY)


def test_churn_on_an_unknown_or_a_future_day_is_out_of_the_window():
    unknown = Account(status=CHURNED, ever_paid=True)
    assert out_of_window(unknown, TODAY)
    assert not churned_long_ago(unknown, TODAY)
    assert out_of_window(churned(-5), TODAY)
    assert segments(unknown, TODAY) == segments(churned(-5), TODAY) == ()


def test_a_date_of_leaving_counts_without_a_status_but_earns_no_segment():
    account = churned(90, status=None)
    assert segments(account, TODAY) == ()
    assert not out_of_window(account, TODAY)
    assert churned_long_ago(churned(900, status=None), TODAY)


def test_an_account_that_came_back_did_not_leave():
    account = churned(900, status=ACTIVE)
    assert not churned_long_ago(account, TODAY)
    assert not out_of_window(account, TODAY)


@pytest.mark.parametrize(
    ("status", "ever_paid", "never", "customer"),
    [
        (TRIAL, None, True, False),
        (TRIAL, False, True, False),
        (TRIAL, True, False, True),
        (ACTIVE, None, False, True),
        (ACTIVE, False, True, False),
        (ACTIVE, True, False, True),
        (CHURNED, None, False, True),
        (CHURNED, False, True, False),
        (None, None, False, False),
        (None, False, True, False),
        (None, True, False, True),
    ],
)
def test_who_never_paid_and_who_is_a_customer(status, ever_paid, never, customer):
    account = Account(status=status, ever_paid=ever_paid)
    assert never_paid(account) is never
    assert is_customer(account) is customer


@pytest.mark.parametrize("status", [CHURNED, TRIAL, None])
def test_what_is_sold_to_active_accounts_is_sold_to_no_other(status):
    everything = {
        "modules_owned": 1, "modules_available": 4, "seats": 1, "team_logins": 9,
        "logins_before": 30, "logins_now": 0, "annual": True,
        "renews_on": DAY + timedelta(days=45),
    }  # fmt: skip
    assert found(**everything) == (
        Segment.SINGLE_MODULE,
        Segment.RENEWAL_DUE,
        Segment.SOLO_SEAT,
        Segment.DORMANT_PAID,
    )
    assert found(**everything, status=status) == ()
    assert found(**everything, ever_paid=False) == ()


def test_several_segments_come_by_priority_and_each_has_a_goal():
    assert list(GOALS) == list(Segment)
    assert set(GOALS.values()) == set(Goal)


def test_the_day_is_the_contact_s_own():
    evening = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    assert today_in(("Europe/Vilnius",), evening) == Today(date(2026, 11, 24), date(2026, 11, 24))
    assert today_in(("America/New_York",), evening) == Today(DAY, DAY)
    assert today_in(("Pacific/Apia", "America/New_York"), evening) == Today(DAY, date(2026, 11, 24))
    assert today_in(("Asia/Kathmandu",), datetime(2026, 11, 23, 18, 15, tzinfo=UTC)).latest == date(
        2026, 11, 24
    )


def test_without_a_zone_it_may_be_any_day_on_earth():
    assert today_in((), datetime(2026, 11, 23, 11, 0, tzinfo=UTC)) == Today(
        date(2026, 11, 22), date(2026, 11, 24)
    )
    assert today_in((), datetime(2026, 11, 23, 12, 0, tzinfo=UTC)) == Today(DAY, date(2026, 11, 24))


def test_a_window_holds_on_every_day_that_it_may_be():
    both = Today(DAY, DAY + timedelta(days=1))
    assert segments(churned(29), both) == ()  # a day later it would be 30
    assert segments(churned(30), both) == (Segment.RECENTLY_CHURNED,)
    assert segments(churned(180), both) == ()
    renewal = {"annual": True}
    assert found(both, renews_on=DAY + timedelta(days=30), **renewal) == ()
    assert found(both, renews_on=DAY + timedelta(days=31), **renewal) == (Segment.RENEWAL_DUE,)
    assert found(both, renews_on=DAY + timedelta(days=61), **renewal) == ()
    left = Account(status=CHURNED, churned_on=months_before(DAY, 18))
    assert churned_long_ago(left, both)
    assert not churned_long_ago(left, TODAY)


def test_months_before_clips_to_the_end_of_the_month():
    assert months_before(date(2026, 1, 31), 2) == date(2025, 11, 30)
    assert months_before(date(2024, 3, 31), 1) == date(2024, 2, 29)
    assert months_before(date(2026, 12, 15), 12) == date(2025, 12, 15)
    assert months_before(date(2026, 1, 1), 1) == date(2025, 12, 1)
