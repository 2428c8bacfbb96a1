"""Time as every language speaks of it, brought to one small vocabulary.

"nächste Woche Dienstag um halb zehn" and "next week, Tuesday at half past nine" become
`next week tuesday at 9:30`. Each language's file says which words mean what; the grammar
(`days.py`, `clocks.py`) knows only the vocabulary:

    monday … december  tomorrow  next  in  week  …    words that mean themselves
    #14  @14  ~4        a number, an ordinal in figures, an ordinal in words
    14:30               a time of day in figures; `h` alone is `15:00`
    2026-12-14  --12-14 a date, with and without its year
    _  ,  .             any other word, a comma, the end of a sentence
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from services.agent.rulebook import read_table
from shared.rules.wording import plain

TEXT_LENGTH_MAX = 600  # characters that are searched for times
PHRASE_WORDS_MAX = 4
HOURS_A_DAY, MINUTES_AN_HOUR = 24, 60
LEAP_YEAR = 2028  # a year in which every date exists

_FIGURES = re.compile(
    r"""
    (?P<iso>\d{4}-\d{1,2}-\d{1,2})
  | (?P<half_day>\d{1,2}(?:[:.]\d{2})?)\s?(?P<ap>[ap])\.?\s?m\b
  | (?P<clock>\d{1,2}(?::|\s?h\s?)\d{2})(?!\d)
  | (?P<dotted>\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?)(?!\d)
  | (?P<hour>\d{1,2})\s?h(?:\b|(?=uhr))
  | (?P<ordinal>\d{1,2})(?:st|nd|rd|th|er|º|ª|-?(?:го|ого|ое|е|go|ego|tą|oji|osios))\b
  | (?P<number>\d+)
  | (?P<word>[^\W\d_]+)
  | (?P<end>[.!?;\n]+)
  | (?P<comma>,)
    """,  # noqa: RUF001  Cyrillic endings are Cyrillic
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What one language's words mean: phrases by their words, and beginnings of words."""

    phrases: dict[tuple[str, ...], str]
    stems: tuple[tuple[str, str], ...]

    def meaning(self, words: Sequence[str]) -> str | None:
        found = self.phrases.get(tuple(words))
        if found is None and len(words) == 1:
            found = next((its for stem, its in self.stems if words[0].startswith(stem)), None)
        return found


@cache
def lexicon(language: str) -> Lexicon:
    """The time words of a language, read once."""
    phrases: dict[tuple[str, ...], str] = {}
    stems: dict[str, str] = {}
    for section, its in read_table("times", language).items():
        mark = {"numbers": "#", "ordinals": "~"}.get(section, "")
        for meaning, forms in its.items():
            for form in map(plain, forms.split(",")):
                if form.endswith("*"):
                    stems[form[:-1]] = mark + meaning
                else:
                    phrases[tuple(form.split())] = mark + meaning
    longest_first = sorted(stems.items(), key=lambda one: -len(one[0]))
    return Lexicon(phrases, tuple(longest_first))


def time_words(text: str, languages: Sequence[str], *, month_first: bool) -> list[str]:
    """The text in the vocabulary of this module. `month_first`: 3/4 is the fourth of March."""
    raw = list(_figures(text[:TEXT_LENGTH_MAX], month_first=month_first))
    spoken = list(_spoken(raw, [lexicon(one) for one in languages]))
    return [_settled(spoken, at) for at in range(len(spoken))]


def _figures(text: str, *, month_first: bool) -> Iterator[str]:
    """Plain words, and figures with their meaning."""
    lines = " . ".join(plain(line) for line in text.splitlines())
    for found in _FIGURES.finditer(lines):
        kind, its = found.lastgroup, found.group()
        if kind == "word":
            yield its
        elif kind == "end":
            yield "."
        elif kind == "ap":
            yield _half_day(found["half_day"], found["ap"])
        elif kind in ("clock", "hour"):
            hour, minute = (*re.findall(r"\d+", its), "0")[:2]
            yield _clock(int(hour), int(minute)) or "_"
        elif kind == "dotted":
            yield _dotted(its, month_first=month_first)
        elif kind in ("iso", "comma"):
            yield its
        else:
            digits = re.match(r"\d+", its)
            yield ("@" if kind == "ordinal" else "#") + (digits.group() if digits else "0")


def _half_day(figures: str, half: str) -> str:
    hour, minute = (*map(int, re.findall(r"\d+", figures)), 0)[:2]
    noon = HOURS_A_DAY // 2
    return _clock(hour % noon + noon * (half == "p"), minute) or "_" if hour <= noon else "_"


def _dotted(figures: str, *, month_first: bool) -> str:
    """A date where it can be one, else a time such as 14.30."""
    first, second, *year = map(int, re.findall(r"\d+", figures))
    day, month = (second, first) if month_first and "/" in figures else (first, second)
    try:
        found = date(LEAP_YEAR, month, day)
    except ValueError:
        return _clock(first, second) or "_"
    if not year:
        return f"--{found:%m-%d}"
    century = 2000 if year[0] < 100 else 0  # noqa: PLR2004  two digits mean this century
    return f"{century + year[0]:04}-{found:%m-%d}"


def _clock(hour: int, minute: int) -> str | None:
    fits = hour < HOURS_A_DAY and minute < MINUTES_AN_HOUR
    return f"{hour}:{minute:02}" if fits else None


def _spoken(raw: Sequence[str], lexicons: Sequence[Lexicon]) -> Iterator[str]:
    """The longest phrase that a language knows, from left to right."""
    at = 0
    while at < len(raw):
        length, meaning = _longest(raw[at : at + PHRASE_WORDS_MAX], lexicons)
        if meaning != "skip":
            yield from meaning.split()
        at += length


def _longest(ahead: Sequence[str], lexicons: Sequence[Lexicon]) -> tuple[int, str]:
    for length in range(len(ahead), 0, -1):
        for known in lexicons:
            meaning = known.meaning(ahead[:length])
            if meaning is not None:
                return length, meaning
    return 1, "_" if ahead[0].isalpha() else ahead[0]


_FORE = {"on", "in", "until", "after", "before", "from", "next", "this", "through", "at", "or"}
_FORE |= {"start", "mid", "end", "between"}
_AFT = {"dawn", "morning", "noon", "lunch", "afterlunch", "afternoon", "evening", "eod"}
_AFT |= {"at", "week", "next"}
_FIGURE = frozenset("#@~")


def _settled(spoken: Sequence[str], at: int) -> str:
    """A word such as "may?" is a month or a day only beside something that speaks of time."""
    word = spoken[at]
    if not word.endswith("?"):
        return word
    before = spoken[at - 1] if at else ""
    behind = spoken[at + 1] if at + 1 < len(spoken) else ""
    sure = before in _FORE or behind in _AFT or not _FIGURE.isdisjoint((before[:1], behind[:1]))
    return word[:-1] if sure or behind[:1].isdigit() else "_"
