"""Phone numbers as people type them, read by libphonenumber.

A number without its country's prefix belongs to the country of the row. What a number is, is told
by the plan of its country: its region, and whether a mobile phone answers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from shared.words import LineType

CELL_CHARS_MAX = 200
DIGITS_MIN = 5

_LINES = {
    PhoneNumberType.MOBILE: LineType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: LineType.UNKNOWN,
    PhoneNumberType.VOIP: LineType.UNKNOWN,
    PhoneNumberType.PERSONAL_NUMBER: LineType.UNKNOWN,
}
_PARTS = re.compile(r"[;,|\n]|\s/\s|\s(?:or|oder|ou|o|y|und|and|arba|ir)\s", re.IGNORECASE)
# A spreadsheet that took the number for a quantity: the last digits are lost, or ".0" is added.
_ROUNDED = re.compile(r"\d+[.,]?\d*e\+?\d+", re.IGNORECASE)
_QUANTITY = re.compile(r"(\d{7,15})\.0")
# Nothing else stands in the cell, as in nearly all of them.
_PLAIN = re.compile(r"\+?\(?\d[\d ()-]{6,}")
_BARE = re.compile(r"[1-9][\d\s().-]*")


@dataclass(frozen=True, slots=True)
class Number:
    """A valid number; `region` is the country it belongs to (ISO 3166-1 alpha-2)."""

    e164: str
    region: str
    line: LineType


def read_number(text: str, region: str) -> Number | None:
    """The first valid number of a cell. `region`: where one without prefix belongs to."""
    for part in _candidates(text[:CELL_CHARS_MAX]):
        number = (_lost_its_plus(part, region) and _valid(f"+{part}", "")) or _valid(part, region)
        if number:
            return number
    return None


def _lost_its_plus(text: str, region: str) -> bool:
    """Whether it begins with its country's code where a number at home would begin with a zero.

    Spreadsheets take the plus of +49… for a sign; as a number at home it would be a stranger's.
    """
    code = str(phonenumbers.country_code_for_region(region))
    starts = text.startswith(code) and _BARE.fullmatch(text) is not None
    return starts and phonenumbers.ndd_prefix_for_region(region, True) == "0"


def _candidates(text: str) -> Iterator[str]:
    """What may be a number: the parts of a list, then the parts of those between slashes."""
    if _PLAIN.fullmatch(text):
        yield text
        return
    for part in _PARTS.split(text):
        part = part.strip()  # noqa: PLW2901  the same part, tidied
        if sum(map(str.isdecimal, part)) < DIGITS_MIN or _ROUNDED.fullmatch(part):
            continue
        yield _QUANTITY.sub(r"\1", part)
        if "/" in part:
            yield from part.split("/")


def _valid(text: str, region: str) -> Number | None:
    try:
        parsed = phonenumbers.parse(text, region or None)
    except NumberParseException:
        return None
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:
        return None
    homes = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    # To find the region among several is as much work as to find the kind.
    home = homes[0] if len(homes) == 1 else phonenumbers.region_code_for_number(parsed)
    if home is None:
        return None
    # Behind an extension there is a switchboard.
    line = LineType.LANDLINE if parsed.extension else _LINES.get(kind, LineType.LANDLINE)
    return Number(phonenumbers.format_number(parsed, PhoneNumberFormat.E164), home, line)
