"""Which days a text names, and what it says of them.

Works on the vocabulary of `times.py`. Every rule is a pattern over it and a function from what was
found to a span of days; the first rule that takes a word keeps it.
"""

import calendar
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.agent import spans
from services.agent.spans import Span

WEEKDAYS = tuple(name.lower() for name in calendar.day_name)
MONTHS = tuple(name.lower() for name in calendar.month_name[1:])


class Said(StrEnum):
    """On these days; from the last of them on; after them; not on them."""

    ON = "on"
    UNTIL = "until"
    AFTER = "after"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Days:
    """A span of days. `weekday`: it was called by the name of its weekday, weekend or not."""

    first: date
    last: date
    said: Said
    at: int  # its place in the text
    weekday: bool = False
    dated: bool = False  # it was called by its number in the month

    @property
    def exact(self) -> bool:
        return self.first == self.last


Found = re.Match[str]
Rule = tuple[re.Pattern[str], Callable[[Found, date], Span | None]]


def days_named(words: Sequence[str], today: date) -> tuple[list[Days], str]:
    """Every span of days in the text, in its order; and the text with `*` for their words."""
    text = _in_order(f" {' '.join(words)} ")
    free, found = text, []
    for pattern, span_of in RULES:
        for match in pattern.finditer(free):
            span = span_of(match, today)
            found += [_days(match, span, text)] if span else []  # there is no 31 February
            free = free[: match.start()] + _taken(match) + free[match.end() :]
    return sorted(found, key=lambda one: one.at), re.sub(r"\*+", "*", free)


def _taken(match: Found) -> str:
    return re.sub(r"\S", "*", match.group())


def _days(match: Found, span: Span, text: str) -> Days:
    said = _said(text[: match.start()], text[match.end() :])
    if "later" in match.re.groupindex:  # "the Monday after that": what was said is of the week
        said = Said.ON
    named = match.re.groupindex
    return Days(*span, said, match.start(), weekday="wd" in named, dated="d" in named)


# What is said before the days, perhaps with a small word in between.
_LINK = r"(?:(?:on|at|a|day|this|next) )?"
# "Closed from Monday to Thursday": neither on the first day, nor before the last is over.
_AWAY_FROM = r" bad (?:\S+ )*(?:from|between|on|in) "
_AWAY, _UP_TO = re.compile(f"{_AWAY_FROM}$"), re.compile(" (?:to|until|and|through) ")
_BEFORE = (
    (Said.AFTER, re.compile(rf" (?:after|through|later) (?:_ )?{_LINK}$")),
    (Said.AFTER, re.compile(rf"{_AWAY_FROM}(?:\S+ ){{1,3}}(?:to|until|and|through) $")),
    (Said.UNTIL, re.compile(rf" (?:until|before) (?:_ )?{_LINK}$")),
    (Said.NOT, re.compile(rf" (?:not|bad) (?:_ )?{_LINK}$")),
)
_BAD_BEHIND = re.compile(r" (?:_ )?(?:bad|not)(?! until| before) ")
_LATER_BEHIND = re.compile(r" (?:\S+ ){0,3}later ")


def _said(before: str, behind: str) -> Said:
    if _BAD_BEHIND.match(behind) or (_AWAY.search(before) and _UP_TO.match(behind)):
        return Said.NOT
    if _LATER_BEHIND.match(behind):
        return Said.AFTER
    return next((said for said, looks in _BEFORE if looks.search(before)), Said.ON)


# One order of words for all languages.
_WD, _MO = "|".join(WEEKDAYS), "|".join(MONTHS)
_UNIT = "day|week|fortnight|month|quarter|year"
# A comma matters only where it ends what is said not to suit: "now no, next week".
_COMMAS = (re.compile(r"( (?:not|bad)(?: _){0,2}) , "), r"\1 ; "), (re.compile(" , "), " ")
_ORDER = tuple(
    (re.compile(rf"(?<= )(?:{looks})(?= )"), order)
    for looks, order in (
        (rf"({_WD}|{_UNIT}) next", r"next \1"),
        (rf"({_MO}) (start|mid|end)", r"\2 \1"),
        (rf"(next|this)? ?({_UNIT}) (start|mid|end)(?! (?:{_MO}))", r"\3 \1 \2"),
        (r"start week (?=in |on )?", "start "),
    )
)


def _in_order(text: str) -> str:
    for looks, order in (*_COMMAS, *_ORDER):
        text = looks.sub(order, text)
    return " " + " ".join(text.split()) + " "


def _day(match: Found, today: date) -> Span | None:
    """A day and a month, the next time that they come, or in the year that is named."""
    named = match.groupdict()
    month = MONTHS.index(named["mo"]) + 1 if named.get("mo") else int(named["m"])
    year, day = int(named.get("y") or 0), int(named["d"])
    found = spans.date_of(year or today.year, month, day)
    if found and found < today and not year:
        found = spans.date_of(today.year + 1, month, day)
    return spans.one(found)


def _days_of_month(match: Found, today: date) -> Span | None:
    """From one day of a month to another: "13 to 15 July"."""
    month = MONTHS.index(match["mo"]) + 1
    year = today.year + (month < today.month)
    first, last = (spans.date_of(year, month, int(match[name])) for name in ("d", "e"))
    return (first, last) if first and last and today <= first <= last else None


def _day_of_month(match: Found, today: date) -> Span | None:
    """The next day with this number."""
    months = (spans.month_ahead(today, ahead) for ahead in range(12))
    days = (spans.date_of(one.year, one.month, int(match["d"])) for one in months)
    return spans.one(next((day for day in days if day and day >= today), None))


def _weekday(match: Found, today: date) -> Span:
    """The next such day; "next" means beyond this week, "Friday week" one week later."""
    day = today + timedelta((WEEKDAYS.index(match["wd"]) - today.weekday() - 1) % 7 + 1)
    named = match.groupdict()
    this_week = day.isocalendar()[:2] == today.isocalendar()[:2]
    if named.get("week") or (named.get("next") and this_week):
        day += timedelta(7)
    return day, day


def _weekday_of_week(match: Found, today: date) -> Span:
    """A weekday of the next week, or of a later one."""
    named = match.groupdict()
    ahead = int(named.get("n") or 1) + (named.get("later") is not None)
    day = spans.week(today, ahead)[0] + timedelta(WEEKDAYS.index(match["wd"]))
    return day, day


def _in_so_many(match: Found, today: date) -> Span:
    return spans.in_so_many(today, int(match["n"] or 1), match["unit"])


def _unit(match: Found, today: date) -> Span:
    named = match.groupdict()
    ahead = 0 if named.get("this") else 2 if named.get("twice") else 1
    return spans.unit_ahead(today, match["unit"], ahead, named.get("part"))


def _week_after_next(_: Found, today: date) -> Span:
    return spans.week(today, 2)


def _end_of_this(match: Found, today: date) -> Span:
    return spans.unit_ahead(today, match["unit"], 0, spans.END)


def _month(match: Found, today: date) -> Span:
    month, year = MONTHS.index(match["mo"]) + 1, match.groupdict().get("y")
    return spans.month_named(today, month, match["part"], int(year) if year else None)


def _season(match: Found, today: date) -> Span:
    first, last = spans.season(today, match["season"])
    return (
        (last, last + timedelta(25))
        if match["over"] and match["season"] in spans.SEASONS
        else (first, last)
    )


def _ahead(days: int) -> Callable[[Found, date], Span]:
    return lambda _, today: (today + timedelta(days), today + timedelta(days))


def _next_monday(_: Found, today: date) -> Span:
    return spans.week(today, 1)[0], spans.week(today, 1)[0]


_DAY = r"[#@~](?P<d>[0-3]?\d)"
_N = r"(?:#(?P<n>\d{1,3})|a)"
_THE_WD = f"(?P<wd>{_WD})"
_THE_MO = f"(?P<mo>{_MO})"
_THE_UNIT = f"(?P<unit>{_UNIT})"
_YEAR = r"(?: #(?P<y>20\d\d))?"
_PART = "(?:(?P<part>start|mid|end) (?:in )?)?"
_SEASON = "newyear|christmas|holidays|easter|spring|summer|autumn|winter|q1|q2|q3|q4"
_RULES: tuple[tuple[str, Callable[[Found, date], Span | None]], ...] = (
    (r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", _day),
    (r"--(?P<m>\d\d)-(?P<d>\d\d)", _day),
    (rf"{_DAY} (?:to|until|and|or) [#@~](?P<e>[0-3]?\d) {_THE_MO}", _days_of_month),
    (rf"(?:(?:{_WD}) )?(?:on )?{_DAY}(?: \.)? {_THE_MO}{_YEAR}", _day),
    (rf"{_THE_MO} {_DAY}(?! oclock| am| pm| \d){_YEAR}", _day),
    (r"overmorrow", _ahead(2)),
    (rf"(?:next|this) week (?:\S+ ){{0,4}}{_THE_WD} (?P<later>later|after)", _weekday_of_week),
    (rf"next week (?:on |at |_ )?{_THE_WD}", _weekday_of_week),
    (rf"{_THE_WD} (?:on |in |at )?next week", _weekday_of_week),
    (rf"in #(?P<n>\d) week (?:on )?{_THE_WD}", _weekday_of_week),
    (rf"(?P<week>a week) (?:on |from )?{_THE_WD}", _weekday),
    (rf"{_THE_WD} (?P<week>week|in #8 day)", _weekday),
    (rf"(?:{_WD}) (?:on )?@(?P<d>[0-3]?\d)", _day_of_month),
    (rf"(?:(?P<next>next) )?{_THE_WD}", _weekday),
    (r"week after next|after next week", _week_after_next),
    (rf"(?:in|after|next|give|at) (?:at |next )?{_N} {_THE_UNIT}", _in_so_many),
    (rf"{_N} {_THE_UNIT} (?:now|later)", _in_so_many),
    (rf"(?:in|after) (?P<n>){_THE_UNIT}", _in_so_many),
    (rf"{_PART}(?P<this>this) {_THE_UNIT}", _unit),
    (rf"{_PART}next {_THE_UNIT}", _unit),
    (r"end (?P<unit>week|month|quarter|year)", _end_of_this),
    (rf"{_PART}{_THE_MO}(?! [#@]\d){_YEAR}", _month),
    (r"(?:@|day #|on #)(?P<d>[0-3]?\d)", _day_of_month),
    (rf"(?P<over>(?:after|until|over) )?(?P<season>{_SEASON})", _season),
    (r"weekend", _next_monday),
    (r"today", _ahead(0)),
    (r"tomorrow", _ahead(1)),
)
RULES: tuple[Rule, ...] = tuple(
    (re.compile(rf"(?<= )(?:{looks})(?= )"), span_of) for looks, span_of in _RULES
)
