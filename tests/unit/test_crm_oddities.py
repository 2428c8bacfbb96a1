"""What is odd about a record: made up, or an address that is nobody's or everybody's."""

import pytest

from services.crm_sync.oddities import is_unread, oddities
from services.crm_sync.phones import Number
from shared.words import LineType, Oddity
from tests.crm_files import read_row


def found(name="", mailbox=None, e164="", *, region="US", country=""):
    number = Number(e164, region, LineType.MOBILE) if e164 else None
    return list(oddities(name, mailbox, number, country))


@pytest.mark.parametrize(
    ("name", "made_up"),
    [
        ("test test", True),
        ("test user", True),
        ("demo account 2", True),
        ("max mustermann", True),
        ("asdf", True),
        ("max", False),
        ("first last", False),
        ("anna test", False),
        ("demo deluxe studio", False),
        ("", False),
    ],
)
def test_a_name_of_made_up_words_alone_is_made_up(name, made_up):
    assert found(name) == ([Oddity.TEST_DATA] if made_up else [])


@pytest.mark.parametrize(
    ("mailbox", "odd"),
    [
        ("ann@studio.example", []),
        ("ann@example.com", [Oddity.TEST_DATA]),
        ("ann@shop.test", [Oddity.TEST_DATA]),
        ("test2@studio.com", [Oddity.TEST_DATA]),
        ("ann+test@studio.com", [Oddity.TEST_DATA]),
        ("ann+contest@studio.com", []),
        ("testa.rossa@studio.com", []),
        ("info@studio.com", [Oddity.ROLE_MAILBOX]),
        ("Accounts-Payable+x@studio.com", [Oddity.ROLE_MAILBOX]),
        ("informatics@studio.com", []),
        ("ann@mailinator.com", [Oddity.DISPOSABLE_MAILBOX]),
        (None, []),
    ],
)
def test_a_mailbox_may_be_made_up_a_desk_or_one_to_throw_away(mailbox, odd):
    assert found(mailbox=mailbox) == odd


@pytest.mark.parametrize(
    ("e164", "fictional"),
    [
        ("+12125550123", True),
        ("+14165559876", True),
        ("+12123555012", False),
        ("+447700900123", True),
        ("+447700800123", False),
        ("+4917139200", False),
        ("+491713920012", True),
        ("+33639981234", True),
    ],
)
def test_a_number_may_be_one_for_films(e164, fictional):
    assert found(e164=e164) == ([Oddity.FICTIONAL_NUMBER] if fictional else [])


def test_a_number_may_belong_to_another_country_than_its_record(tmp_path):
    assert found(e164="+37060012345", region="LT", country="US") == [Oddity.NUMBER_ELSEWHERE]
    assert found(e164="+37060012345", region="LT", country="LT") == []
    row = {"phone": "+370 600 12345", "country": "Germany"}
    assert read_row(tmp_path, **row).facts.oddities == (Oddity.NUMBER_ELSEWHERE,)
    assert read_row(tmp_path, phone="+370 600 12345").facts.oddities == ()


@pytest.mark.parametrize("mailbox", ["noreply@studio.com", "no-reply@studio.com", "none@x.com"])
def test_what_nobody_reads_is_no_address(mailbox, tmp_path):
    assert is_unread(mailbox)
    assert read_row(tmp_path, email=mailbox).mailbox is None
    both = read_row(tmp_path, email=mailbox, email_2="ann@studio.example")
    assert both.mailbox == "ann@studio.example"
