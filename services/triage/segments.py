"""Why this contact: five segments, and the accounts that are left out or held.

A fact that is not known matches nothing. Days and months include the boundary day.
"""

from collections.abc import Callable
from datetime import date, timedelta

from services.triage.days import Today, months_before
from shared.events import Account
from shared.words import Goal, Segment, Status

TEAM_LOGINS_MIN = 3
INTEGRATIONS_MIN = 15
DAILY_LOGINS_A_MONTH_MIN = 20  # the working days of a month
MONTHLY_LOGINS_A_MONTH_MAX = 2
CHURNED_DAYS_MIN, CHURNED_DAYS_MAX = 30, 180
RENEWAL_DAYS_MIN, RENEWAL_DAYS_MAX = 30, 60
CHURNED_MONTHS_MAX = 18  # without a phone contact
DORMANT_DAYS_MAX = 60  # after the last login, until the customer leaves if nobody talks to them

GOALS = {
    Segment.SINGLE_MODULE: Goal.CROSS_SELL,
    Segment.RENEWAL_DUE: Goal.RENEWAL,
    Segment.SOLO_SEAT: Goal.UPSELL,
    Segment.DORMANT_PAID: Goal.RETENTION_CHECK_IN,
    Segment.RECENTLY_CHURNED: Goal.WIN_BACK,
}

FACTS = {
    Segment.SINGLE_MODULE: ("status", "modules_owned", "modules_available"),
    Segment.RENEWAL_DUE: ("status", "annual", "renews_on"),
    Segment.SOLO_SEAT: ("status", "seats", "team_logins", "integrations"),
    Segment.DORMANT_PAID: ("status", "logins_before", "logins_now"),
    Segment.RECENTLY_CHURNED: ("status", "churned_on"),
}


def segments(account: Account, today: Today) -> tuple[Segment, ...]:
    """Every segment that matches, by priority."""
    if account.ever_paid is False:
        return ()
    return tuple(segment for segment, matches in MATCHES if matches(account, today))


def matched_by(segment: Segment, account: Account) -> dict[str, object]:
    """The facts that made the account match, by the names of its fields."""
    return {name: getattr(account, name) for name in FACTS[segment]}


def act_by(segment: Segment, account: Account) -> date | None:
    """The last day on which the segment's moment holds; None where it does not pass, or unknown.

    A renewal is talked about 30 days before its day at the latest; a customer who left is won back
    within 180 days; one who no longer comes leaves within 60 days of the last login.
    """
    day, days = {
        Segment.RENEWAL_DUE: (account.renews_on, -RENEWAL_DAYS_MIN),
        Segment.RECENTLY_CHURNED: (account.churned_on, CHURNED_DAYS_MAX),
        Segment.DORMANT_PAID: (account.last_login_on, DORMANT_DAYS_MAX),
    }.get(segment, (None, 0))
    return day + timedelta(days) if day else None


def is_customer(account: Account) -> bool:
    """A paid relation is on record, past or present."""
    if account.ever_paid is None:
        return account.status in (Status.ACTIVE, Status.CHURNED)
    return account.ever_paid


def never_paid(account: Account) -> bool:
    """A trial, or an account that is known never to have paid."""
    return account.ever_paid is False or (
        account.status is Status.TRIAL and account.ever_paid is None
    )


def churned_long_ago(account: Account, today: Today) -> bool:
    """Left more than 18 calendar months ago, and no phone contact is on record."""
    churned_on = _churned_on(account)
    if churned_on is None or account.spoke_by_phone:
        return False
    return churned_on < months_before(today.latest, CHURNED_MONTHS_MAX)


def out_of_window(account: Account, today: Today) -> bool:
    """Left, but not 30 to 180 days ago; on an unknown day counts as outside."""
    churned_on = _churned_on(account)
    if churned_on is None:
        return account.status is Status.CHURNED
    return not today.within(CHURNED_DAYS_MIN, churned_on, CHURNED_DAYS_MAX)


def _churned_on(account: Account) -> date | None:
    """The day on which the customer left; an account that is active or on trial did not."""
    return account.churned_on if account.status in (Status.CHURNED, None) else None


def _single_module(account: Account, _: Today) -> bool:
    owned, available = account.modules_owned, account.modules_available
    return _is_active(account) and owned == 1 and available is not None and available > 1


def _renewal_due(account: Account, today: Today) -> bool:
    if not (_is_active(account) and account.annual and account.renews_on):
        return False
    return today.within(-RENEWAL_DAYS_MAX, account.renews_on, -RENEWAL_DAYS_MIN)


def _solo_seat(account: Account, _: Today) -> bool:
    grown = (account.team_logins or 0) >= TEAM_LOGINS_MIN
    connected = (account.integrations or 0) >= INTEGRATIONS_MIN
    return _is_active(account) and account.seats == 1 and (grown or connected)


def _dormant_paid(account: Account, _: Today) -> bool:
    before, now = account.logins_before, account.logins_now
    if not _is_active(account) or before is None or now is None:
        return False
    return before >= DAILY_LOGINS_A_MONTH_MIN and now <= MONTHLY_LOGINS_A_MONTH_MAX


def _recently_churned(account: Account, today: Today) -> bool:
    if account.status is not Status.CHURNED or account.churned_on is None:
        return False
    return today.within(CHURNED_DAYS_MIN, account.churned_on, CHURNED_DAYS_MAX)


def _is_active(account: Account) -> bool:
    return account.status is Status.ACTIVE


MATCHES: tuple[tuple[Segment, Callable[[Account, Today], bool]], ...] = (  # by priority
    (Segment.SINGLE_MODULE, _single_module),
    (Segment.RENEWAL_DUE, _renewal_due),
    (Segment.SOLO_SEAT, _solo_seat),
    (Segment.DORMANT_PAID, _dormant_paid),
    (Segment.RECENTLY_CHURNED, _recently_churned),
)
