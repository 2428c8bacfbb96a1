"""Which time of day a text names: a moment, or from when to when.

Works on the vocabulary of `times.py`. Hours from one to seven are meant after noon unless the text
says otherwise: nobody is called back at three in the morning.
"""

import re
from dataclasses import dataclass
from datetime import time

OPENS, LATE, CLOSES, EVENING_ENDS = time(9), time(17), time(18), time(20)
NIGHT_BEFORE = 8  # a bare "7" is seven in the evening, a bare "8" is eight in the morning
NOON, HOURS, MINUTES = 12, 24, 60

PARTS = {
    "dawn": (time(8), time(10)),
    "morning": (OPENS, time(12)),
    "midmorning": (time(10), time(12)),
    "noon": (time(12), time(12)),
    "lunch": (time(12), time(14)),
    "afterlunch": (time(13), time(17)),
    "afternoon": (time(12), CLOSES),
    "evening": (LATE, EVENING_ENDS),
    "eod": (time(16, 30), CLOSES),
}


@dataclass(frozen=True, slots=True)
class Clock:
    """From when to when; the same twice is a moment."""

    start: time
    end: time

    @property
    def exact(self) -> bool:
        return self.start == self.end


_UNIT = "minute|hour|day|week|fortnight|month|year"
_HALF = "am|pm|oclock|hundred|morning|afternoon|evening"


def _hour(name: str) -> str:
    """An hour, with or without minutes, and what is said of it."""
    figures = rf"#(?P<{name}>\d{{1,2}})|(?P<{name}_clock>\d{{1,2}}:\d\d)"
    return rf"(?:{figures})(?: (?P<{name}_half>{_HALF}))*(?= )"


_A, _B = _hour("a"), _hour("b")
_NO_COUNT = rf"(?! (?:{_UNIT}) )"  # "after 2 weeks" names no hour
_RANGE = re.compile(rf" (?:between|from) (?:at )?{_A} (?:and|to|until|or) (?:at )?{_B}")
_AFTER = re.compile(rf" (?:after|from|not (?:\S+ ){{0,3}}before)(?: at)? {_A}{_NO_COUNT}")
_BEFORE = re.compile(rf" (?:before|until)(?: at)? {_A}{_NO_COUNT}")
_PAST = re.compile(r" (?P<how>half|halfto|quarterpast|quarterto) (?:at )?#(?P<a>\d{1,2}) ")
_SURE = re.compile(rf" (?=#\d+ (?:{_HALF}) |\d+:\d\d ){_A}")
_NEAR = re.compile(
    rf" (?:at|\*|morning|afternoon|evening) (?:at )?{_A}"
    rf"(?: #(?P<minutes>15|30|45)(?= ))?{_NO_COUNT}"
)
_PART = re.compile(rf" (?P<part>{'|'.join(PARTS)}) (?!bad |not )")


def clock_named(text: str) -> Clock | None:
    """The time of day that a text names last, None when it names none.

    The text is what `days_named` leaves.
    """
    evening = " evening " in text
    return _range(text) or _bounded(text) or _moment(text, evening=evening) or _part(text)


def _range(text: str) -> Clock | None:
    found = _RANGE.search(text)
    if not found:
        return None
    start, end = _time(found, "a"), _time(found, "b")
    return Clock(start, end) if start and end and start < end else None


def _bounded(text: str) -> Clock | None:
    after, before = _AFTER.search(text), _BEFORE.search(text)
    if after and (start := _time(after, "a")):
        return Clock(start, CLOSES if start < LATE else max(EVENING_ENDS, start))
    end = _time(before, "a") if before else None
    return Clock(OPENS, end) if end and end > OPENS else None


def _moment(text: str, *, evening: bool) -> Clock | None:
    past = _last(_PAST, text)
    if past and (moment := _past(past)):
        return Clock(moment, moment)
    found = _last(_SURE, text) or _last(_NEAR, text)
    moment = _time(found, "a", evening=evening) if found else None
    return Clock(moment, moment) if moment else None


def _past(found: re.Match[str]) -> time | None:
    hour = int(found["a"])
    back, minute = {
        "half": (0, 30),
        "halfto": (1, 30),
        "quarterpast": (0, 15),
        "quarterto": (1, 45),
    }[found["how"]]
    return _at((hour - back) % HOURS, minute)


def _part(text: str) -> Clock | None:
    found = _last(_PART, text)
    return Clock(*PARTS[found["part"]]) if found else None


def _time(found: re.Match[str], name: str, *, evening: bool = False) -> time | None:
    """The time in the groups of this name."""
    named = found.groupdict()
    figures = named[f"{name}_clock"] or f"{named[name]}:{named.get('minutes') or 0}"
    hour, minute = map(int, figures.split(":"))
    half = named[f"{name}_half"]
    if half in ("pm", "afternoon", "evening") or (evening and hour < NOON):
        return _at(hour % NOON + NOON, minute, exact=True)
    return _at(hour, minute, exact=half in ("am", "morning"))


def _at(hour: int, minute: int, *, exact: bool = False) -> time | None:
    """The time of day; None when there is none, or when it is nobody's hour."""
    if not exact and hour < NIGHT_BEFORE:
        hour = hour + NOON if hour else -1
    return time(hour, minute) if 0 <= hour < HOURS and minute < MINUTES else None


def _last(looks: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(looks.finditer(text))), None)
