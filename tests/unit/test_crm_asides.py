"""Rows that are no customers: they are counted, and say what they are."""

import pytest

from services.crm_sync.asides import REMARK, TOTAL, aside_of
from tests.crm_files import ANN, as_csv, read


@pytest.mark.parametrize(
    "cells",
    [
        ["Total", "", "", "120,522"],
        ["", "Summe:", "1.234,50 €", ""],
        ["Iš viso", "12"],
        ["GRAND TOTAL", "1", "2"],
        ["Record count", "3"],
    ],
)
def test_a_total_is_told_by_its_word_and_quantities_beside_it(cells):
    assert aside_of(cells) == TOTAL


@pytest.mark.parametrize(
    "cells",
    [
        ["Source: Office for National Statistics.", "", ""],
        ["Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.", "", ""],
        ["# end of the list", "", "", ""],
        ["Erstellt am 5. Januar 2026", "", ""],
        ["250 records exported on 2026-11-01", "", ""],
    ],
)
def test_a_remark_stands_alone_in_its_row(cells):
    assert aside_of(cells) == REMARK


@pytest.mark.parametrize(
    "cells",
    [
        ["Total", "Anna", "", ""],
        ["Sum", "Ltd"],
        ["7", "", ""],
        ["Source of Light Studio", "Ann", ""],
        ["Ann of the Mill", "", ""],
        ["Source: us"],
        ["", "", ""],
        [],
    ],
)
def test_what_may_be_a_customer_is_one(cells):
    assert aside_of(cells) == ""


def test_a_total_is_a_row_that_says_what_it_is(tmp_path):
    content = as_csv(ANN | {"seats": "3"}) + "Total,,,,3\n"
    ann, total = read(tmp_path, content)
    assert ann.facts.unreadable == ""
    assert (total.row, total.facts.unreadable) == (2, f"The row {TOTAL}.")


def test_a_row_with_an_address_is_a_customer_whatever_it_is_called(tmp_path):
    [record] = read(tmp_path, "name,email,seats\nTotal,total@x.example,3\n")
    assert record.facts.unreadable == ""
