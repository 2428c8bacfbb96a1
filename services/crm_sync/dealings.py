"""What passed between the customer and the company: money, support, conversations."""

import re
from datetime import date
from typing import TypedDict

from services.crm_sync.cells import VOCABULARY, folded, is_annual, lookup, months, number, yes_or_no
from services.crm_sync.dates import DateOrders
from services.crm_sync.mapping import Values
from shared.events import History, Money, Proof

MONTHS_OF_A_YEAR = 12
WORDS_CHARS_MAX = 1_000

# Fields that hold a day.
DATES = ("invoiced_on", "talked_on", "ticket_on")

_INVOICE = lookup(VOCABULARY["invoice"])
_TICKET = lookup(VOCABULARY["ticket"])
_CURRENCIES = lookup(VOCABULARY["currency"])
_AMOUNT = re.compile(r"([^\d\s.,'+-]{0,4})\s*(\d[\d.,'’\s]*)\s*([^\d\s.,'+-]{0,4})\.?")  # noqa: RUF001  typographic apostrophe
_THOUSANDS = re.compile(r"\d{1,3}[.,]\d{3}")
_CODE = re.compile(r"[A-Za-z]{3}")


class Dealings(TypedDict):
    """Those fields of an account; None is unknown."""

    talked_on: date | None
    worth: Money | None
    term_months: int | None
    invoiced_on: date | None
    invoice: Money | None
    invoice_paid: bool | None
    ticket_on: date | None
    ticket_open: bool | None


def read_dealings(values: Values, dates: DateOrders) -> Dealings:
    """What the row says of them."""
    talked, invoiced, ticket = (values.read(name, dates.reader(name)) for name in (
        "talked_on", "invoiced_on", "ticket_on",
    ))  # fmt: skip
    return Dealings(
        talked_on=talked,
        worth=_worth(values),
        term_months=_term_months(values),
        invoiced_on=invoiced,
        invoice=_money(values, "invoice_amount"),
        invoice_paid=values.read("invoice_status", is_paid),
        ticket_on=ticket,
        ticket_open=values.read("ticket_open", is_open),
    )


def read_history(values: Values, proofs: tuple[Proof, ...]) -> History | None:
    """What the row tells in words; None where it tells nothing."""
    ticket = values.text("ticket_subject")[:WORDS_CHARS_MAX]
    left_because = values.text("left_because")[:WORDS_CHARS_MAX]
    proven = any(its.words or its.how or its.to_whom for its in proofs)
    if not (ticket or left_because or proven):
        return None
    return History(ticket=ticket, left_because=left_because, proofs=proofs if proven else ())


def money(text: str) -> Money | None:
    """An amount with its currency, where one stands beside it. "1.234" is no price of parts."""
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    digits = "".join(match[2].split())
    thousands = _THOUSANDS.fullmatch(digits) is not None
    amount = number(re.sub(r"[.,]", "", digits) if thousands else digits)
    if amount is None:
        return None
    return Money(amount=amount, currency=_currency(match[1]) or _currency(match[3]))


def _currency(text: str) -> str:
    sign = text.lower()
    return _CURRENCIES.get(sign, text.upper() if _CODE.fullmatch(text) else "")


def _money(values: Values, name: str) -> Money | None:
    """An amount; its currency may stand in a column of its own."""
    found = values.read(name, money)
    if found is None or found.currency:
        return found
    return Money(amount=found.amount, currency=_currency(values.text("currency")))


def _worth(values: Values) -> Money | None:
    """What is recorded for a year, else twelve times the month."""
    if year := _money(values, "worth_a_year"):
        return year
    month = _money(values, "worth_a_month")
    return month and Money(amount=month.amount * MONTHS_OF_A_YEAR, currency=month.currency)


def _term_months(values: Values) -> int | None:
    """A length that is recorded; a contract that runs by the year has twelve months."""
    if told := values.read("term_months", months):
        return told
    text = values.text("interval")
    return months(text) or (MONTHS_OF_A_YEAR if is_annual(text) else None)


def is_paid(text: str) -> bool | None:
    """Whether an invoice is said to be paid."""
    word = _INVOICE.get(folded(text))
    return yes_or_no(text) if word is None else word == "paid"


def is_open(text: str) -> bool | None:
    """Whether a support ticket is open: a state, a yes, or how many there are."""
    word = _TICKET.get(folded(text))
    if word is not None:
        return word == "open"
    return int(text) > 0 if text.isdecimal() else yes_or_no(text)
