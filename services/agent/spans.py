"""Stretches of days, counted from today: weeks, months, seasons. Weeks are working weeks."""

import calendar
from datetime import date, timedelta

Span = tuple[date, date]  # the first and the last day

FRIDAY = 4
START, MID, END = "start", "mid", "end"
SEASONS = {  # the month in which each begins
    "q1": 1,
    "spring": 3,
    "q2": 4,
    "summer": 6,
    "q3": 7,
    "autumn": 9,
    "q4": 10,
    "winter": 12,
}


def one(day: date | None) -> Span | None:
    """A single day as a span."""
    return (day, day) if day else None


def date_of(year: int, month: int, day: int) -> date | None:
    """The date; None when the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(7 - day.weekday()) if day.weekday() > FRIDAY else day


def week(today: date, ahead: int) -> Span:
    """Monday to Friday of the week that is so many weeks ahead."""
    monday = today + timedelta(7 * ahead - today.weekday())
    return monday, monday + timedelta(FRIDAY)


def month_ahead(today: date, ahead: int) -> date:
    """The first of the month that is so many months ahead."""
    months = today.year * 12 + today.month - 1 + ahead
    return date(months // 12, months % 12 + 1, 1)


def month_part(first: date, part: str | None) -> Span:
    """A month, or its beginning, its middle or its end, a week or so each."""
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    parts = {
        START: (first, first + timedelta(7)),
        MID: (first.replace(day=12), first.replace(day=18)),
        END: (last - timedelta(6), last),
    }
    return parts.get(part or "", (first, last))


def month_named(today: date, month: int, part: str | None, year: int | None) -> Span:
    """The next such month; of the one that has begun, the rest."""
    its_year = year or today.year + (month < today.month)
    first, last = month_part(date(its_year, month, 1), part)
    begun = (its_year, month) == (today.year, today.month)
    return (max(first, today), max(last, today)) if begun else (first, last)


def unit_ahead(today: date, unit: str, ahead: int, part: str | None = None) -> Span:
    """The current (0), next (1) or a later week, month or year; of the current one what is left."""
    if unit in ("day", "week", "fortnight"):
        first, last = week(today, ahead * (2 if unit == "fortnight" else 1))
        first, last = {START: (first, first), END: (last, last)}.get(part or "", (first, last))
    elif unit == "month":
        first, last = month_part(month_ahead(today, ahead), part)
    elif unit == "quarter":
        first = month_ahead(today, 3 * ahead - (today.month - 1) % 3)
        ends = month_part(month_ahead(first, 2), END)
        first, last = ends if part == END else month_part(first, None)
    else:
        year = today.year + ahead
        first, last = (date(year, 12, 1), date(year, 12, 22)) if part == END else early(year)
    return (max(first, today), max(last, today)) if ahead == 0 else (first, last)


def early(year: int) -> Span:
    """The first weeks of a year in which people work."""
    return date(year, 1, 4), date(year, 1, 15)


def in_so_many(today: date, count: int, unit: str) -> Span:
    """About so many days, weeks, months or years from today; up to six days are meant exactly."""
    if unit == "day":
        about = timedelta(count > FRIDAY + 2)
        return today + timedelta(count) - about, today + timedelta(count) + about
    if unit in ("week", "fortnight"):
        return week(today, count * (2 if unit == "fortnight" else 1))
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    day = today + timedelta(days=round(30.4 * months))
    return day - timedelta(4), day + timedelta(6)


def season(today: date, name: str) -> Span:
    """The first days of a season or a quarter; of a feast, the days after it."""
    if name == "easter":
        sunday = easter(today.year) if easter(today.year) > today else easter(today.year + 1)
        return sunday + timedelta(2), sunday + timedelta(12)
    if name in SEASONS:
        first = date(today.year, SEASONS[name], 1)
        first = first if first > today else first.replace(year=today.year + 1)
        return first, first + timedelta(25)
    return early(today.year + (today.month > 1))  # Christmas, the holidays, the new year


def easter(year: int) -> date:
    """Easter Sunday (Gauss's rule for the Gregorian calendar, with both of his exceptions)."""
    century = year // 100
    shift = (15 - (8 * century + 13) // 25 + century - century // 4) % 30
    moon = (19 * (year % 19) + shift) % 30
    moon -= moon == 29 or (moon == 28 and year % 19 > 10)  # noqa: PLR2004  his two exceptions
    sunday = (4 + century - century // 4 + 2 * (year % 4) + 4 * (year % 7) + 6 * moon) % 7
    return date(year, 3, 22) + timedelta(moon + sunday)
