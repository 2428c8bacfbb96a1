"""Money, invoices, tickets and conversations as a record tells of them."""

from datetime import date

import pytest

from services.crm_sync.dealings import is_open, is_paid, money
from shared.events import Account, History, Money
from tests.crm_files import read_row


@pytest.fixture
def account(tmp_path):
    return lambda **cells: read_row(tmp_path, **cells).facts.account


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1200", 1200, ""),
        ("1,200.50", 1200.5, ""),
        ("1.200,50 €", 1200.5, "EUR"),
        ("€1.200", 1200, "EUR"),
        ("EUR 99", 99, "EUR"),
        ("99 chf", 99, "CHF"),
        ("$1,299", 1299, ""),
        ("US$ 12", 12, "USD"),
        ("1 200 zł", 1200, "PLN"),
        ("49,90 Kč.", 49.9, "CZK"),
        ("0", 0, ""),
    ],
)
def test_an_amount_is_read_with_its_currency(text, amount, currency):
    assert money(text) == Money(amount=amount, currency=currency)


@pytest.mark.parametrize("text", ["", "free", "-", "1/2", "about 12", "12-15"])
def test_what_is_no_amount_is_unknown(text):
    assert money(text) is None


def test_the_worth_of_a_year_is_on_record_or_follows_from_the_month(account):
    assert account(ACV="1.200 €").worth == Money(amount=1200, currency="EUR")
    assert account(MRR="100", currency="eur").worth == Money(amount=1200, currency="EUR")
    assert account(ACV="900", MRR="100").worth == Money(amount=900)
    assert account(MRR="").worth is None


@pytest.mark.parametrize(
    ("cells", "months"),
    [
        ({"contract_term_months": "24"}, 24),
        ({"contract_length_in_months": "2 years"}, 24),
        ({"contract_term": "annual"}, 12),
        ({"contract_term": "6 months"}, 6),
        ({"contract_term": "monthly"}, None),
        ({}, None),
    ],
)
def test_how_long_a_contract_runs_is_told_in_months(account, cells, months):
    assert account(**cells).term_months == months


def test_the_last_invoice_has_a_day_an_amount_and_a_state(account):
    found = account(
        last_invoice_date="2026-10-01", last_invoice_amount="€99", last_invoice_status="überfällig"
    )
    assert found.invoiced_on == date(2026, 10, 1)
    assert found.invoice == Money(amount=99, currency="EUR")
    assert found.invoice_paid is False


@pytest.mark.parametrize(
    ("cells", "paid"),
    [
        ({"last_invoice": "2026-10-01"}, True),
        ({"last_invoice": "2026-10-01", "invoice_status": "paid"}, True),
        ({"last_invoice": "2026-10-01", "invoice_status": "failed"}, None),
        ({"invoice_status": "bezahlt"}, True),
    ],
)
def test_an_invoice_that_is_not_paid_proves_no_payment(account, cells, paid):
    assert account(**cells).ever_paid is paid


def test_the_newest_payment_may_be_an_invoice_that_is_not_said_to_be_open(account):
    days = {"last_payment": "2026-09-01", "last_invoice": "2026-10-01"}
    assert account(**days).paid_on == date(2026, 10, 1)
    assert account(**days, invoice_status="open").paid_on == date(2026, 9, 1)
    assert account(last_invoice="2026-10-01", invoice_status="open").paid_on is None


@pytest.mark.parametrize(("text", "paid"), [("Paid", True), ("apmokėta", True), ("no", False),
                                            ("Past Due", False), ("who knows", None)])  # fmt: skip
def test_an_invoice_is_paid_in_many_words(text, paid):
    assert is_paid(text) is paid


@pytest.mark.parametrize(
    ("text", "waits"),
    [
        ("Open", True), ("Gelöst", False), ("2", True), ("0", False), ("yes", True), ("blue", None),
    ],
)  # fmt: skip
def test_a_ticket_is_open_in_many_words(text, waits):
    assert is_open(text) is waits


def test_the_last_ticket_has_a_day_a_state_and_a_subject_that_is_sealed(tmp_path):
    record = read_row(
        tmp_path,
        last_ticket_date="2026-11-02",
        ticket_status="Pending",
        last_ticket_subject="Ann cannot log in",
    )
    assert (record.facts.account.ticket_on, record.facts.account.ticket_open) == (
        date(2026, 11, 2),
        True,
    )
    assert record.history == History(ticket="Ann cannot log in")
    assert "Ann" not in record.facts.model_dump_json()


def test_the_last_conversation_and_the_reason_of_leaving_are_read(tmp_path):
    record = read_row(tmp_path, last_contacted="2026-08-20", churn_reason="too dear")
    assert record.facts.account.talked_on == date(2026, 8, 20)
    assert record.history == History(left_because="too dear")


def test_who_tells_nothing_has_no_history(tmp_path):
    record = read_row(tmp_path)
    assert record.history is None
    assert record.facts.account == Account()
