"""The hours at which a person may be reached, by country, judged in the person's own zone.

Where several zones are possible, all of them must be open. Every answer is found forwards: a moment
is turned into local time and looked up there, so that clocks that jump, and days that a country
skips, need no rule of their own.
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shared.words import Channel

A_WEEK = timedelta(days=7)  # every table opens within one
WORKDAYS = 5
CASES_KEPT = 4096


class Span(NamedTuple):
    """From the first moment up to, not including, the last."""

    first: time
    last: time


Days = tuple[tuple[Span, ...], ...]  # Monday first


def next_open(channel: Channel, now: datetime, country: str, zones: Sequence[str]) -> datetime:
    """The first moment from `now` on at which the channel is open; `now` itself when it is.

    `country` is ISO 3166-1 alpha-2; one without hours of its own has the default's. `zones` are all
    IANA zones in which the person may be. Without any zone, or when the zones have no open hour in
    common within a week, nothing is known to be open: the answer is a week from now, and to be
    asked again then. Raises ZoneInfoNotFoundError for a zone that does not exist.
    """
    if channel is Channel.EMAIL:
        return now
    return _opens_at(country, tuple(zones), now)


def working_time(moment: datetime, zones: Sequence[str]) -> datetime:
    """The first moment from the given one on that is Monday to Friday, 9 to 18, in all zones.

    Where the zones have no such hour in common within a week, the first zone's working time counts;
    without any zone UTC does. Raises ZoneInfoNotFoundError for a zone that does not exist.
    """
    zones = tuple(zones) or ("UTC",)
    common = _first_common(WORKING, moment, zones)
    return common or _first_common(WORKING, moment, zones[:1]) or moment


@lru_cache(CASES_KEPT)
def _opens_at(country: str, zones: tuple[str, ...], now: datetime) -> datetime:
    """Kept, because thousands of contacts of one moment differ in little else."""
    return _first_common(HOURS.get(country, DEFAULT), now, zones) or now + A_WEEK


def _first_common(days: Days, now: datetime, zones: tuple[str, ...]) -> datetime | None:
    """The first moment within a week at which every zone is open; None without any."""
    moment = now
    places = [ZoneInfo(zone) for zone in zones]
    while places and moment <= now + A_WEEK:
        closed = next((place for place in places if not _is_open(days, moment, place)), None)
        if closed is None:
            return moment
        moment = _next_opening(days, moment, closed)
    return None


def _is_open(days: Days, moment: datetime, place: ZoneInfo) -> bool:
    local = moment.astimezone(place)
    return any(first <= local.time() < last for first, last in days[local.weekday()])


def _next_opening(days: Days, moment: datetime, place: ZoneInfo) -> datetime:
    """When a span begins in this zone, after the moment; beyond a week when none does."""
    today = moment.astimezone(place).date()
    for ahead in range(A_WEEK.days + 1):
        day = today + timedelta(days=ahead)
        for first, _ in days[day.weekday()]:
            opening = datetime.combine(day, first, place).astimezone(UTC)
            if opening > moment:
                return opening
    return moment + A_WEEK + timedelta(days=1)


def _read() -> tuple[str, Days, Mapping[str, Days]]:
    table = tomllib.loads(files(__package__).joinpath("data/hours.toml").read_text("utf-8"))
    own = {country: _days(row) for row in table["hours"] for country in row["countries"]}
    return table["version"], _days(table["default"]), own


def _days(row: Mapping[str, Any]) -> Days:
    weekday = _spans(row["weekdays"])
    return (weekday,) * WORKDAYS + (
        _spans(row.get("saturday", "")),
        _spans(row.get("sunday", "")),
    )


def _spans(text: str) -> tuple[Span, ...]:
    halves = (span.split("-") for span in text.split())
    return tuple(
        Span(time.fromisoformat(first), time.fromisoformat(last)) for first, last in halves
    )


VERSION, DEFAULT, HOURS = _read()
WORKING = _days({"weekdays": "09:00-18:00"})
