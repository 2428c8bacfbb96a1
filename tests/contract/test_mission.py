"""Every requirement has a line in `docs/mission.md`, and what it names to show it exists."""

import re

import pytest
import typer

from rekindle.__main__ import app
from tests.compose import ROOT

PAGE = ROOT / "docs" / "mission.md"
LINE = re.compile(r"\| (R\d+) \| (.+) \| (.+) \|")
ROWS = [its.groups() for its in map(LINE.fullmatch, PAGE.read_text().splitlines()) if its]
COMMANDS = set(typer.main.get_command(app).commands)
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_there_is_a_line_for_each_of_ninety() -> None:
    assert [number for number, *_ in ROWS] == [f"R{n}" for n in range(1, 91)]


@pytest.mark.parametrize(("number", "what", "shown_by"), ROWS, ids=lambda its: its)
def test_what_shows_it_exists(number, what, shown_by) -> None:
    if shown_by == "not yet":
        return
    named = re.findall(r"`([^`]+)`", shown_by)
    linked = re.findall(r"\[[^\]]+\]\(([^)]+)\)", shown_by)
    assert named or linked
    missing = [one for one in named if not there(one)]
    missing += [one for one in linked if not (PAGE.parent / one.partition("#")[0]).exists()]
    assert missing == []


def there(named: str) -> bool:
    """Whether there is such a command, target, test or file."""
    kind, _, rest = named.partition(" ")
    if kind == "rekindle":
        return rest.split()[0] in COMMANDS
    if kind == "make":
        return rest.split()[0] in TARGETS
    path, _, name = named.partition("::")
    file = ROOT / path
    return file.exists() and (not name or f"def {name}(" in file.read_text())


@pytest.mark.parametrize(
    "named", ["rekindle dance", "make tea", "tests/unit/test_nothing.py", "README.md::test_x"]
)
def test_what_does_not_exist_is_noticed(named) -> None:
    assert not there(named)
