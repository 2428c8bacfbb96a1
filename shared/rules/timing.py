"""The last three checks of a touch: hours and days, caps, and what has to be waited for."""

from datetime import UTC, datetime, time

from shared.rules.bases import NO_LIMITS, Means
from shared.rules.facts import Day
from shared.rules.opening import Counted, Hours, cap_opens, first_moment
from shared.rules.product import P
from shared.rules.touch import Touch, within
from shared.rules.verdict import ALLOW, Findings


def judge_time(touch: Touch, findings: Findings) -> None:
    """Hours, caps, sequence and not-before, with what frees a touch from the first two."""
    reply = touch.replies is not None and within(touch.replies, touch.at)
    callback = touch.callbacks is not None and within(touch.callbacks, touch.at)
    if reply:
        findings.add(ALLOW, (P.INBOUND_REPLY,))
    if callback:
        findings.add(ALLOW, (P.CALLBACK_REQUEST,))
    if not (reply or callback):
        _hours(touch, findings)
        if touch.facts.attempts:
            _caps(touch, findings)
    if touch.facts.sequence_wait_until or touch.facts.not_before:
        for rule, moment in waits_of(touch):
            if moment > touch.at:
                findings.under(rule)


def _hours(touch: Touch, findings: Findings) -> None:
    zones = touch.case.location.zone_context if touch.case.windows else ()
    if closed := touch.closed and hours_of(touch).closed(touch.at):
        findings.under(P.HOURS, *touch.case.location.context, *zones, *closed)
    elif zones:
        findings.add(ALLOW, zones)


def _caps(touch: Touch, findings: Findings) -> None:
    counted = caps_of(touch)
    full = [its.id for its, moments in counted if cap_opens(its, moments, touch.at) > touch.at]
    if full:
        findings.under(P.CAP, *full)


def next_allowed(touch: Touch) -> datetime | None:
    """The first minute at which everything is open; None when it never is."""
    start = max([touch.at, *(moment for _, moment in waits_of(touch))])
    moment = first_moment(start, hours_of(touch), caps_of(touch), touch.free)
    if moment is None:
        return None
    zones = touch.case.location.zones
    return moment.astimezone(zones[0]) if zones else moment


def hours_of(touch: Touch) -> Hours:
    """The windows that bind, without those that something lifts."""
    if not touch.case.lifted_by:
        return touch.case.hours
    lifted_by = touch.case.lifted_by
    windows = tuple(
        its for its in touch.case.windows if not _lifted(lifted_by.get(its.exempt_when), touch)
    )
    key = (windows, touch.case.location)
    known: Hours | None = touch.rules.memo.get(key)
    return known or touch.rules.remember(
        key, Hours.of(windows, touch.case.location.zones, touch.rules.holidays)
    )


def caps_of(touch: Touch) -> list[Counted]:
    """The caps that bind, each with the moments of the attempts that count against it."""
    attempts = touch.facts.attempts
    caps: list[Counted] = []
    for its in touch.case.limits:
        if len(attempts) < its.cap.max:
            continue
        moments = [one.at for one in attempts if one.channel in its.counted]
        if len(moments) >= its.cap.max and not _lifted(its.lifted_by, touch):
            caps.append((its.cap, sorted(moments)))
    return caps


def _lifted(lifted_by: Means | None, touch: Touch) -> bool:
    """Whether something that a row names lifts it, on every channel of the touch."""
    return lifted_by is not None and all(
        lifted_by.hold(look, NO_LIMITS, None) for _, look in touch.sides
    )


def waits_of(touch: Touch) -> list[tuple[str, datetime]]:
    """What has to be waited for, each with its rule."""
    waits: list[tuple[str, datetime]] = []
    if touch.facts.sequence_wait_until is not None:
        waits.append((P.SEQUENCE, _moment(touch.facts.sequence_wait_until, touch)))
    if touch.facts.not_before is not None:
        waits.append((P.NOT_NOW, _moment(touch.facts.not_before, touch)))
    return waits


def _moment(day: Day, touch: Touch) -> datetime:
    """The moment; of a day, when it has begun in every zone."""
    if isinstance(day, datetime):
        return day.astimezone(UTC)
    zones = touch.case.location.zones or (UTC,)
    return max(datetime.combine(day, time(), zone).astimezone(UTC) for zone in zones)
