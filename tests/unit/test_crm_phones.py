"""Numbers as people type them, and addresses that are worth writing to."""

import pytest

from services.crm_sync.mailboxes import read_mailbox
from services.crm_sync.phones import read_number
from shared.words import LineType


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("(212) 555-0123", "US", "+12125550123"),
        ("212.555.0123", "US", "+12125550123"),
        ("1-212-555-0123", "US", "+12125550123"),
        ("+1 (416) 555 0123", "US", "+14165550123"),
        ("07400 123456", "GB", "+447400123456"),
        ("+44 (0)7400 123456", "US", "+447400123456"),
        ("0044 7400 123456", "DE", "+447400123456"),
        ("0151 12345678", "DE", "+4915112345678"),
        ("0151/12345678", "DE", "+4915112345678"),
        ("(0151) 123 456 78", "DE", "+4915112345678"),
        ("06.12.34.56.78", "FR", "+33612345678"),
        ("612 34 56 78", "ES", "+34612345678"),
        ("8 612 12345", "LT", "+37061212345"),
        ("8-612-12345", "LT", "+37061212345"),
        ("(8~612) 12345", "LT", "+37061212345"),
        ("+370 612 12345", "US", "+37061212345"),
        ("02 1234 5678", "IT", "+390212345678"),
        ("(11) 96123-4567", "BR", "+5511961234567"),
        ("070-123 45 67", "SE", "+46701234567"),
        ("0412 345 678", "AU", "+61412345678"),
        ("٠٥٠١٢٣٤٥٦٧", "AE", "+971501234567"),
        ("tel:+49 151 12345678", "US", "+4915112345678"),
        ("'+49 151 12345678", "US", "+4915112345678"),
    ],
)
def test_a_number_is_read_as_its_country_writes_it(text, region, e164):
    assert read_number(text, region).e164 == e164


@pytest.mark.parametrize(
    "text",
    ["", "12345", "000000", "call reception", "ask Tom", "-", "4.91512E+11", "+", "++++", "1" * 50],
)
def test_what_is_no_number_is_none(text):
    assert read_number(text, "DE") is None


def test_a_number_without_prefix_belongs_to_the_region_given():
    assert read_number("0151 12345678", "US") is None
    assert read_number("0151 12345678", "DE").region == "DE"


def test_a_number_with_prefix_belongs_to_its_own_country():
    assert read_number("+44 7400 123456", "DE").region == "GB"


def test_a_number_needs_no_region_when_it_has_a_prefix():
    assert read_number("+44 7400 123456", "").e164 == "+447400123456"
    assert read_number("07400 123456", "") is None


@pytest.mark.parametrize(
    ("text", "region", "line"),
    [
        ("0151 12345678", "DE", LineType.MOBILE),
        ("030 123456", "DE", LineType.LANDLINE),
        ("(212) 555-0123", "US", LineType.UNKNOWN),
        ("1-800-356-9377", "US", LineType.LANDLINE),
        ("0151 12345678 ext. 12", "DE", LineType.LANDLINE),
    ],
)
def test_a_number_tells_what_answers(text, region, line):
    assert read_number(text, region).line is line


def test_an_extension_is_left_out_of_the_number():
    assert read_number("(510)755-7935x76345", "US").e164 == "+15107557935"
    assert read_number("+1 510 755 7935 ext 7", "US").e164 == "+15107557935"


@pytest.mark.parametrize(
    "text",
    [
        "0171 2345678 / 030 123456",
        "0171 2345678; 030 123456",
        "0171 2345678, 0151 12345678",
        "0171 2345678 oder 030 123456",
        "0171 2345678\n030 123456",
        "0171 2345678/030 123456",
        "12; 0171 2345678",
        "privat, 0171 2345678",
    ],
)
def test_the_first_valid_number_of_several_is_taken(text):
    assert read_number(text, "DE").e164 == "+491712345678"


def test_a_number_that_lost_its_plus_in_a_spreadsheet_is_not_taken_for_a_strangers():
    assert read_number("491701234567", "DE").e164 == "+491701234567"
    assert read_number("491701234567.0", "DE").e164 == "+491701234567"
    assert read_number("447400123456", "GB").e164 == "+447400123456"
    assert read_number("0491 701234", "DE").e164 == "+49491701234"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ann@studio.example", "ann@studio.example"),
        (" Ann.Smith@Studio.EXAMPLE ", "Ann.Smith@studio.example"),
        ("mailto:ann@studio.example", "ann@studio.example"),
        ("Ann Smith <ann@studio.example>", "ann@studio.example"),
        ("ann+work@mail.studio.example", "ann+work@mail.studio.example"),
        ("o'hara@studio.example", "o'hara@studio.example"),
        ("none@; ann@studio.example", "ann@studio.example"),
        ("ann@müller.example", "ann@xn--mller-kva.example"),
        ("ann@studio.example.", "ann@studio.example"),
        ("ann@a.co.uk, ben@b.example", "ann@a.co.uk"),
    ],
)
def test_the_first_valid_address_of_a_cell_is_taken(text, address):
    assert read_mailbox(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n/a",
        "ann",
        "none@",
        "@studio.example",
        "ann@studio",
        "ann@localhost",
        "ann@studio.local",
        "ann@gmail.con",
        "ann..smith@studio.example",
        ".ann@studio.example@",
        "ann@-studio.example",
        "ann@studio-.example",
        "ann@127.0.0.1",
        "ann@[127.0.0.1]",
        "änn@studio.example",
        "ann@stu dio.example",
        "ann@studio.1",
        "a" * 65 + "@studio.example",
        "ann@" + "a" * 64 + ".example",
        "ann@" + "a." * 130 + "example",
        "@" * 5_000,
    ],
)
def test_what_no_mail_reaches_is_none(text):
    assert read_mailbox(text) is None
