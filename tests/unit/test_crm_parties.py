"""Who a contact is to the law, and where: what the contact rules ask of a record."""

import pytest

from shared.words import Party
from tests.crm_files import read_row

TEXAN = "+1 512 555 2671"


@pytest.mark.parametrize(
    ("cells", "party"),
    [
        ({"legal_form": "Private person"}, Party.CONSUMER),
        ({"rechtsform": "Einzelunternehmer"}, Party.SOLE_TRADER),
        ({"customer_kind": "B2B"}, Party.BUSINESS),
        ({"legal_form": "GmbH"}, Party.BUSINESS),
        ({"company": "Tonstudio Vogt GmbH"}, Party.BUSINESS),
        ({"company": "Vogt Studio"}, None),
        ({"company": "Limited"}, None),
        ({"legal_form": "something else"}, None),
        ({}, None),
    ],
)
def test_in_whose_name_somebody_bought_is_on_record_or_unknown(tmp_path, cells, party):
    assert read_row(tmp_path, **cells).facts.party is party


def test_a_state_is_read_by_itself_and_from_the_area_code(tmp_path):
    facts = read_row(tmp_path, country="US", state="California", phone=TEXAN).facts
    assert (facts.state, facts.number_state) == ("CA", "TX")


def test_a_number_without_a_state_of_its_own_names_none(tmp_path):
    free_of_charge = read_row(tmp_path, country="US", phone="+1 800 234 5678").facts
    abroad = read_row(tmp_path, country="DE", phone="+49 170 1234567").facts
    assert {free_of_charge.number_state, abroad.number_state, abroad.state} == {""}


def test_the_day_of_the_newest_payment_is_kept(tmp_path):
    assert str(read_row(tmp_path, last_payment="2026-10-03").facts.account.paid_on) == "2026-10-03"
