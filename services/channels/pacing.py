"""One limit per sender, exact in every window: never more than `count` in any `window`.

A send time is given when a touch is reserved, so that what piled up during an outage leaves no
faster than what did not. Each time is at least a window after the one `count` places before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in any window of this length."""

    count: int
    window: timedelta = timedelta(seconds=1)


def send_times(
    past: Sequence[datetime], now: datetime, limit: Limit, wanted: int
) -> list[datetime]:
    """The next times at which something may be sent, none before `now`, in order.

    `past` holds the latest times given, in order; `kept` says how many of them are needed.
    """
    times = list(past)
    for _ in range(wanted):
        soonest = max(now, times[-1]) if times else now
        if len(times) >= limit.count:
            soonest = max(soonest, times[-limit.count] + limit.window)
        times.append(soonest)
    return times[len(past) :]


def kept(times: Sequence[datetime], limit: Limit) -> list[datetime]:
    """What has to be remembered of all times given so far."""
    return list(times[-limit.count :])
