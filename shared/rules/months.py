"""Calendar months: the same day of another month, or its last day where that one is shorter."""

from calendar import monthrange
from datetime import date
from functools import lru_cache

MONTHS = 12


@lru_cache(4096)
def add_months(day: date, months: int) -> date:
    """The day so many months later, or earlier when negative."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
