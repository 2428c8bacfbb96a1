"""Days as the contact counts them: which day it is where the contact may be."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

MONTHS_A_YEAR = 12
WESTMOST, EASTMOST = timedelta(hours=-12), timedelta(hours=14)  # from UTC
CASES_KEPT = 1024


class Today(NamedTuple):
    """The earliest and the latest day it may be for the contact; mostly they are the same."""

    earliest: date
    latest: date

    def within(self, low: int, day: date, high: int) -> bool:
        """Whether a day lies `low` to `high` days ago, both included, whichever day it is."""
        return low <= (self.earliest - day).days and (self.latest - day).days <= high


@lru_cache(CASES_KEPT)
def today_in(zones: tuple[str, ...], now: datetime) -> Today:
    """The days it may be in these IANA zones; anywhere on Earth when none is known."""
    days = [now.astimezone(ZoneInfo(zone)).date() for zone in zones] or [
        (now + WESTMOST).date(),
        (now + EASTMOST).date(),
    ]
    return Today(min(days), max(days))


def months_before(day: date, months: int) -> date:
    """The same day so many calendar months ago; the month's last day where it is too short."""
    year, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 - months, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
