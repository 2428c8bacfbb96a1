"""The rules of one language, read from its file: phrases by meaning, and its commonest words."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from services.agent.phrases import Phrases, form, parse
from shared.rules.wording import plain

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "lt", "ru", "pl")

TELLING_LETTERS = 3  # shorter words belong to several languages
# Sections that answer to an appointment: they compete among themselves.
ARRANGING = frozenset({"yes", "no", "cancelling", "none_of_them", "any_of_them"})


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Three sets of phrases; those of one set compete for the words of a message."""

    language: str
    meanings: Phrases
    arranging: Phrases
    topics: Phrases
    common: frozenset[str]
    vocabulary: frozenset[str]
    fillers: frozenset[str]


@cache
def rulebook(language: str) -> Rulebook:
    """The rules of a language, read once. Raises KeyError for one that has none."""
    if language not in LANGUAGES:
        raise KeyError(language)
    table = read_table("intents", language)
    groups = {name: {*map(form, its.split())} for name, its in table.get("groups", {}).items()}
    book = Rulebook(
        language=language,
        meanings=Phrases(),
        arranging=Phrases(),
        topics=Phrases(),
        common=frozenset(plain(table["common"]).split()),
        vocabulary=frozenset(_vocabulary(table)),
        fillers=frozenset(plain(table.get("fillers", "")).split()),
    )
    for section, sure, line in _lines(table):
        kind = book.arranging if section in ARRANGING else book.meanings
        for phrase in parse(section, sure=sure, line=line, groups=groups):
            kind.add(phrase)
    for topic, block in table.get("topics", {}).items():
        for line in _filled(block):
            for phrase in parse(topic, sure=True, line=line, groups=groups):
                book.topics.add(phrase)
    return book


def read_table(kind: str, language: str) -> dict[str, Any]:
    """One of the rule files, as it stands."""
    path = files("services.agent") / "rules" / kind / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8"))


def _lines(table: Mapping[str, Any]) -> Iterator[tuple[str, bool, str]]:
    for section, its in table.items():
        if isinstance(its, dict) and section not in ("groups", "topics"):
            for strength in ("sure", "maybe"):
                for line in _filled(its.get(strength, "")):
                    yield section, strength == "sure", line


def _filled(block: str) -> Iterator[str]:
    return (line.strip() for line in block.splitlines() if line.strip())


def _vocabulary(table: Mapping[str, Any]) -> Iterator[str]:
    """Whole words that occur in a language's phrases: they tell the language."""
    for _, _, line in _lines(table):
        for token in line.split():
            for word in re.split(r"[|_]", token.strip("^?")):
                if len(word) >= TELLING_LETTERS and word.isalpha():
                    yield form(word)
