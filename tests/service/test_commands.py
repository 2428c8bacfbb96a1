"""The command as people type it: sentences and exit codes, never a stack trace."""

import json

import pytest

from rekindle.engines import clear
from tests.service.command_line import rekindle

HEADER = "id,name,email,phone,country,email opt-in,email opt-in proof\n"
ROWS = (
    "1,Ann,ann@studio.example,+37061200001,LT,yes,form 2026\n",
    "2,Ben,ben@studio.example,,US,,\n",
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "list.csv").write_text(HEADER + "".join(ROWS))
    yield tmp_path
    if (tmp_path / ".rekindle").exists():
        clear(tmp_path / ".rekindle")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (bytes(range(256)) * 9, "binary"), (b"a,b\n1,2\n", "no column for an e-mail")],
)
@pytest.mark.parametrize("command", ["triage", "import", "demo"])
def test_an_unusable_file_is_refused_by_name(folder, command, content, words) -> None:
    (folder / "bad.csv").write_bytes(content)
    done = rekindle(command, "bad.csv", cwd=folder)
    assert done.returncode == 2
    assert "bad.csv" in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / ".rekindle").exists()  # nothing was started for it


def test_a_look_shows_the_columns_and_keeps_them_where_they_can_be_changed(folder) -> None:
    (folder / "list.csv").write_text(HEADER.replace("email,", "e-mail of ann,", 1) + ROWS[0])
    shown = rekindle("import", "list.csv", "--look", cwd=folder)
    assert shown.returncode == 0
    assert "header on line 1" in shown.stdout
    kept = folder / ".rekindle" / "columns" / "csv.toml"
    assert '"e-mail of ann" = "email"' in kept.read_text()
    assert str(kept.relative_to(folder)) in shown.stdout.replace("\n", "")
    kept.write_text('[columns]\n"name" = "company"\n')
    assert "company" in rekindle("import", "list.csv", "--look", cwd=folder).stdout
    kept.write_text('[columns]\n"name" = "nmae"\n')
    refused = rekindle("import", "list.csv", "--look", cwd=folder)
    assert refused.returncode == 2
    assert "“nmae” is no field" in refused.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--delimiter", "::"), "one character"),
        (("--encoding", "klingon"), "There is no encoding"),
        (("--header-line", "9"), "begins on line 9"),
        (("--columns", "nowhere.toml"), "nowhere.toml cannot be read"),
    ],
)
def test_what_cannot_be_true_of_a_file_is_refused_in_a_sentence(folder, words, sentence) -> None:
    done = rekindle("triage", "list.csv", *words, cwd=folder)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_triage_prints_one_object_per_row_and_nothing_else(folder) -> None:
    done = rekindle("triage", "list.csv", "--json", "--at", "2026-11-23", cwd=folder)
    ann, ben = map(json.loads, done.stdout.splitlines())
    assert (ann["row"], ann["phone_e164"], ann["email"]) == (
        1,
        "+37061200001",
        "ann@studio.example",
    )
    assert (ben["row"], ben["phone_e164"]) == (2, None)
    assert ann["channels"]["voice"]["code"] == "channel_not_installed"
    assert not (folder / ".rekindle").exists()


@pytest.mark.timeout(300)  # the engines start five times
def test_a_list_is_imported_once_and_a_demo_does_not_replace_it(folder) -> None:
    assert "2 rows, 2 new or changed" in rekindle("import", "list.csv", cwd=folder).stdout
    kept = folder / ".rekindle" / "columns" / "csv.toml"
    assert '"email opt-in proof" = "consent proof email"' in kept.read_text()
    assert "2 rows, 0 new or changed" in rekindle("import", "list.csv", cwd=folder).stdout
    changed = ROWS[1].replace("Ben", "Bob")
    (folder / "list.csv").write_text(HEADER + changed + ROWS[0])
    assert "2 rows, 1 new or changed" in rekindle("import", "list.csv", cwd=folder).stdout
    found = rekindle("audit", "--json", cwd=folder)
    assert found.returncode == 0
    assert json.loads(found.stdout)["broken"] == []
    refused = rekindle("demo", "list.csv", cwd=folder)
    assert refused.returncode == 2
    assert "no demo made" in refused.stderr


def test_a_folder_that_cannot_be_written_is_a_sentence(folder) -> None:
    done = rekindle("import", "list.csv", "--data", "/proc/nowhere", cwd=folder)
    assert done.returncode == 2
    assert "/proc/nowhere" in done.stderr
    assert "--data" in done.stderr
