"""`rekindle triage`, `fit` and `roi`: what they print, write and exit with."""

import json

import pytest
from typer.testing import CliRunner

from rekindle.__main__ import app
from services.crm_sync.wrapping import UnusableFileError
from tests.crm_files import as_csv, write

PAYS = {"country": "GB", "status": "active", "ever paid": "yes", "phone": "07400 742411"}
AGREED = {"email consent": "yes", "email consent proof": "Newsletter form, confirmed 2025-05-15"}
ROWS = [
    PAYS | AGREED | {"id": "1", "name": "Ann Smith", "email": "ann@x.example"},
    PAYS | {"id": "2", "name": "Ben Gray", "email": "ben@x.example"},
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, as_csv(*ROWS))
    return tmp_path


def run(*words: str):
    return CliRunner().invoke(app, [*words])


def test_triage_sums_up_and_leaves_its_files_beside_the_list(folder) -> None:
    done = run("triage", "customers.csv", "--at", "2026-11-23", "--region", "gb")
    assert done.exit_code == 0
    assert "2 rows = 1 admitted + 0 held + 1 excluded + 0 duplicates" in done.output
    left = {its.name for its in (folder / "customers-triage").iterdir()}
    assert left == {"report.html", "exclusions.csv", "pool.csv"}
    assert (folder / "customers-triage").stat().st_mode & 0o077 == 0


def test_lines_are_all_that_is_left_when_lines_are_asked_for(folder) -> None:
    done = run("triage", "customers.csv", "--json")
    assert [json.loads(line)["row"] for line in done.output.splitlines()] == [1, 2]
    assert [its.name for its in folder.iterdir()] == ["customers.csv"]


@pytest.mark.parametrize(
    ("words", "code", "fits"),
    [
        (("--arr", "200000", "--offer", "works"), 1, False),  # two paid customers
        ((), 1, False),
    ],
)
@pytest.mark.usefixtures("folder")
def test_fit_answers_and_exits_with_1_where_it_is_none(words, code, fits) -> None:
    done = run("fit", "customers.csv", "--json", *words)
    its = json.loads(done.output)
    assert (done.exit_code, its["fits"]) == (code, fits)
    answers = [one["answer"] for one in its["questions"]]
    expected = (
        ["yes", "no", "yes", "yes", "yes"] if words else ["yes", "no", "unknown", "yes", "unknown"]
    )
    assert answers == expected
    assert "It is not a fit now." in run("fit", "customers.csv", *words).output


def test_roi_prints_three_groups_and_leaves_a_page(folder) -> None:
    words = ("roi", "customers.csv", "--value", "500", "--close-percent", "25")
    groups = json.loads(run(*words, "--json").output)["scenarios"]
    assert [group["rows"] for group in groups] == [[1, 2], [1], [1, 2]]
    assert not (folder / "customers-roi.html").exists()
    assert run(*words).exit_code == 0
    assert 'href="#people-0"' in (folder / "customers-roi.html").read_text()


def test_a_total_below_the_customers_is_not_asked_to_be_repaired(folder) -> None:
    write(folder, as_csv(*ROWS, {"id": "Total", "seats": "12"}))
    assert run("triage", "customers.csv").exit_code == 0
    page = (folder / "customers-triage" / "report.html").read_text()
    assert "or is a total or a remark below the customers" in page
    line = json.loads(run("triage", "customers.csv", "--json").output.splitlines()[2])
    assert line["why"] == "The row is a total, not a customer."


@pytest.mark.parametrize("command", ["triage", "fit", "roi"])
def test_a_file_of_columns_says_what_a_column_is(folder, command) -> None:
    write(folder, "who,where\n1,ann at home\n")
    write(folder, '[columns]\n"where" = "email"\n', "my.toml")
    more = ("--value", "1", "--close-percent", "1") if command == "roi" else ()
    without = run(command, "customers.csv", "--json", *more)
    assert isinstance(without.exception, UnusableFileError)
    done = run(command, "customers.csv", "--json", "--columns", "my.toml", *more)
    assert isinstance(json.loads(done.output), dict)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", ["triage", "fit", "roi"])
def test_a_country_that_is_none_is_refused_with_the_remedy(command) -> None:
    more = ("--value", "1", "--close-percent", "1") if command == "roi" else ()
    done = run(command, "customers.csv", "--region", "Germany", *more)
    assert done.exit_code == 2
    assert "write two letters, such as" in " ".join(done.output.replace("│", " ").split())
