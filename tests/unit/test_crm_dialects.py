"""How a table is written: found out, explained, and told by a person."""

import pytest

from services.crm_sync.dialects import Told
from services.crm_sync.reading import open_table
from services.crm_sync.wrapping import UnusableFileError
from tests.crm_files import write

BODY = [("id", "name", "email"), ("1", "Ann", "a@x.example"), ("2", "Ben", "b@x.example")]


def parted(delimiter, rows=BODY):
    return "".join(delimiter.join(row) + "\n" for row in rows)


def opened(folder, content, **told):
    return open_table(write(folder, content), Told(**told))


def cells(folder, content, **told):
    return [list(row.cells) for row in opened(folder, content, **told).rows()]


@pytest.mark.parametrize("delimiter", list(",;\t|~^§"))
def test_any_delimiter_is_found(tmp_path, delimiter):
    table = opened(tmp_path, parted(delimiter))
    assert table.dialect.delimiter == delimiter
    assert table.header == BODY[0]


def test_known_names_tell_a_delimiter_where_the_rows_are_ragged(tmp_path):
    content = '"id","email","plan"\n"","a;b"\n"","","","c;d"\n"","e;f"\n'
    assert opened(tmp_path, content).header == ("id", "email", "plan")


def test_a_delimiter_may_be_told(tmp_path):
    assert opened(tmp_path, parted(":"), delimiter=":").header == BODY[0]
    assert opened(tmp_path, parted(","), delimiter=";").header == ("id,name,email",)


def test_how_a_file_is_read_is_explained_in_words(tmp_path):
    content = ("Kunden von 2026\n\n" + parted(";")).replace("Ann", "Jürgen").encode("cp1252")
    told = opened(tmp_path, content).described
    assert told == "parted by `;`, Windows-1252, header on line 3"
    assert opened(tmp_path, parted("\t")).described == "parted by tabs, UTF-8, header on line 1"
    assert opened(tmp_path, parted(",", BODY[1:])).described == "parted by `,`, UTF-8, no header"


@pytest.mark.parametrize(
    "preamble",
    [
        "# our customers\n",
        "Customers\nas of 2026-11-01, of all countries\n\n",
        '"Report, of\nour customers"\n,,\n',
        "Report;Customers\nTotal;2\n",
        '"Report\na,b,c\nof us"\n',
    ],
)
def test_what_stands_before_the_header_is_left_out(tmp_path, preamble):
    table = opened(tmp_path, preamble + parted(","))
    assert table.header == BODY[0]
    assert table.header_line == preamble.count("\n") + 1
    assert [row.number for row in table.rows()] == [1, 2]


def test_a_row_of_words_that_name_columns_is_no_header_below_one(tmp_path):
    content = "id,email,note\nFirst name,,Plan\nstatus,phone,seats\nplan,plan,plan\n"
    assert opened(tmp_path, content).header_line == 1
    letterhead = "Phone,030 123456,\n" + parted(",")
    assert opened(tmp_path, letterhead).header_line == 2


def test_the_headers_line_may_be_told(tmp_path):
    content = parted(",") + "Key,Who,Mail\n3,Cy,c@x.example\n"
    table = opened(tmp_path, content, header_line=4)
    assert table.header == ("Key", "Who", "Mail")
    assert [list(row.cells) for row in table.rows()] == [["3", "Cy", "c@x.example"]]
    assert opened(tmp_path, "sep=,\n" + content, header_line=2).header == BODY[0]
    with pytest.raises(UnusableFileError, match=r"No row of customers\.csv begins on line 99"):
        opened(tmp_path, content, header_line=99)


def test_a_list_without_a_header_begins_with_its_first_customer(tmp_path):
    table = opened(tmp_path, parted(",", BODY[1:]))
    assert table.header == ("column 1", "column 2", "column 3")
    assert [list(row.cells) for row in table.rows()] == [list(row) for row in BODY[1:]]


def test_a_header_in_a_language_that_nobody_knows_is_the_first_full_row(tmp_path):
    content = "Asiakkaat\nxa,xb,xc\n1,Ann,\n2,Ben,\n"
    assert opened(tmp_path, content).header == ("xa", "xb", "xc")


def test_columns_without_a_name_are_columns_where_all_rows_have_them(tmp_path):
    rows = "".join(f"{n},Ann,a{n}@x.example,note\n" for n in range(9))
    table = opened(tmp_path, "id,name,email\n" + rows)
    assert table.header == ("id", "name", "email", "")
    assert not any(row.unreadable for row in table.rows())
    ragged = opened(tmp_path, "id,name,email\n" + rows + "9,Ben,b@x.example\n")
    assert ragged.header == ("id", "name", "email")


def test_cells_in_single_quotes_are_unquoted(tmp_path):
    content = "'id','name'\n'1','Ann, of Leeds'\n'2','O''Brien'\n"
    assert cells(tmp_path, content) == [["1", "Ann, of Leeds"], ["2", "O'Brien"]]
    assert cells(tmp_path, "id,name\n1,'s Gravenhage\n2,Ann's\n")[0][1] == "'s Gravenhage"


def test_a_quote_behind_a_backslash_is_a_letter(tmp_path):
    content = 'id,name\n1,"Ann \\"the, A\\" Smith"\n2,Ben\n'
    assert cells(tmp_path, content) == [["1", 'Ann "the, A" Smith'], ["2", "Ben"]]
    path = 'id,name\n1,"C:\\data\\"\n2,Ben\n'
    assert cells(tmp_path, path) == [["1", "C:\\data\\"], ["2", "Ben"]]


def test_an_encoding_may_be_told(tmp_path):
    content = "id,name\n1,Ⅷ Jürgen\n".encode()
    assert cells(tmp_path, content, encoding="latin-1")[0][1].endswith("JÃ¼rgen")
    with pytest.raises(UnusableFileError, match="no encoding “klingon”: name one such as utf-8"):
        opened(tmp_path, content, encoding="klingon")


def test_too_many_columns_are_refused(tmp_path):
    with pytest.raises(UnusableFileError, match="more than 2,000 columns: leave some out"):
        opened(tmp_path, "email," + ",".join(f"c{n}" for n in range(2_000)) + "\n")
