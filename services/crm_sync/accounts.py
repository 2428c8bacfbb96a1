"""The facts of the customer's account, and the fields that contradict one another."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.crm_sync.cells import (
    VOCABULARY,
    folded,
    is_annual,
    lookup,
    months,
    number,
    things,
    times_a_month,
    whole,
    yes_or_no,
)
from services.crm_sync.dates import DateOrders
from services.crm_sync.dealings import Dealings, read_dealings
from services.crm_sync.mapping import Values, refuses
from shared.events import Account
from shared.words import Party, Status

_STATUSES = lookup(VOCABULARY["status"])
_PARTIES = lookup(VOCABULARY["party"])
_LEGAL_FORMS = frozenset(VOCABULARY["legal_forms"])
STRANGER = "stranger"
PLAN_CHARS_MAX = 100
CLOCKS_APART = timedelta(days=1)  # between the CRM's day and ours

# Fields that hold a day; their columns are surveyed for the order of day and month.
DATES = (
    "paid_on", "plan_since", "renews_on", "term_ends_on", "churned_on", "churned", "last_login_on",
    "spoke_by_phone",
)  # fmt: skip


def read_account(values: Values, dates: DateOrders, today: date) -> Account:
    """What the row says of the account."""
    word = values.read("status", status_word)
    churned_on = _churned_on(values, dates)
    status = _status(values, word, churned_on, today)
    term_ends_on = values.read("term_ends_on", dates.reader("term_ends_on"))
    ended = status is Status.CHURNED
    dealings = read_dealings(values, dates)
    paid_on = _paid_on(values, dates, dealings)
    return Account(
        status=status,
        ever_paid=_ever_paid(values, word, has_paid=_settled(dealings) or paid_on is not None),
        plan=values.text("plan")[:PLAN_CHARS_MAX],
        months_on_plan=_months_on_plan(values, dates, today),
        seats=values.read("seats", whole),
        team_logins=values.read("team_logins", whole),
        integrations=values.read("integrations", things),
        modules_owned=values.read("modules_owned", things),
        modules_available=values.read("modules_available", things),
        logins_before=values.read("logins_before", times_a_month),
        logins_now=values.read("logins_now", times_a_month),
        annual=values.read("interval", is_annual),
        renews_on=values.read("renews_on", dates.reader("renews_on"))
        or (None if ended else term_ends_on),
        churned_on=churned_on or (term_ends_on if ended else None),
        paid_on=paid_on,
        last_login_on=values.read("last_login_on", dates.reader("last_login_on")),
        spoke_by_phone=_spoke_by_phone(values, dates),
        **dealings,
    )


def read_party(values: Values) -> Party | None:
    """In whose name the customer bought: as recorded, else a company where its name says so."""
    if told := values.read("party", _party_word):
        return told
    words = folded(values.text("company")).split()
    return Party.BUSINESS if words[1:] and words[-1] in _LEGAL_FORMS else None


def _party_word(text: str) -> Party | None:
    words = folded(text)
    if words in _LEGAL_FORMS:
        return Party.BUSINESS
    word = _PARTIES.get(words)
    return Party(word) if word else None


def contradictions(account: Account, today: date) -> Iterator[str]:
    """The fields that cannot be true together with the others."""
    left = account.churned_on
    if left is not None:
        gone = account.status is Status.CHURNED
        if (account.status is Status.ACTIVE and left < today) or (gone and left > today):
            yield "churned_on"
    if account.status is Status.TRIAL and account.ever_paid:
        yield "ever_paid"
    owned, available = account.modules_owned, account.modules_available
    if owned is not None and available is not None and owned > available:
        yield "modules_owned"
    if account.last_login_on is not None and account.last_login_on > today + CLOCKS_APART:
        yield "last_login_on"


def status_word(text: str) -> str | None:
    """The list of `vocabulary.toml` that a status stands in; a refusal is none of them."""
    words = folded(text)
    return _STATUSES.get(words) or ("" if refuses(words) else None)


def _status(
    values: Values, word: str | None, churned_on: date | None, today: date
) -> Status | None:
    if word and word != STRANGER:
        return Status(word)
    if values.read("trial", yes_or_no):
        return Status.TRIAL
    if (churned_on is not None and churned_on <= today) or values.read("churned", _plain):
        return Status.CHURNED
    return None


def _plain(text: str) -> bool | None:
    """A yes or no; anything else is another reader's business and no fault."""
    return bool(yes_or_no(text))


def _churned_on(values: Values, dates: DateOrders) -> date | None:
    """A column called "churned" may hold the day, or only a yes."""
    said = values.read("churned_on", dates.reader("churned_on"))
    return said or dates.read("churned", values.text("churned"))


def _ever_paid(values: Values, word: str | None, *, has_paid: bool) -> bool | None:
    """What is recorded, else what follows from money or a payment that is on record."""
    told = values.read("paid", yes_or_no)
    if told is not None:
        return told
    spent = values.read("spent", number)
    if spent or has_paid:
        return True
    return False if spent == 0 or word == STRANGER else None


def _paid_on(values: Values, dates: DateOrders, dealings: Dealings) -> date | None:
    """The newest payment, or invoice that is settled."""
    paid = values.read("paid_on", dates.reader("paid_on"))
    days = [paid, dealings["invoiced_on"] if _settled(dealings) else None]
    return max(filter(None, days), default=None)


def _settled(dealings: Dealings) -> bool:
    """An invoice is paid, or nobody says that it is not."""
    paid = dealings["invoice_paid"]
    return dealings["invoiced_on"] is not None if paid is None else paid


def _months_on_plan(values: Values, dates: DateOrders, today: date) -> int | None:
    """What is recorded, else the full months since the plan began."""
    told = values.read("months_on_plan", months)
    since = values.read("plan_since", dates.reader("plan_since"))
    if told is not None or since is None or since > today:
        return told
    return (today.year - since.year) * 12 + today.month - since.month - (today.day < since.day)


def _spoke_by_phone(values: Values, dates: DateOrders) -> bool | None:
    """A yes or no, a number of calls, or the day of one."""

    def parse(text: str) -> bool | None:
        if (answer := yes_or_no(text)) is not None:
            return answer
        if (calls := whole(text)) is not None:
            return calls > 0
        return True if dates.read("spoke_by_phone", text) else None

    return values.read("spoke_by_phone", parse)
