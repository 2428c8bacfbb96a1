"""Countries, their parts and languages, by any of the names that people give them."""

import csv
from collections.abc import Iterator, Mapping
from importlib.resources import files

from services.crm_sync.cells import folded, table

_LANGUAGE_CODE_CHARS = (2, 3)


def rows_of(name: str) -> Iterator[Mapping[str, str]]:
    """The rows of one of the package's data files."""
    text = files(__package__).joinpath("data", name).read_text("utf-8")
    return csv.DictReader(text.splitlines())


def _names(name: str) -> dict[str, str]:
    """Folded name or code → code. A code counts more than a name that looks like it."""
    names: dict[str, str] = {}
    codes: dict[str, str] = {}
    for row in rows_of(name):
        code = row["code"]
        names |= {_name(one): code for one in row["names"].split("|")}
        codes |= {one.lower(): code for one in (code, *row["alpha3"].split("|")) if one}
    return names | codes


def _name(text: str) -> str:
    """A name to compare, whether it has "&" or "and", "St" or "Saint"."""
    words = folded(text).split()
    return " ".join(
        "st" if word == "saint" else word for word in words if word not in ("and", "the")
    )


def _states() -> dict[tuple[str, str], str]:
    """(country, folded name or code) → code."""
    return {
        (row["country"], folded(one)): row["code"]
        for row in rows_of("states.csv")
        for one in (row["code"], *row["names"].split("|"))
    }


_SPOKEN: dict[str, str] = {
    country: language
    for language, countries in table("vocabulary.toml")["spoken"].items()
    for country in countries
}
_COUNTRIES, _LANGUAGES, _STATES = _names("countries.csv"), _names("languages.csv"), _states()


def read_country(text: str) -> str | None:
    """ISO 3166-1 alpha-2. What stands in brackets may be another name, or a remark."""
    return _COUNTRIES.get(_name(text)) or _COUNTRIES.get(_name(text.partition("(")[0]))


def read_language(text: str) -> str | None:
    """ISO 639-1, also of a locale such as "pt-BR"; the first one of several."""
    words = folded(text)
    if found := _LANGUAGES.get(words):
        return found
    first = words.split(" ", 1)[0]
    return _LANGUAGES.get(first) if len(first) in _LANGUAGE_CODE_CHARS else None


def main_language(country: str) -> str:
    """The language in which nearly everybody of a country is written to; empty where several are.

    A list rarely has a column for the language, and the country's is no guess where it has one.
    """
    return _SPOKEN.get(country, "")


def read_state(text: str, country: str) -> str | None:
    """The code of a US state or a Canadian province."""
    words = folded(text)
    return _STATES.get((country, words)) or _STATES.get((country, words.removeprefix("us ")))
