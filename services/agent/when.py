"""When the contact would rather be contacted: words about time, resolved to a window in UTC.

Days first, then the time of day, then what is said of the days ("until", "after", "not"). Where no
time of day is named a callback falls on Monday to Friday, 9 to 18 in the contact's zone.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.agent.clocks import CLOSES, OPENS, Clock, clock_named
from services.agent.days import Days, Said, days_named
from services.agent.spans import FRIDAY, week, working_day
from services.agent.times import time_words
from shared.events import When

AHEAD_DAYS_MAX = 550  # a time further away is no time for a callback
SOON_MINUTES = 15
STRETCH_DAYS = 7  # how long "after the 20th" lasts
MONTH_FIRST_IN = frozenset({"US", "PH"})  # 3/4 is the fourth of March

_COUNT = r"(?:#(?P<n>\d{1,3})|a) "
_IN = re.compile(rf" in (?:at |next )?(?:{_COUNT})?(?P<unit>minute|hour|oclock) ")
_GIVE = re.compile(rf" give (?:_ )?{_COUNT}(?P<unit>minute|hour) ")
_HALF_HOUR = " halfhour "


def when_meant(
    text: str,
    *,
    now: datetime,
    zone: str,
    languages: Sequence[str],
    month_first: bool = False,
) -> When | None:
    """The window that a text names, in UTC; None when it names no time to come.

    `now` is aware; `zone` is an IANA name. A window that is one moment was named to the minute.
    """
    local = now.astimezone(ZoneInfo(zone))
    words = time_words(text, languages, month_first=month_first)
    window = _in_minutes(words, local) or _window(words, local)
    if window is None or window[0] > local + timedelta(AHEAD_DAYS_MAX):
        return None
    start, end = (moment.astimezone(UTC) for moment in window)
    return When(start=start, end=max(start, end))


def _in_minutes(words: Sequence[str], local: datetime) -> tuple[datetime, datetime] | None:
    """A moment that is minutes or hours away: in half an hour, give me ten minutes."""
    text = f" {' '.join(words)} "
    found = _IN.search(text) or _GIVE.search(text)
    if found is None and _HALF_HOUR not in text:
        return None
    minutes = 30
    if found:
        minutes = int(found["n"] or 1) * (1 if found["unit"] == "minute" else 60)
    moment = local + timedelta(minutes=minutes)
    return moment, moment


def _window(words: Sequence[str], local: datetime) -> tuple[datetime, datetime] | None:
    days, rest = days_named(words, local.date())
    clock = clock_named(rest)
    if not days and clock is None:
        return None
    if not days:
        return _today_or_next(local, clock)
    several = not {"or", "between", "from"}.isdisjoint(words)
    chosen = _chosen(days, several=several, corrected="pivot" in words)
    first, last = _days_meant(chosen, local.date())
    if clock is None and first == last == local.date():
        return _today_or_next(local, clock)
    if clock is None and not chosen.weekday:
        first, last = working_day(first), _last_working_day(last)
    hours = clock or Clock(OPENS, CLOSES)
    window = _at(first, hours.start, local), _at(max(first, last), hours.end, local)
    return window if window[0] > local else _rest(window, local)


def _chosen(days: Sequence[Days], *, several: bool, corrected: bool) -> Days:
    """The span that is meant: rather a day than a stretch, rather one named than one refused."""
    meant = [one for one in days if one.said is Said.ON]
    if len(meant) > 1 and several and meant[0].exact and meant[-1].exact:
        return Days(meant[0].first, max(meant[0].last, meant[-1].last), Said.ON, meant[0].at)
    exact = [one for one in meant if one.exact]
    ranked = [one for one in exact if one.dated] or exact or meant
    if not ranked:
        by_rank = (Said.AFTER, Said.UNTIL, Said.NOT)
        return next(one for said in by_rank for one in reversed(days) if one.said is said)
    return ranked[-1] if corrected else ranked[0]


def _days_meant(chosen: Days, today: date) -> tuple[date, date]:
    if chosen.said is Said.ON:
        return chosen.first, chosen.last
    if chosen.said is Said.UNTIL:
        return chosen.first, chosen.first + timedelta(FRIDAY)
    if chosen.said is Said.AFTER:
        return chosen.last + timedelta(1), chosen.last + timedelta(STRETCH_DAYS)
    if chosen.exact:
        after = working_day(chosen.last + timedelta(1))
        return after, after
    return week(max(chosen.last, today), 1)


def _today_or_next(local: datetime, clock: Clock | None) -> tuple[datetime, datetime]:
    """The hours today, as far as they are still to come, or those of the next working day."""
    hours = clock or Clock(OPENS, CLOSES)
    window = _at(local.date(), hours.start, local), _at(local.date(), hours.end, local)
    soon = local + timedelta(minutes=SOON_MINUTES)
    if window[0] > local or (window[1] > soon and not hours.exact):
        return max(window[0], soon), window[1]
    following = working_day(local.date() + timedelta(1))
    return _at(following, hours.start, local), _at(following, hours.end, local)


def _rest(window: tuple[datetime, datetime], local: datetime) -> tuple[datetime, datetime] | None:
    """What of a window is still to come."""
    soon = local + timedelta(minutes=SOON_MINUTES)
    return (soon, window[1]) if window[1] > soon else None


def _last_working_day(day: date) -> date:
    return day - timedelta(max(0, day.weekday() - FRIDAY))


def _at(day: date, hour: time, local: datetime) -> datetime:
    return datetime.combine(day, hour, local.tzinfo)
