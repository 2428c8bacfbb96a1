"""What the columns are: proposed by names and values, shown, and settled by a person."""

import tomllib
from types import MappingProxyType

import pytest

from services.crm_sync.columns import as_toml, read_columns
from services.crm_sync.dialects import Told
from services.crm_sync.mapping import NoFieldError, Role, is_of_others, place
from services.crm_sync.records import open_source
from services.crm_sync.wrapping import UnusableFileError
from shared.events import OptOut
from shared.words import Channel, Status
from tests.crm_files import HASHER, TODAY, as_csv, write

PEOPLE = [
    {"Key": str(n), "Who": f"Ann {n}", "Mbox": f"a{n}@x.example", "Ring": f"+37061212{n:03}"}
    for n in range(20)
]


def opened(folder, content, words=MappingProxyType({}), **columns):
    told = Told(columns=columns, words=words)
    path = write(folder, content)
    return open_source(path, region="US", hasher=HASHER, today=TODAY, told=told)


def meanings(source):
    return {look.name: look.meaning for look in source.looks}


def test_addresses_are_known_by_their_values_where_no_name_tells(tmp_path):
    source = opened(tmp_path, as_csv(*PEOPLE))
    assert meanings(source) == {"Key": "", "Who": "", "Mbox": "email", "Ring": "phone"}
    assert next(iter(source)).mailbox == "a0@x.example"


def test_a_list_without_a_header_is_read_by_its_values(tmp_path):
    source = opened(tmp_path, as_csv(*PEOPLE).partition("\n")[2])
    assert meanings(source)["column 3"] == "email"
    assert [record.row for record in source] == list(range(1, 21))


@pytest.mark.parametrize("name", ["Owner", "Account manager", "Betreuer", "Responsable", "Rep"])
def test_the_address_of_somebody_else_is_not_guessed(tmp_path, name):
    rows = [{**row, name: f"rep{n}@us.example"} for n, row in enumerate(PEOPLE)]
    for row in rows:
        del row["Mbox"], row["Ring"]
    assert is_of_others(name)
    with pytest.raises(UnusableFileError, match="no column for an e-mail address"):
        opened(tmp_path, as_csv(*rows))


def test_an_address_that_stands_in_many_rows_is_nobodys(tmp_path):
    rows = [{"Key": str(n), "Zzz": f"rep{n % 3}@us.example"} for n in range(20)]
    with pytest.raises(UnusableFileError, match="no column for an e-mail address"):
        opened(tmp_path, as_csv(*rows))


def test_nothing_is_guessed_beside_a_column_that_its_name_tells(tmp_path):
    source = opened(tmp_path, as_csv(*({**row, "Email": "b@x.example"} for row in PEOPLE)))
    assert meanings(source) == {
        "Key": "", "Who": "", "Mbox": "", "Ring": "phone", "Email": "email",
    }  # fmt: skip


def test_each_column_is_shown_with_how_well_it_fits_and_a_few_values(tmp_path):
    rows = [{"Email": "a@x.example", "Seats": "3", "Notes": "x" * 99}, {"Email": "?", "Seats": "?"}]
    rows += [{"Email": "none@", "Seats": "4"}]
    email, seats, notes = opened(tmp_path, as_csv(*rows)).looks
    assert (email.meaning, email.understood, email.samples) == (
        "email",
        0.5,
        ("a@x.example", "none@"),
    )
    assert (seats.meaning, seats.understood, seats.samples) == ("seats", 1.0, ("3", "4"))
    assert notes.understood is None
    assert [len(text) for text in notes.samples] == [30]


def test_a_person_settles_what_a_column_is(tmp_path):
    row = {"id": "7", "Mail": "wrong@x.example", "Stuff": "a@x.example", "Phone": "+37061212345",
           "Agreed": "yes", "When": "2026-01-05", "Left us": "x"}  # fmt: skip
    source = opened(
        tmp_path,
        as_csv(row),
        Mail="",
        Stuff="email",
        Agreed="consent sms",
        When="consent date",
        **{"Left us": "refusal email"},
    )
    [record] = source
    assert record.mailbox == "a@x.example"
    assert record.number.e164 == "+37061212345"
    [consent] = record.facts.consents
    assert (consent.channels, str(consent.given_on)) == ((Channel.SMS,), "2026-01-05")
    assert record.facts.opt_out == OptOut(channels=(Channel.EMAIL,))


def test_what_a_person_settles_comes_before_what_a_name_tells(tmp_path):
    row = {"Email": "old@x.example", "Stuff": "new@x.example"}
    [record] = opened(tmp_path, as_csv(row), Stuff="email")
    assert record.mailbox == "new@x.example"
    columns = place(["Customer ID", "ID"], {1: "crm_id"})
    assert columns.fields["crm_id"] == (1,)


def test_the_settled_names_tell_which_row_is_the_header(tmp_path):
    content = "Email of us: us@x.example\nName of the list,x,y\nxa,xb,xc\n1,a@x.example,c\n"
    source = opened(tmp_path, content, xa="crm_id", xb="email", xc="plan")
    assert source.table.header_line == 3


@pytest.mark.parametrize("meaning", ["e-mail", "consent fax", "email phone", "refusal until"])
def test_a_meaning_that_there_is_none_of_is_refused_by_name(tmp_path, meaning):
    with pytest.raises(NoFieldError):
        place(["Email"], {0: meaning})
    with pytest.raises(UnusableFileError, match=f"“{meaning}” is no field"):
        opened(tmp_path, as_csv({"Email": "a@x.example"}), Email=meaning)


def test_the_file_of_columns_says_what_was_shown_and_can_be_read_again(tmp_path):
    row = {
        "Email": "a@x.example", "SMS consent date": "2026-01-05", "Unsubscribed": "",
        'Odd "name"\\': "", "Shoe\tsize": "44",
    }  # fmt: skip
    source = opened(tmp_path, as_csv(row))
    path = write(tmp_path, as_toml("hubspot", source.looks), "hubspot.toml")
    kept, words = read_columns(path)
    assert words == {}
    assert kept == {
        "Email": "email", "SMS consent date": "consent date sms", "Unsubscribed": "refusal",
    }  # fmt: skip
    assert '# "Odd \\"name\\"\\\\" = ""' in path.read_text()
    everything = path.read_text().replace('\n# "', '\n"')
    assert tomllib.loads(everything)["columns"]["Shoe\tsize"] == ""
    assert meanings(opened(tmp_path, as_csv(row), **kept)) == meanings(source)
    assert max(map(len, path.read_text().splitlines())) <= 100


def test_a_number_fits_where_it_is_one_in_the_country_of_its_row(tmp_path):
    rows = [{"id": "1", "Phone": "0151 12345678", "Country": "Germany"},
            {"id": "2", "Phone": "0151 12345678", "Country": "US"}]  # fmt: skip
    assert opened(tmp_path, as_csv(*rows)).looks[1].understood == 0.5


def test_a_person_says_what_their_words_mean(tmp_path):
    row = as_csv({"Email": "a@x.example", "Status": "In-Contract", "Tags": "warm"})
    words = {"status": {"in contract": "active", "WARM": "do not contact"}}
    [record] = opened(tmp_path, row, words)
    assert record.facts.account.status is Status.ACTIVE
    assert record.facts.opt_out == OptOut()
    [plain] = opened(tmp_path, row)
    assert plain.facts.account.status is None
    assert plain.unread == ("status",)
    with pytest.raises(UnusableFileError, match="“state of mind” is no field"):
        opened(tmp_path, row, {"state of mind": {}})


@pytest.mark.parametrize("header", [
    {"Full name": "Ann", "Name": "Studio", "Work email": "b@x.example", "Email": "a@x.example"},
    {"Mobile": "+37061212345", "Phone": "+37061212346", "EmailOptInSource": "signed form"},
    {"Email": "a@x.example", "SMS opt-in": "yes", "SMS opt-in date": "2025-01-01", "Stop": "no"},
])  # fmt: skip
def test_a_file_reads_the_same_by_the_columns_that_were_kept_of_it(tmp_path, header):
    content = as_csv({"ID": "1", "Customer ID": "2"} | header)
    before = opened(tmp_path, content)
    kept, _ = read_columns(write(tmp_path, as_toml("csv", before.looks), "csv.toml"))
    after = opened(tmp_path, content, **kept)
    assert after.reader.columns == before.reader.columns
    assert list(after) == list(before)


def test_words_are_read_from_the_file_of_columns(tmp_path):
    content = '[columns]\n"Mail" = "email"\n[words.status]\n"in contract" = "active"\n'
    columns, words = read_columns(write(tmp_path, content, "my.toml"))
    assert columns == {"Mail": "email"}
    assert words == {"status": {"in contract": "active"}}


@pytest.mark.parametrize("content", ["[columns", "[columns]\na = 1\n", "columns = 3\n", b"\xff"])
def test_a_file_of_columns_that_cannot_be_read_is_refused_by_name(tmp_path, content):
    with pytest.raises(UnusableFileError, match=r"my\.toml"):
        read_columns(write(tmp_path, content, "my.toml"))
    with pytest.raises(UnusableFileError, match=r"nowhere\.toml cannot be read"):
        read_columns(tmp_path / "nowhere.toml")


def test_a_consent_is_settled_with_its_part_and_its_channels():
    [consent] = place(["X"], {0: "consent proof whatsapp sms"}).consents
    assert (consent.role, consent.channels) == (Role.PROOF, (Channel.WHATSAPP, Channel.SMS))
