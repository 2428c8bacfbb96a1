"""When somebody may be called back: on working days, in every zone in which the contact may be.

The answer is found forwards: a moment is turned into local time and looked up there, so that clocks
that jump, and days that a country skips, need no rule of their own.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEGINS, ENDS = time(9), time(18)
SATURDAY = 5
A_WEEK, A_DAY = timedelta(days=7), timedelta(days=1)


def working_time(moment: datetime, zones: Sequence[str]) -> datetime:
    """The first moment from the given one on that is Monday to Friday, 9 to 18, in all zones.

    Where the zones have no such hour in common within a week, the first zone's working time counts;
    without any zone UTC does. Raises ZoneInfoNotFoundError for a zone that does not exist.
    """
    places = [ZoneInfo(zone) for zone in zones or ("UTC",)]
    return _first_common(moment, places) or _first_common(moment, places[:1]) or moment


def _first_common(start: datetime, places: Sequence[ZoneInfo]) -> datetime | None:
    moment = start
    while moment <= start + A_WEEK:
        closed = next((place for place in places if not _is_open(moment, place)), None)
        if closed is None:
            return moment
        moment = _next_opening(moment, closed)
    return None


def _is_open(moment: datetime, place: ZoneInfo) -> bool:
    local = moment.astimezone(place)
    return local.weekday() < SATURDAY and BEGINS <= local.time() < ENDS


def _next_opening(moment: datetime, place: ZoneInfo) -> datetime:
    """When the next working day begins in this zone, after the moment."""
    day = moment.astimezone(place).date()
    while True:
        opening = datetime.combine(day, BEGINS, place).astimezone(UTC)
        if day.weekday() < SATURDAY and opening > moment:
            return opening
        day += A_DAY
