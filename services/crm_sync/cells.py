"""What a cell says: plain text, yes or no, a number, a word of a known list.

Everything here is a function of the text alone. What it cannot tell is None, never a guess.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, update_wrapper
from importlib.resources import files
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
KEPT_CHARS_MAX = 300
FOLDED_CACHE = 8_192
FOLDED_CHARS_MAX = 200  # longer text is prose; no list knows it

_NOT_WORDS = re.compile(r"[\W_]+")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
# Spreadsheets put an apostrophe before what would be a formula, and so do careful exports.
_GUARDED = re.compile(r"^'(?=[=+\-@])")
_NUMBER = re.compile(r"(?:[€$£]|[A-Z]{3})?\s*(\d[\d.,'’\s]*?)\s*(?:[€$£]|[A-Z]{3})?")  # noqa: RUF001  typographic apostrophe
_DURATION = re.compile(r"(\d+(?:[.,]0)?)\s*([^\W\d_]*)\.?")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'])\d{3})(?:\1\d{3})*")
DIGITS_MAX = 12


def kept(size: int) -> Callable[[Callable[[str, *Ts], T]], Callable[[str, *Ts], T]]:
    """Remember what was read of so many texts, since cells repeat.

    Long ones are read each time: they hardly repeat, and a file of them would fill the memory.
    """

    def keeping(read: Callable[[str, *Ts], T]) -> Callable[[str, *Ts], T]:
        known: Callable[..., T] = lru_cache(size)(read)

        def ask(text: str, *beside: *Ts) -> T:
            its = known if len(text) <= KEPT_CHARS_MAX else read
            return its(text, *beside)

        return update_wrapper(ask, read)

    return keeping


def table(name: str) -> dict[str, Any]:
    """One of this package's TOML files."""
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


def lookup(groups: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Word → the name of the list that it stands in."""
    return {word: name for name, words in groups.items() for word in words}


def pattern(parts: Sequence[str]) -> re.Pattern[str]:
    """One expression for a list of alternatives, which begin anywhere."""
    return re.compile("|".join(parts))


def word_pattern(parts: Sequence[str]) -> re.Pattern[str]:
    """One expression for a list of alternatives, which begin where a word does."""
    return re.compile(rf"\b(?:{'|'.join(parts)})")


VOCABULARY = table("vocabulary.toml")
_BLANKS = frozenset(VOCABULARY["blanks"])
_BLANK_CHARS_MAX = max(map(len, _BLANKS))
_TRUTH = VOCABULARY["truth"]
_MARKS = dict.fromkeys(_TRUTH["yes_marks"], True) | dict.fromkeys(_TRUTH["no_marks"], False)
_YES, _NO = frozenset(_TRUTH["yes"]), frozenset(_TRUTH["no"])
TRUTH_CHARS_MAX = max(map(len, _YES | _NO))
_VERIFIED = lookup({name: _TRUTH[name] for name in ("verified", "unverified")})


def cleaned(cell: str) -> str:
    """The text of a cell; empty when it says nothing, such as "n/a"."""
    if not cell:
        return ""
    text = cell.strip()
    if not text.isprintable():
        text = _INVISIBLE.sub("", text).strip()
    if text[:1] == "'":
        text = _GUARDED.sub("", text)
    if len(text) <= _BLANK_CHARS_MAX and text.lower() in _BLANKS:
        return ""
    return text


def folded(text: str) -> str:
    """Words to compare: lower case, without accents, one space between them."""
    return _folded(text[:FOLDED_CHARS_MAX])


@lru_cache(FOLDED_CACHE)
def _folded(text: str) -> str:
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
        text = "".join(c for c in parts if not unicodedata.combining(c))
        text = text.translate(_LETTERS)
    return _NOT_WORDS.sub(" ", text.casefold()).strip()


# A letter with a stroke is no letter with an accent to Unicode.
_LETTERS = str.maketrans("łŁøØđĐ", "lLoOdD")


def yes_or_no(text: str) -> bool | None:
    """A boolean in any of the languages of the vocabulary."""
    if len(text) > TRUTH_CHARS_MAX:
        return None
    if (mark := _MARKS.get(text)) is not None:
        return mark
    word = folded(text)
    if word in _YES:
        return True
    return False if word in _NO else None


def is_verified(text: str) -> bool | None:
    """Whether a number is said to be verified."""
    answer = _VERIFIED.get(folded(text))
    return yes_or_no(text) if answer is None else answer == "verified"


def whole(text: str) -> int | None:
    """A count, such as "12", "1,200" or "3.0"."""
    if text.isdecimal():
        return int(text) if len(text) <= DIGITS_MAX else None
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    digits = _joined(match[1])
    if grouped := _GROUPED.fullmatch(digits):
        digits = digits.replace(grouped[1], "")
    number = _decimal(digits)
    return int(number) if number is not None and number == int(number) else None


def number(text: str) -> float | None:
    """A number of any kind; None for one like "1.234", which may be a thousand or about one."""
    if text.isdecimal():
        return float(text) if len(text) <= DIGITS_MAX else None
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    digits = _joined(match[1])
    if not digits.startswith("0") and re.fullmatch(r"\d{1,3}[.,]\d{3}", digits):
        return None
    return _decimal(digits)


def months(text: str) -> int | None:
    """A time in months, such as "14", "14 months" or "2 years"."""
    match = _DURATION.fullmatch(text)
    factor = _MONTHS_IN.get(folded(match[2])) if match else None
    return round(float(match[1].replace(",", ".")) * factor) if match and factor else None


def _joined(digits: str) -> str:
    """Without the spaces and typographic apostrophes that part thousands."""
    return re.sub(r"\s", "", digits.replace("’", "'")).rstrip(".,'")  # noqa: RUF001  typographic apostrophe


def _decimal(digits: str) -> float | None:
    """The last of two kinds of separator is the decimal one; a repeated one parts thousands."""
    seps = [c for c in digits if not c.isdigit()]
    if seps and (seps.count(seps[-1]) > 1 or seps[-1] == "'"):
        last = ""
    else:
        last = seps[-1] if seps else ""
    plain = "".join("." if c == last else c for c in digits if c.isdigit() or c == last)
    return float(plain) if plain and len(plain) <= DIGITS_MAX else None


_MONTHS_IN = {word: int(name) for word, name in lookup(VOCABULARY["months_in"]).items()}
_FREQUENCIES = lookup(VOCABULARY["frequency"])


def times_a_month(text: str) -> float | None:
    """A number of times, or a word such as "weekly"."""
    word = _FREQUENCIES.get(folded(text))
    return float(word) if word else number(text)


def things(text: str) -> int | None:
    """A count, or the number of different things in a list such as "CRM; Billing"."""
    count = whole(text)
    if count is not None or text[:1] in "+-.,":
        return count
    return len({folded(part) for part in re.split(r"[;,|/+\n]", text)} - {""}) or None


_INTERVALS = lookup(VOCABULARY["interval"])


def is_annual(text: str) -> bool | None:
    """Whether a billing interval, or a plain yes, says that the contract runs by the year."""
    interval = _INTERVALS.get(folded(text))
    return yes_or_no(text) if interval is None else interval == "annual"
