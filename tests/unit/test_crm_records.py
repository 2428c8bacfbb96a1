"""Rows as records: who it is, how they are reached, and what identifies them."""

import pytest

from services.crm_sync.wrapping import UnusableFileError
from shared.events import Facts, Person
from shared.words import LineType
from tests.crm_files import ANN, BEN, HASHER, as_csv, open_, read, read_row, write


def test_a_row_is_one_record_with_its_number(tmp_path):
    records = read(tmp_path, as_csv(ANN, BEN))
    assert [(record.row, record.key) for record in records] == [(1, "7"), (2, "8")]


def test_a_file_is_looked_through_before_it_is_read(tmp_path):
    source = open_(write(tmp_path, as_csv(ANN | {"Shoe size": "44"}, BEN)))
    assert source.rows == 2
    assert source.reader.columns.unplaced == ("Shoe size",)
    assert source.table.described == "parted by `,`, UTF-8, header on line 1"


@pytest.mark.parametrize(
    ("cells", "kind", "key"),
    [
        ({}, "id", "1"),
        ({"id": ""}, "mailbox", "ann@studio.example"),
        ({"id": "", "email": "ANN@Studio.Example"}, "mailbox", "ann@studio.example"),
        ({"id": "", "email": "", "phone": "+370 612 12345"}, "phone", "+37061212345"),
    ],
)
def test_a_record_is_known_by_its_id_its_mailbox_or_its_number(tmp_path, cells, kind, key):
    record = read_row(tmp_path, **cells)
    assert (record.kind, record.key) == (kind, key)


def test_a_record_without_any_of_them_is_known_by_all_that_it_says(tmp_path):
    one = read_row(tmp_path, id="", email="none@", name="Ann")
    other = read_row(tmp_path, id="", email="none@", name="Ben")
    assert one.kind == other.kind == "row"
    assert one.key != other.key


def test_the_content_changes_with_any_cell_that_is_read(tmp_path):
    row = ANN | {"phone": "+370 612 12345", "plan": "Base", "sms opt-in": "yes"}
    [before] = read(tmp_path, as_csv(row))
    for column in row:
        [after] = read(tmp_path, as_csv(row | {column: "x" + row[column]}))
        assert after.content != before.content, column


def test_a_value_that_nobody_understands_is_counted_once(tmp_path):
    record = read_row(tmp_path, last_invoice="soon", invoice_status="perhaps", seats="some")
    assert sorted(record.unread) == ["invoice_status", "invoiced_on", "seats"]


def test_the_content_does_not_change_with_what_is_not_read(tmp_path):
    [before] = read(tmp_path, as_csv(ANN | {"Shoe size": "44"}))
    [after] = read(tmp_path, as_csv(ANN | {"Shoe size": "45"}))
    assert after.content == before.content


def test_the_content_changes_when_the_same_cells_mean_something_else(tmp_path):
    row = as_csv(ANN | {"country": "", "phone": "0151 12345678"})
    [american] = read(tmp_path, row, region="US")
    [german] = read(tmp_path, row, region="DE")
    assert american.content != german.content
    assert american.key == german.key


def test_a_person_is_called_by_their_name(tmp_path):
    record = read_row(tmp_path, first_name=" ANNA  ", last_name="Šimkutė", company="Studija")
    assert record.person == Person(
        crm_id="1", full_name="ANNA Šimkutė", first_name="Anna", company="Studija"
    )


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ann Smith", "Ann"),
        ("Dr. Ann Smith", "Ann"),
        ("Frau Anna-Lena Groß", "Anna-Lena"),
        ("ann smith", "Ann"),
        ("Smith", ""),
        ("Smith, Ann", ""),
        ("Studio 54", ""),
        ("", ""),
    ],
)
def test_a_first_name_is_taken_from_a_whole_one_only_where_it_is_clear(tmp_path, name, first):
    assert read_row(tmp_path, name=name).person.first_name == first


def test_a_name_is_known_without_its_spelling(tmp_path):
    one = read_row(tmp_path, name="Ann  Smith")
    other = read_row(tmp_path, first_name="ANN", last_name="SMITH")
    assert one.facts.name_hash == other.facts.name_hash == HASHER.name("ann smith")
    assert read_row(tmp_path).facts.name_hash == ""


def test_a_number_without_prefix_is_read_in_the_rows_country(tmp_path):
    assert read_row(tmp_path, phone="0151 12345678", country="Germany").number.region == "DE"
    assert read_row(tmp_path, phone="0151 12345678", region="DE").number.region == "DE"
    assert read_row(tmp_path, phone="0151 12345678", country="France", region="DE").number is None


def test_the_first_valid_number_and_address_of_the_row_are_taken(tmp_path):
    record = read_row(
        tmp_path,
        phone="12345",
        mobile="+370 612 12345",
        home_phone="+370 612 54321",
        email="none@",
        email_2="ann@studio.example",
    )
    assert record.number.e164 == "+37061212345"
    assert record.number.line is LineType.MOBILE
    assert record.mailbox == "ann@studio.example"


@pytest.mark.parametrize(
    ("cells", "whatsapp"),
    [
        ({"whatsapp_verified": "yes"}, True),
        ({"whatsapp_verified": "verified"}, True),
        ({"whatsapp_verified": "no"}, False),
        ({"whatsapp_verified": ""}, False),
        ({}, False),
        ({"whatsapp_number": "+370 612 12345"}, False),
        ({"whatsapp_number": "+370 612 12345", "whatsapp_verified": "yes"}, True),
        ({"whatsapp_number": "+370 612 54321", "whatsapp_verified": "yes"}, False),
        ({"whatsapp_number": "-", "whatsapp_verified": "yes"}, True),
    ],
)
def test_a_number_is_on_whatsapp_where_the_record_says_so_of_it(tmp_path, cells, whatsapp):
    assert read_row(tmp_path, phone="+370 612 12345", **cells).whatsapp is whatsapp


def test_a_whatsapp_number_is_a_number_to_be_reached_on(tmp_path):
    record = read_row(tmp_path, whatsapp_number="+370 612 12345", whatsapp_verified="yes")
    assert record.number.e164 == "+37061212345"
    assert record.whatsapp


def test_place_and_language_are_read(tmp_path):
    facts = read_row(
        tmp_path, country="United States", state="NY", language="en-US", phone="(303) 467-0123"
    ).facts
    assert (facts.country, facts.language) == ("US", "en")
    assert facts.zones == ("America/Denver", "America/New_York")


def test_what_is_not_on_record_is_absent(tmp_path):
    record = read_row(tmp_path)
    assert record.facts == Facts()
    assert (record.number, record.whatsapp) == (None, False)


def test_dates_are_read_as_their_column_shows(tmp_path):
    rows = [ANN | {"renewal date": "03/04/2027"}, BEN | {"renewal date": "25/12/2026"}]
    assert [r.facts.account.renews_on.isoformat() for r in read(tmp_path, as_csv(*rows))] == [
        "2027-04-03",
        "2026-12-25",
    ]


def test_dates_that_may_mean_two_things_are_read_as_the_files_country_writes_them(tmp_path):
    british = as_csv(ANN | {"renewal date": "03/04/2027"})
    american = as_csv(ANN | {"renewal date": "03/04/2027", "country": "USA"})
    nowhere = as_csv(ANN | {"renewal date": "03/04/2027", "country": ""})
    for content, region, month in ((british, "US", 4), (american, "DE", 3), (nowhere, "DE", 4)):
        [record] = read(tmp_path, content, region=region)
        assert record.facts.account.renews_on.month == month


def test_an_unreadable_row_is_a_record_that_says_why(tmp_path):
    content = as_csv(ANN, BEN).encode() + b"9,\xff\xfe,c@studio.example,GB\n"
    record = read(tmp_path, content)[2]
    assert record.facts == Facts(unreadable="The row holds bytes that are no text.")
    assert (record.kind, record.key, record.person) == ("id", "9", Person(crm_id="9"))
    assert (record.number, record.mailbox) == (None, None)


def test_an_unreadable_row_whose_id_is_broken_is_known_by_its_text(tmp_path):
    content = as_csv(ANN).encode() + b"9\xff,Cy,c@studio.example,GB\n"
    record = read(tmp_path, content)[1]
    assert record.kind == "row"
    assert record.person.crm_id == ""
    assert record.content.encode()


def test_a_row_with_cells_beyond_the_columns_is_unreadable(tmp_path):
    content = as_csv(ANN) + "9,Smith, Cy,c@studio.example,GB\n"
    record = read(tmp_path, content)[1]
    assert record.facts.unreadable == "The row has 5 cells where the header has 4."
    assert record.kind == "row"


def test_a_long_text_is_cut_and_a_long_id_is_none(tmp_path):
    record = read_row(tmp_path, id="7" * 301, name="A" * 5_000, company="C" * 5_000, plan="P" * 999)
    assert record.kind == "mailbox"
    assert len(record.person.full_name) == len(record.person.company) == 300
    assert len(record.facts.account.plan) == 100


@pytest.mark.parametrize("content", ["id,plan\n1,Base\n", "1,Ann\n2,Ben\n", "email2x\n"])
def test_a_file_without_a_column_for_an_address_is_refused_with_the_remedy(tmp_path, content):
    with pytest.raises(UnusableFileError) as refused:
        open_(write(tmp_path, content))
    assert str(refused.value).startswith("customers.csv has no column for an e-mail address")
    assert "ann@" not in str(refused.value)


def test_a_file_with_nothing_but_a_header_has_no_records(tmp_path):
    assert read(tmp_path, "id,email\n") == []


NAUGHTY = [
    "'; drop table contact; --",
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "../../etc/passwd",
    "%s%n{0}${HOME}",
    "\u202ennA\u202c",
    "Z͑ͫ̓aͩlg̈ͮo͐",
    "👩‍👩‍👧‍👦",
    "NaN",
    "1e309",
    "\U0001f1fa\U0001f1f8",
    "ﷺ" * 100,
    "\x1b[31m",
    "Infinity",
    "-0",
    "٣",
    "½",
    "ǅ",
    "İ",
]


EVERYWHERE = (
    "id", "name", "email", "phone", "country", "state", "time zone", "language", "status", "plan",
    "plan since", "seats", "renewal date", "unsubscribed", "sms opt-in", "opt-in date",
    "opt-in proof", "logins now", "modules", "integrations", "total spend", "last call",
    "billing interval",
)  # fmt: skip


@pytest.mark.parametrize("text", NAUGHTY)
def test_nothing_in_a_cell_breaks_the_reading(tmp_path, text):
    [record] = read(tmp_path, as_csv(dict.fromkeys(EVERYWHERE, text)))
    assert record.facts.model_dump_json()
    assert record.content.encode()


def test_without_a_language_the_main_one_of_the_country_is_meant(tmp_path):
    facts = read_row(tmp_path, country="Lithuania", language="", phone="+370 612 00001").facts
    assert facts.language == "lt"
    assert (
        read_row(
            tmp_path, country="Switzerland", language="", email="a@studio.example"
        ).facts.language
        == ""
    )


def test_without_a_country_the_numbers_own_is_meant(tmp_path):
    assert read_row(tmp_path, country="", phone="+370 612 00001").facts.country == "LT"
    assert read_row(tmp_path, country="", email="a@studio.example").facts.country == ""


def test_an_address_that_several_may_have_tells_them_apart_by_name(tmp_path):
    desk = {"email": "info@studio.example", "country": "GB"}
    line = {"phone": "+44 7400 742411", "country": "GB"}
    rows = [
        its | {"name": name} for its in (desk, line) for name in ("Ann Smith", "SMITH, Ann", "Ben")
    ]
    keys = [(record.kind, record.key) for record in read(tmp_path, as_csv(*rows))]
    assert keys[0] == keys[1] != keys[2]
    assert keys[3] == keys[4] != keys[5]
