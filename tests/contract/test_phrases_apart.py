"""The simulated customers speak apart from the agent's rules: neither was copied from the other."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

import services.agent
import shared.rules
from sandbox.phrases import LANGUAGES, Situation, phrasebook

RULES = [
    *Path(str(files(services.agent))).rglob("*.toml"),
    *Path(str(files(shared.rules))).rglob("optout_*.toml"),
]
RUN = 4
PHRASINGS_MIN = 8


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[n : n + RUN]) for n in range(len(words) - RUN + 1)}


def strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)


@pytest.fixture(scope="module")
def of_rules() -> set[tuple[str, ...]]:
    assert RULES
    texts = [text for file in RULES for text in strings(tomllib.loads(file.read_text("utf-8")))]
    return set().union(*map(runs, texts))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_phrasing_shares_four_words_in_a_row_with_a_rule(language, of_rules) -> None:
    for situation, phrasings in phrasebook(language).phrasings.items():
        for text in phrasings:
            assert not runs(text) & of_rules, f"{situation}: {text}"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("situation", list(Situation))
def test_every_situation_has_at_least_eight_phrasings(language, situation) -> None:
    assert len(set(phrasebook(language).phrasings[situation])) >= PHRASINGS_MIN
