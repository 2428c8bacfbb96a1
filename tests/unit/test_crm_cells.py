"""What a cell says: yes or no, numbers, words of known lists, and days."""

from datetime import date

import pytest

from services.crm_sync.cells import (
    cleaned,
    folded,
    is_annual,
    is_verified,
    kept,
    months,
    number,
    things,
    times_a_month,
    whole,
    yes_or_no,
)
from services.crm_sync.dates import DateSurvey, Order, read_date


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  Ann ", "Ann"),
        ("\ufeffAnn\u200b", "Ann"),
        ("A\x00nn", "Ann"),
        ("\u202eAnn", "Ann"),
        ("'=1+1", "=1+1"),
        ("'+4915112345678", "+4915112345678"),
        ("'tis", "'tis"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_a_cell_is_its_text_without_what_nobody_sees(cell, text):
    assert cleaned(cell) == text


@pytest.mark.parametrize(
    "cell", ["", " ", "-", "N/A", "n/a", "NULL", "None", "#N/A", "unbekannt", "nežinoma", "\u200b"]
)
def test_a_cell_that_says_nothing_is_empty(cell):
    assert cleaned(cell) == ""


def test_words_are_compared_without_case_accents_and_punctuation():
    assert folded("  Ne_pas-CONTACTER !") == "ne pas contacter"
    assert folded("Šiaulių g. · ŁÓDŹ straße Ærø") == "siauliu g lodz strasse æro"


@pytest.mark.parametrize(
    "text",
    [
        "Yes",
        "TRUE",
        "1",
        "x",
        "ja",
        "WAHR",
        "oui",
        "vrai",
        "Sí",
        "si",
        "taip",
        "TEISINGA",
        "✓",
        "☑",
    ],
)
def test_a_yes_is_read_in_any_of_the_languages(text):
    assert yes_or_no(text) is True


@pytest.mark.parametrize(
    "text", ["No", "false", "0", "nein", "FALSCH", "non", "faux", "no", "ne", "klaidinga", "✗", "☐"]
)
def test_a_no_is_read_in_any_of_the_languages(text):
    assert yes_or_no(text) is False


@pytest.mark.parametrize("text", ["maybe", "2", "yes, if paid", "", "yesterday" * 50])
def test_what_is_neither_is_unknown(text):
    assert yes_or_no(text) is None


def test_a_number_may_be_said_to_be_verified():
    assert is_verified("Verified") is True
    assert is_verified("not verified") is False
    assert is_verified("yes") is True
    assert is_verified("pending") is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("12", 12),
        ("1,234", 1234),
        ("1.234", 1234),
        ("1 234", 1234),
        ("1\u202f234", 1234),
        ("1'234", 1234),
        ("12,345,678", 12345678),
        ("3.0", 3),
        ("3,0", 3),
        ("0", 0),
    ],
)
def test_a_count_is_read_however_it_is_grouped(text, count):
    assert whole(text) == count


@pytest.mark.parametrize("text", ["3.5", "-1", "many", "12 seats", "1e5", "∞", "9" * 40, "²"])
def test_what_is_no_count_is_unknown(text):
    assert whole(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", 12.5),
        ("12,5", 12.5),
        ("0.333", 0.333),
        ("1.234,50", 1234.5),
        ("1,234.50", 1234.5),
        ("€ 1.234,50", 1234.5),
        ("99 EUR", 99.0),
        ("1.234.567", 1234567.0),
    ],
)
def test_a_number_is_read_with_either_decimal_sign(text, value):
    assert number(text) == value


@pytest.mark.parametrize("text", ["1.234", "1,234", "-3", "n", "3%"])
def test_a_number_that_may_mean_two_things_is_unknown(text):
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("14", 14),
        ("14 months", 14),
        ("2 years", 24),
        ("1 Jahr", 12),
        ("3 mois", 3),
        ("5 menesiai", 5),
    ],
)
def test_a_time_is_counted_in_months(text, value):
    assert months(text) == value


def test_a_time_in_other_units_is_unknown():
    assert months("3 weeks") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("CRM; Billing", 2), ("CRM, crm", 1), ("Billing", 1), ("0", 0), ("a\nb|c", 3)],
)
def test_things_are_counted_or_listed(text, value):
    assert things(text) == value


@pytest.mark.parametrize("text", ["-2", ";", "+"])
def test_what_lists_nothing_is_unknown(text):
    assert things(text) is None


def test_logins_may_be_told_in_words():
    assert times_a_month("daily") == 30
    assert times_a_month("Wöchentlich") == 4
    assert times_a_month("kas mėnesį") == 1
    assert times_a_month("never") == 0
    assert times_a_month("22") == 22
    assert times_a_month("often") is None


@pytest.mark.parametrize(
    ("text", "annual"),
    [
        ("Yearly", True),
        ("jährlich", True),
        ("annuel", True),
        ("metinė", True),
        ("Two year", True),
        ("yes", True),
        ("month", False),
        ("Month-to-month", False),
        ("mėnesinis", False),
        ("no", False),
        ("custom", None),
    ],
)
def test_a_billing_interval_says_whether_the_contract_is_annual(text, annual):
    assert is_annual(text) is annual


DAY = date(2024, 8, 13)


@pytest.mark.parametrize(
    "text",
    [
        "2024-08-13",
        "2024/08/13",
        "2024.08.13",
        "2024-08-13T18:04:34.666+00:00",
        "2024-08-13 18:04",
        "13.08.2024",
        "13/08/2024 14:05",
        "8/13/2024",
        "13-08-24",
        "20240813",
        "1723507200",
        "1723507200000",
        "13 Aug 2024",
        "13-Aug-24",
        "Aug 13th, 2024",
        "Tue, 13 August 2024",
        "13. August 2024",
        "mar. 13 août 2024",
        "13 de agosto de 2024",
        "2024 m. rugpjūčio 13 d.",
    ],
)
def test_a_day_is_read_in_whatever_form(text):
    assert read_date(text, None) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2024",
        "2024-13-45",
        "31/02/2024",
        "0000-00-00",
        "1970-01-01",
        "soon",
        "August",
        "12",
        "13 08",
        "99999999999999",
        "August " * 50,
    ],
)
def test_what_is_no_certain_day_is_unknown(text):
    assert read_date(text, None) is None


def test_the_order_of_day_and_month_settles_what_is_open():
    assert read_date("03/04/2024", Order.DAY_FIRST) == date(2024, 4, 3)
    assert read_date("03/04/2024", Order.MONTH_FIRST) == date(2024, 3, 4)
    assert read_date("04/04/2024", None) == date(2024, 4, 4)


def test_a_value_that_can_be_read_one_way_only_is_read_that_way():
    assert read_date("25/12/2024", Order.MONTH_FIRST) == date(2024, 12, 25)
    assert read_date("12/25/2024", Order.DAY_FIRST) == date(2024, 12, 25)
    assert read_date("03.04.2024", Order.MONTH_FIRST) == date(2024, 4, 3)


def orders(home="US", **columns):
    survey = DateSurvey()
    for column, values in columns.items():
        for value in values:
            survey.note(column, value)
    return survey.orders(home)


def test_one_clear_value_decides_for_its_whole_column():
    assert orders(left=["03/04/2024", "25/12/2024"]).read("left", "03/04/2024") == date(2024, 4, 3)
    assert orders(left=["12/25/2024"], home="DE").read("left", "03/04/2024") == date(2024, 3, 4)


def test_a_column_without_a_clear_value_follows_the_others():
    read = orders(left=["03/04/2024"], renews=["25/12/2024"]).read
    assert read("left", "03/04/2024") == date(2024, 4, 3)


def test_a_file_without_a_clear_value_follows_its_country():
    assert orders(left=["03/04/2024"]).read("left", "03/04/2024") == date(2024, 3, 4)
    assert orders(left=["03/04/2024"], home="GB").read("left", "03/04/2024") == date(2024, 4, 3)


def test_a_column_that_contradicts_itself_is_read_only_where_it_is_clear():
    read = orders(left=["25/12/2024", "12/25/2024"]).read
    assert read("left", "03/04/2024") is None
    assert read("left", "25/12/2024") == date(2024, 12, 25)
    assert read("renews", "03/04/2024") == date(2024, 3, 4)


def test_a_short_text_is_read_once_and_a_long_one_whenever_it_comes():
    read = []
    length = kept(8)(lambda text: (read.append(text), len(text))[1])
    long = "a note " * 100
    assert [length(text) for text in ("Yes", "Yes", long, long)] == [3, 3, len(long), len(long)]
    assert read == ["Yes", long, long]
