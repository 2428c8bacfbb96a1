"""Files as rows: encodings, delimiters, and rows that spoil only themselves."""

import tracemalloc

import pytest

from services.crm_sync.encodings import DAMAGE
from services.crm_sync.lines import CELL_CHARS_MAX, NO_TEXT, NOT_CLOSED, TOO_LARGE
from services.crm_sync.reading import open_table
from services.crm_sync.wrapping import UnusableFileError
from tests.crm_files import write


def rows(folder, content):
    return list(open_table(write(folder, content)).rows())


def cells(folder, content):
    return [list(row.cells) for row in rows(folder, content)]


def trouble(folder, content):
    return {row.number: row.unreadable for row in rows(folder, content) if row.unreadable}


def test_the_first_row_names_the_columns_and_the_others_are_counted_from_one(tmp_path):
    table = open_table(write(tmp_path, "id, name \n1,Ann\n2,Ben\n"))
    assert table.header == ("id", "name")
    assert [(row.number, list(row.cells)) for row in table.rows()] == [
        (1, ["1", "Ann"]),
        (2, ["2", "Ben"]),
    ]


def test_blank_lines_do_not_count(tmp_path):
    content = "\n\nid,name\n\n1,Ann\n   \n,\n2,Ben\n\n"
    assert [row.number for row in rows(tmp_path, content)] == [1, 2]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(tmp_path, end):
    assert cells(tmp_path, f"id,name{end}1,Ann{end}2,Ben") == [["1", "Ann"], ["2", "Ben"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_parts_all_rows_alike(tmp_path, delimiter):
    lines = [
        ("id", "name", "note"),
        ("1", '"Ann, of; the|mill"', "yes"),
        ("2", '"Ben"', '"no, never; ""really"""'),
    ]
    content = "\n".join(delimiter.join(line) for line in lines)
    table = open_table(write(tmp_path, content))
    assert table.dialect.delimiter == delimiter
    assert [list(row.cells) for row in table.rows()][1] == ["2", "Ben", 'no, never; "really"']


def test_a_delimiter_that_the_file_declares_is_taken(tmp_path):
    content = "sep=;\nid;name,first\n1;Ann,A\n"
    table = open_table(write(tmp_path, content))
    assert (table.dialect.delimiter, table.header) == (";", ("id", "name,first"))
    assert [list(row.cells) for row in table.rows()] == [["1", "Ann,A"]]


def test_a_single_column_is_a_table_too(tmp_path):
    assert cells(tmp_path, "email\na@b.example\n") == [["a@b.example"]]


def test_quoted_cells_keep_line_ends_and_delimiters(tmp_path):
    content = 'id,name,note\n1,"Ann ""the"" A","two\nlines, and more"\n2,Ben,\n'
    assert cells(tmp_path, content) == [
        ["1", 'Ann "the" A', "two\nlines, and more"],
        ["2", "Ben", ""],
    ]


def test_a_quoted_first_cell_may_have_several_lines(tmp_path):
    content = 'company,id,name\n"Acme\nLeeds",1,Ann\nB,2,Ben\n'
    assert [cell[1] for cell in cells(tmp_path, content)] == ["1", "2"]


ENCODED = "id,name\n1,Jürgen Groß\n2,Ann\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_whatever_encoding_it_comes(tmp_path, encoding):
    table = open_table(write(tmp_path, ENCODED.encode(encoding)))
    assert table.encoding == encoding
    assert next(table.rows()).cells == ["1", "Jürgen Groß"]


def test_big_endian_utf_16_is_read(tmp_path):
    content = b"\xfe\xff" + ENCODED.encode("utf-16-be")
    assert cells(tmp_path, content)[0] == ["1", "Jürgen Groß"]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "François Nuñez"),
        ("cp1252", "Renée"),
        ("cp1257", "Žygimantas Šimkus"),
        ("cp1257", "Rūta Žukauskienė"),
    ],
)
def test_an_old_code_page_is_told_by_its_letters(tmp_path, encoding, name):
    content = f"id,name\n1,{name}\n2,Ann\n".encode(encoding)
    assert cells(tmp_path, content)[0] == ["1", name]


@pytest.mark.parametrize("broken", [b"\xff\xfe", b"\x81", b"Jos\xc3(", b"\xf5\xf6\xff"])
def test_bytes_that_are_no_text_spoil_their_row_alone(tmp_path, broken):
    content = b"id,name\n1,Ann\n2," + broken + b"\n3,Ben\n"
    assert trouble(tmp_path, content) == {2: NO_TEXT}
    assert [row.number for row in rows(tmp_path, content)] == [1, 2, 3]


def test_a_file_in_utf_8_stays_so_when_one_row_is_not(tmp_path):
    content = "id,name\n1,Jürgen\n2,Élodie\n".encode() + b"3,Ren\xe9e\n4,Ann\n"
    table = open_table(write(tmp_path, content))
    assert table.encoding == "utf-8"
    assert trouble(tmp_path, content) == {3: NO_TEXT}


def test_a_row_of_broken_bytes_shows_its_whole_cells(tmp_path):
    [row] = rows(tmp_path, b"id,name\n7,A\xff\xff\n")
    assert row.cells == ["7", f"A{DAMAGE}{DAMAGE}"]


def test_a_cell_beyond_the_limit_spoils_its_row_alone(tmp_path):
    huge = "x" * (10 * CELL_CHARS_MAX)
    content = f"id,name\n1,Ann\n2,{huge}\n3,Ben\n"
    assert trouble(tmp_path, content) == {2: TOO_LARGE}
    assert [list(row.cells) for row in rows(tmp_path, content) if not row.unreadable] == [
        ["1", "Ann"],
        ["3", "Ben"],
    ]


@pytest.mark.parametrize("line", [f"{'word, ' * 99}\n", f'{"many words " * 99} ""quoted""\n'])
def test_a_quoted_cell_beyond_the_limit_is_left_at_its_end(tmp_path, line):
    huge = line * (3 * CELL_CHARS_MAX // len(line))
    content = f'id,name,note\n1,Ann,\n2,Cy,"{huge}"\n3, Ben,\n4,Dan,\n'
    assert trouble(tmp_path, content) == {2: TOO_LARGE}
    assert [row.cells[0] for row in rows(tmp_path, content) if row.cells] == ["1", "3", "4"]


def test_a_row_of_many_large_cells_spoils_only_itself(tmp_path):
    large = ",".join(["x" * (CELL_CHARS_MAX - 1)] * 6)
    content = f"id,a,b,c,d,e,f\n1,{large}\n2,Ben,,,,,\n"
    assert trouble(tmp_path, content) == {1: TOO_LARGE}
    assert [row.number for row in rows(tmp_path, content)] == [1, 2]


def test_a_cell_of_just_the_limit_is_read(tmp_path):
    [row] = rows(tmp_path, f"id,name\n1,{'x' * CELL_CHARS_MAX}\n")
    assert len(row.cells[1]) == CELL_CHARS_MAX


def test_a_huge_cell_costs_little_memory(tmp_path):
    path = write(tmp_path, "id,name\n1," + "x" * 60_000_000 + "\n2,Ben\n")
    tracemalloc.start()
    count = sum(1 for _ in open_table(path).rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 2
    assert peak < 40_000_000


def test_a_quote_that_is_never_closed_swallows_no_other_row(tmp_path):
    content = 'id,name,email\n1,"Ann,a@x.example\n2,Ben,b@x.example\n3,"Cy",c@x.example\n'
    assert trouble(tmp_path, content) == {1: NOT_CLOSED}
    assert [list(row.cells) for row in rows(tmp_path, content)][1:] == [
        ["2", "Ben", "b@x.example"],
        ["3", "Cy", "c@x.example"],
    ]


def test_a_quote_left_open_far_from_the_end_swallows_no_other_row(tmp_path):
    lines = "".join(f"{n},Ben,b{n}@x.example\n" for n in range(2, 60_000))
    content = f'id,name,email\n1,"Ann,a@x.example\n{lines}'
    found = rows(tmp_path, content)
    assert [row.number for row in found if row.unreadable] == [1]
    assert len(found) == 59_999


def test_a_file_that_ends_in_an_open_quote_loses_its_last_row_only(tmp_path):
    content = 'id,name,note\n1,Ann,\n2,Ben,"and then'
    assert trouble(tmp_path, content) == {2: NOT_CLOSED}


def test_quotes_inside_a_cell_are_letters(tmp_path):
    assert cells(tmp_path, 'id,name\n1,Ann "the" A\n2,5" pipe\n') == [
        ["1", 'Ann "the" A'],
        ["2", '5" pipe'],
    ]


def test_a_row_with_cells_beyond_the_columns_is_not_believed(tmp_path):
    content = "id,name\n1,Smith, Ann\n2,Ben,,\n3\n"
    assert trouble(tmp_path, content) == {1: "has 3 cells where the header has 2"}
    assert [list(row.cells) for row in rows(tmp_path, content)][1:] == [["2", "Ben", "", ""], ["3"]]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"   \n", b"\xef\xbb\xbf", b"sep=;\n"])
def test_an_empty_file_is_refused_by_name(tmp_path, content):
    with pytest.raises(UnusableFileError, match=r"customers\.csv is empty: export"):
        open_table(write(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x05\x06" + b"\x00" * 18, "archive"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "spreadsheet"),
        (b"%PDF-1.7\n", "PDF"),
        (b"BZh91AY&SY", "compressed"),
        (bytes(range(256)) * 20, "binary"),
    ],
)
def test_what_is_no_text_is_refused_by_name_with_the_remedy(tmp_path, content, kind):
    with pytest.raises(UnusableFileError, match=rf"customers\.csv is .*{kind}.* save it as CSV"):
        open_table(write(tmp_path, content))


def test_a_single_zero_byte_makes_no_binary_file(tmp_path):
    content = b"id,name\n1,A\x00nn\n" + b"".join(b"%d,Ben\n" % n for n in range(2, 9))
    assert len(rows(tmp_path, content)) == 8


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(UnusableFileError, match=r"nowhere\.csv cannot be read: no such file"):
        open_table(tmp_path / "nowhere.csv")
    with pytest.raises(UnusableFileError, match="cannot be read: is a directory"):
        open_table(tmp_path)


def test_a_header_beyond_the_limit_is_refused(tmp_path):
    with pytest.raises(UnusableFileError, match="must name the columns is too large"):
        open_table(write(tmp_path, "id," + "x" * 2 * CELL_CHARS_MAX + "\n1,2\n"))
