"""How a simulated customer finds the offered times in a message: as a person would, from its text.

A slot is a time of day with the weekday written before it. A date between the two is passed over,
and a second time on the same day ("Tue 24 Nov, 10:00 or 15:00") keeps the day before it.
"""

import re
from dataclasses import dataclass, field

from sandbox.phrases import Phrasebook

# 15:00, 15h00, 3:00 pm or 3 pm, with the end of a range passed over; neither the end of an offset
# (+01:00) nor a part of a longer number.
_TIME = re.compile(
    r"(?<![\d:+-])(?P<written>"
    r"(?P<hour>[01]?\d|2[0-3])(?:\s?h\s?|:)(?P<minute>[0-5]\d)(?:\s?(?P<half>[ap])\.?m\b)?"
    r"|(?P<full>1?\d)\s?(?P<full_half>[ap])\.?m\b"
    r")(?!\d)(?:\s?[-\u2013]\s?\d{1,2}[:h]\d{2})?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_WORDS_BEFORE_TIME = 8


@dataclass(frozen=True)
class Slot:
    """An offered time: weekday (0 = Monday, None where none is written), minute of the day."""

    weekday: int | None
    minute: int
    written: str = field(compare=False)  # the time as the message has it

    def means(self, other: "Slot") -> bool:
        """Tell whether both can be the same moment; an unwritten weekday fits any."""
        same_day = self.weekday == other.weekday or None in (self.weekday, other.weekday)
        return self.minute == other.minute and same_day


def offered_slots(text: str, book: Phrasebook) -> tuple[Slot, ...]:
    """Return the slots that the text names, in its order, each once."""
    slots: list[Slot] = []
    weekday, end = None, 0
    for found in _TIME.finditer(text):
        weekday = _weekday(text[end : found.start()], book, weekday)
        end = found.end()
        slots.append(Slot(weekday, _minute_of_day(found), found["written"]))
    return tuple(dict.fromkeys(slots))


def _minute_of_day(found: re.Match[str]) -> int:
    hour = int(found["hour"] or found["full"])
    half = (found["half"] or found["full_half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + int(found["minute"] or 0)


def _weekday(before: str, book: Phrasebook, otherwise: int | None) -> int | None:
    """Return the weekday written before a time.

    A form directly followed by a date counts first: short forms are words of their own elsewhere
    (`so`, `mar`, `me`), and months look like weekdays. Else the last long form counts.
    """
    words = [word.lower() for word in _WORD.findall(before)][-_WORDS_BEFORE_TIME:]
    days = [_day_of(word, book) for word in words]
    for day, after in zip(days, words[1:], strict=False):
        if day is not None and _begins_date(after, book):
            return day
    long = [day for day, word in zip(days, words, strict=True) if day is not None and word[2:]]
    return long[-1] if long else otherwise


def _day_of(word: str, book: Phrasebook) -> int | None:
    return next((day for day, forms in enumerate(book.weekday_forms) if word in forms), None)


def _begins_date(word: str, book: Phrasebook) -> bool:
    return word[0].isdigit() or any(
        word[2:] and month.lower().startswith(word) for month in book.months
    )
