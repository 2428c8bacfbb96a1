"""The last three checks of a touch: hours and days, caps, and what has to be waited for."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from shared.rules.bases import any_holds
from shared.rules.facts import Day
from shared.rules.opening import Counted, Hours, first_moment
from shared.rules.product import P
from shared.rules.rows import Names
from shared.rules.touch import Touch, within
from shared.rules.verdict import Findings, Weight


def judge_time(touch: Touch, findings: Findings) -> None:
    """Hours, caps, sequence and not-before, with what frees a touch from the first two."""
    reply, callback = within(touch.replies, touch.at), within(touch.callbacks, touch.at)
    if reply:
        findings.add(Weight.ALLOW, (P.INBOUND_REPLY,))
    if callback:
        findings.add(Weight.ALLOW, (P.CALLBACK_REQUEST,))
    if not (reply or callback):
        if closed := hours_of(touch).closed(touch.at):
            where = (*touch.location.context, *touch.location.zone_context)
            findings.add(Weight.DEFER, (*where, *closed, P.HOURS))
        if full := [its.cap.id for its in caps_of(touch) if its.opens(touch.at) > touch.at]:
            findings.add(Weight.DEFER, (*full, P.CAP))
    for rule, moment in _waits(touch):
        if moment > touch.at:
            findings.add(Weight.DEFER, (rule,))


def next_allowed(touch: Touch) -> datetime | None:
    """The first minute at which everything is open; None when it never is."""
    start = max([touch.at, *(moment for _, moment in _waits(touch))])
    moment = first_moment(start, hours_of(touch), caps_of(touch), tuple(touch.free))
    if moment is None:
        return None
    zones = touch.location.zones
    return moment.astimezone(zones[0]) if zones else moment


def hours_of(touch: Touch) -> Hours:
    """The windows that bind, without those that something lifts."""
    windows = touch.case.windows
    if any(its.exempt_when for its in windows):
        windows = tuple(its for its in windows if not _lifted(its.exempt_when, touch))
    key = (windows, touch.location)
    known: Hours | None = touch.rules.memo.get(key)
    return known or touch.rules.remember(
        key, Hours.of(windows, touch.location.zones, touch.rules.holidays)
    )


def caps_of(touch: Touch) -> tuple[Counted, ...]:
    """The caps that bind, each with the attempts that count against it."""
    if not touch.facts.attempts:
        return ()
    terms = touch.rules.terms
    attempts = sorted(
        (its.at.astimezone(UTC), [name for name, _ in terms.facets(its.channel, None)])
        for its in touch.facts.attempts
    )
    return tuple(
        Counted(cap, tuple(at for at, names in attempts if not set(cap.channels).isdisjoint(names)))
        for cap in touch.case.caps
        if not _lifted(cap.exempt_when, touch)
    )


def _lifted(tokens: Names, touch: Touch) -> bool:
    together = tuple((token,) for token in tokens)
    return bool(tokens) and all(
        any_holds(together, touch.rules.means, side.look) for side in touch.sides
    )


def _waits(touch: Touch) -> Iterator[tuple[str, datetime]]:
    if touch.facts.sequence_wait_until is not None:
        yield P.SEQUENCE, _moment(touch.facts.sequence_wait_until, touch)
    if touch.facts.not_before is not None:
        yield P.NOT_NOW, _moment(touch.facts.not_before, touch)


def _moment(day: Day, touch: Touch) -> datetime:
    """The moment; of a day, when it has begun in every zone."""
    if isinstance(day, datetime):
        return day.astimezone(UTC)
    zones = touch.location.zones or (UTC,)
    return max(datetime.combine(day, time(), zone).astimezone(UTC) for zone in zones)
