"""Lists inside archives and spreadsheets, and what is refused because no list looks like it."""

import gzip
import io
import tempfile
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from services.crm_sync import sheets, wrapping
from services.crm_sync.dialects import Told
from services.crm_sync.reading import open_table
from services.crm_sync.wrapping import UnusableFileError, unwrap
from tests.crm_files import write

LIST = "id,email\n1,a@x.example\n2,b@x.example\n"
HEADER = ("id", "email")
HALF_PAST_NINE = datetime(2026, 1, 5, 9, 30)  # noqa: DTZ001  a spreadsheet knows no zones


def rows(path, **told):
    return [list(row.cells) for row in open_table(path, Told(**told)).rows()]


def zipped(folder, files):
    """An archive of these files: name → content."""
    path = folder / "list.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def spreadsheet(folder, **tables):
    """A workbook with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, its in tables.items():
        sheet = book.create_sheet(title)
        for row in its:
            sheet.append(row)
    path = folder / "list.xlsx"
    book.save(path)
    return path


def rewritten(path, part, change):
    """The workbook with one part of its archive changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(content) if name == part else content)
    return path


def test_a_compressed_list_is_read(tmp_path):
    table = open_table(write(tmp_path, gzip.compress(LIST.encode()), "list.csv.gz"))
    assert table.header == HEADER
    assert len(list(table.rows())) == len(list(table.rows())) == 2
    assert table.described == "gzip, parted by `,`, UTF-8, header on line 1"


def test_an_archive_of_one_list_is_read_whatever_a_mac_adds_to_it(tmp_path):
    path = zipped(tmp_path, {"a/": "", "a/list.csv": LIST, "__MACOSX/a/._list.csv": "x"})
    assert rows(path)[0] == ["1", "a@x.example"]
    assert open_table(path).described.startswith("zip, a/list.csv, parted by")


def test_layers_are_opened_one_after_the_other(tmp_path):
    inner = zipped(tmp_path, {"list.csv": LIST}).read_bytes()
    path = write(tmp_path, gzip.compress(inner), "list.zip.gz")
    assert open_table(path).content.layers == ("gzip", "zip, list.csv")
    deep = write(tmp_path, gzip.compress(gzip.compress(gzip.compress(gzip.compress(inner)))), "d")
    with pytest.raises(UnusableFileError, match="too many layers: unpack it"):
        open_table(deep)


def test_an_archive_of_several_files_is_refused_by_their_names(tmp_path):
    path = zipped(tmp_path, {"a.csv": LIST, "b.csv": LIST})
    with pytest.raises(UnusableFileError, match=r"list\.zip holds 2 files \(a\.csv, b\.csv\)"):
        open_table(path)
    with pytest.raises(UnusableFileError, match="holds 0 files: unpack"):
        open_table(zipped(tmp_path, {"__MACOSX/list.csv": "x"}))


def test_a_locked_archive_is_refused(tmp_path):
    path = zipped(tmp_path, {"list.csv": LIST})
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    with pytest.raises(UnusableFileError, match="locked with a password: unpack it"):
        open_table(write(tmp_path, bytes(content), "list.zip"))


@pytest.mark.parametrize("cut", [5, 20, 60])
def test_a_damaged_file_is_refused_by_name(tmp_path, cut):
    text = "".join(f"{n},a{n}@x.example\n" for n in range(99)).encode()
    for whole in (gzip.compress(text), zipped(tmp_path, {"list.csv": text}).read_bytes()):
        with pytest.raises(UnusableFileError, match=r"cut\.csv is damaged: export or download"):
            open_table(write(tmp_path, whole[:cut], "cut.csv"))


@pytest.mark.parametrize("kind", ["gzip", "zip"])
def test_what_unpacks_to_far_more_than_it_is_is_refused_while_it_does(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(wrapping, "RATIO_FROM_BYTES", 1_000_000)
    text = b"a@x.example\n" * 1_000_000
    packed = (
        gzip.compress(text) if kind == "gzip" else zipped(tmp_path, {"list.csv": text}).read_bytes()
    )
    path = write(tmp_path, packed, "bomb.csv.gz")
    with pytest.raises(UnusableFileError, match="more than 200 times its size"):
        open_table(path)


def test_a_file_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(wrapping, "BYTES_MAX", 30)
    for content in (LIST, gzip.compress(LIST.encode())):
        with pytest.raises(UnusableFileError, match="split it into smaller files"):
            open_table(write(tmp_path, content))


def test_what_is_unpacked_has_no_name_and_can_be_read_at_several_places(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "spools"))
    (tmp_path / "spools").mkdir()
    content = unwrap(write(tmp_path, gzip.compress(LIST.encode()), "list.csv.gz"))
    assert list((tmp_path / "spools").iterdir()) == []
    with content.open() as one, content.open() as other:
        assert one.readline() == other.readline() == b"id,email\n"
        one.seek(0)
        assert one.read() == LIST.encode()
        assert other.seek(-2, io.SEEK_END) == len(LIST) - 2


# -- spreadsheets


def test_a_spreadsheet_is_read_cell_by_cell(tmp_path):
    cells = [
        "1", 'Ann, "the" A\nof Leeds', 370612345678, 12.0, 1.5, True, date(2026, 1, 5),
        HALF_PAST_NINE, None, "a@x.example",
    ]  # fmt: skip
    header = [
        "id",
        "name",
        "phone",
        "seats",
        "spent",
        "paid",
        "renewal",
        "last login",
        "plan",
        "email",
    ]
    path = spreadsheet(tmp_path, Kunden=[header, cells])
    [row] = rows(path)
    assert row == [
        "1", 'Ann, "the" A\nof Leeds', "370612345678", "12", "1.5", "true", "2026-01-05",
        "2026-01-05T09:30:00", "", "a@x.example",
    ]  # fmt: skip
    assert open_table(path).described.startswith("sheet “Kunden”, parted by")


def test_the_first_visible_sheet_with_a_table_is_taken(tmp_path):
    table = [HEADER, ("1", "a@x.example")]
    path = spreadsheet(tmp_path, Cover=[("Our customers",), ("of 2026",)], Data=table, Other=table)
    book = openpyxl.load_workbook(path)
    hidden = book.create_sheet("Hidden", 0)
    hidden.append(("a", "b"))
    hidden.append(("c", "d"))
    hidden.sheet_state = "hidden"
    book.save(path)
    assert open_table(path).content.layers == ("sheet “Data”",)
    assert open_table(path, Told(sheet="Other")).content.layers == ("sheet “Other”",)
    with pytest.raises(UnusableFileError, match="no sheet “X”; there are “Cover”, “Data”, “Other”"):
        open_table(path, Told(sheet="X"))


def test_a_sheet_of_one_column_is_a_list_too(tmp_path):
    assert rows(spreadsheet(tmp_path, One=[["email"], ["a@x.example"]])) == [["a@x.example"]]


def test_a_table_may_begin_below_a_title(tmp_path):
    title = [("Customers of 2026",), (), HEADER, ("1", "a@x.example"), (), ("2", "b@x.example")]
    table = open_table(spreadsheet(tmp_path, Data=title))
    assert (table.header, table.header_line) == (HEADER, 3)
    assert [row.number for row in table.rows()] == [1, 2]


def test_of_a_formula_the_last_result_is_read_and_nothing_is_computed(tmp_path):
    path = spreadsheet(tmp_path, Data=[HEADER, ("1", "a@x.example"), ("2", '=WEBSERVICE("//x")')])

    def with_result(xml):
        assert b"<v />" in xml
        return xml.replace(b"<v />", b"<v>b@x.example</v>").replace(b'r="B3"', b'r="B3" t="str"')

    assert rows(path)[1] == ["2", ""]
    rewritten(path, "xl/worksheets/sheet1.xml", with_result)
    assert rows(path)[1] == ["2", "b@x.example"]


def test_an_empty_spreadsheet_is_refused(tmp_path):
    with pytest.raises(UnusableFileError, match=r"list\.xlsx has no sheet with a table"):
        open_table(spreadsheet(tmp_path, One=[], Two=[["email"]]))


def test_a_spreadsheet_may_not_expand_entities(tmp_path):
    path = spreadsheet(tmp_path, Data=[HEADER, ("1", "BOMB")])
    doubled = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))

    def bomb(xml):
        declared = f'<!DOCTYPE x [<!ENTITY e0 "lollollol">{doubled}]>'.encode()
        return declared + xml.replace(b"BOMB", b"&e9;")

    with pytest.raises(UnusableFileError, match=r"list\.xlsx cannot be read as a spreadsheet"):
        open_table(rewritten(path, "xl/worksheets/sheet1.xml", bomb))


def test_a_cell_at_the_far_end_of_a_sheet_costs_nothing(tmp_path):
    path = spreadsheet(tmp_path, Data=[HEADER, ("1", "a@x.example")])
    book = openpyxl.load_workbook(path)
    book["Data"]["A1048576"] = "2"
    book.save(path)
    assert rows(path) == [["1", "a@x.example"], ["2"]]
    book["Data"]["XFD2"] = "far"
    book.save(path)
    with pytest.raises(UnusableFileError, match="more than 2,000 columns: leave some out"):
        open_table(path)


def test_a_spreadsheet_whose_words_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "PART_BYTES_MAX", 1_000)
    with pytest.raises(UnusableFileError, match="too large for a spreadsheet: save it as CSV"):
        open_table(spreadsheet(tmp_path, Data=[HEADER, ("1", "a@x.example")]))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_broken_spreadsheet_is_refused_by_name(tmp_path, part):
    path = spreadsheet(tmp_path, Data=[HEADER, ("1", "a@x.example")])
    with pytest.raises(UnusableFileError, match=r"list\.xlsx cannot be read as a spreadsheet"):
        open_table(rewritten(path, part, lambda xml: xml[: len(xml) // 2]))


@pytest.mark.parametrize("member", ["mimetype", "xl/workbook.bin"])
def test_a_spreadsheet_of_another_kind_is_refused_with_the_remedy(tmp_path, member):
    with pytest.raises(UnusableFileError, match=r"another kind: save it as \.xlsx or CSV"):
        open_table(zipped(tmp_path, {member: "x", "content.xml": "x"}))


def test_a_spreadsheet_in_an_archive_is_read(tmp_path):
    path = spreadsheet(tmp_path, Data=[HEADER, ("1", "a@x.example")])
    packed = zipped(tmp_path, {"list.xlsx": path.read_bytes()})
    assert rows(packed) == [["1", "a@x.example"]]
    assert open_table(packed).content.layers == ("zip, list.xlsx", "sheet “Data”")
