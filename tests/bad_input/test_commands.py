"""What people type wrongly is answered by a sentence and an exit code, never by a stack trace."""

import sys
import tomllib
from pathlib import Path

import pytest

from rekindle.__main__ import COMMANDS, GROUPS, main
from shared.privacy.master import make_key

ROWS = tomllib.loads((Path(__file__).parent / "commands.toml").read_text())["row"]


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """`told(row)`: what the command says, and its exit code."""
    monkeypatch.chdir(tmp_path)
    make_key(tmp_path / "good.key")
    for name in ("KAFKA_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def tell(row):
        for name, text in row.get("files", {}).items():
            (tmp_path / name).write_text(text)
            (tmp_path / name).chmod(0o644)
        for name, digits in row.get("bytes", {}).items():
            (tmp_path / name).write_bytes(bytes.fromhex(digits))
        for name, value in row.get("env", {}).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["rekindle", *row["words"].split()])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        code, said = ended.value.code, shown.out + shown.err
        if isinstance(code, str):  # what `sys.exit` prints for us
            code, said = 1, said + code
        return code, " ".join(said.replace("│", " ").split())

    return tell


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["what"])
def test_what_is_wrong_is_told(told, row, tmp_path) -> None:
    code, said = told(row)
    assert "Traceback" not in said
    assert "a fault of Rekindle's" not in said
    assert row["says"] in said
    assert code == row["code"]
    assert not (tmp_path / ".rekindle" / "postgres").exists()
    assert "hunter2" not in said


def test_every_command_that_takes_something_has_a_row() -> None:
    first = {row["words"].split()[0] for row in ROWS}
    assert (COMMANDS.keys() | GROUPS.keys()) - {"up"} <= first
