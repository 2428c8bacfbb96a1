"""Only where and when it is lawful, and by named rules. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from rekindle.accounting import IN_HAND
from rekindle.case import Case, Finding
from rekindle.recorded import Recorded, grouped, left_at
from shared.events import ContactTriaged, DecisionMade, MessageSent
from shared.rules.hours import next_open
from shared.words import SERVICE_PURPOSES, Openness, Purpose, Verdict

GATEWAYS = "channels"  # who decides whether a touch leaves
TRIAGE = "triage"
PROMISED = "promised"
ANSWERS_FOR = timedelta(hours=24)  # after the contact wrote there, what leaves is an answer
PROMISED_FOR = timedelta(hours=2)  # after a promised moment
KNOWN_WITHIN = timedelta(days=1)  # a verdict reaches the gateways sooner, also on a clock that runs


def only_open_channels_are_used(case: Case) -> Iterator[Finding]:
    """By the verdict that the gateway knew, which must have been the newest of the day before."""
    for touch in case.recorded.sent:
        if touch.purpose in SERVICE_PURPOSES:
            continue  # it answers what the contact did
        if fault := _closed(case.recorded, touch):
            sentence = f"The line {touch.line_id} left on {touch.channel}, {fault}."
            yield Finding(touch.subject, (touch.id,), sentence)


def _closed(recorded: Recorded, touch: MessageSent) -> str:
    """Why the touch should not have used its channel; empty when it was open."""
    known = recorded.verdict_of(touch)
    if known is None:
        return "by a verdict that nobody said"
    newest = [
        its
        for its in recorded.revisions[touch.subject]
        if its.revision > known.revision and its.time < left_at(touch) - KNOWN_WITHIN
    ]
    channel = known.channels.get(touch.channel)
    if newest:
        return "by a verdict that was no longer the newest"
    if known.verdict is not Verdict.ADMITTED or channel is None:
        return "to a contact that was not admitted"
    if channel.openness is Openness.CLOSED:
        return f"which was closed: {channel.code}"
    return "before it opened" if channel.opens_at and channel.opens_at > left_at(touch) else ""


def quiet_hours_are_kept(case: Case) -> Iterator[Finding]:
    """In every zone in which the contact may be; answers and promised callbacks are free."""
    recorded = case.recorded
    wrote = grouped(
        (its for replies in recorded.replies.values() for its in replies),
        lambda its: (its.address_hash, its.channel),
    )
    promised = _promises(recorded)
    for touch in recorded.sent:
        at, known = left_at(touch), recorded.verdict_of(touch)
        if known is None or next_open(touch.channel, at, known.country, known.zones) <= at:
            continue
        replies = (its.time for its in wrote.get((touch.address_hash, touch.channel), ()))
        kept = promised.get(touch.subject, ()) if touch.purpose is Purpose.CALLBACK else ()
        if not (_lately(at, replies, ANSWERS_FOR) or _lately(at, kept, PROMISED_FOR)):
            where = " and ".join(known.zones) or "an unknown zone"
            sentence = (
                f"The line {touch.line_id} left on {touch.channel} in a quiet hour of {where}."
            )
            yield Finding(touch.subject, (touch.id,), sentence)


def _promises(recorded: Recorded) -> dict[UUID, list[datetime]]:
    """The moments for which each contact was promised to hear from us."""
    promises: dict[UUID, list[datetime]] = defaultdict(list)
    for decision in recorded.of(DecisionMade):
        for its in decision.candidates:
            if its.verdict == PROMISED:
                promises[decision.subject].append(datetime.fromisoformat(its.why))
    return promises


def _lately(at: datetime, moments: Iterable[datetime], within: timedelta) -> bool:
    return any(moment <= at <= moment + within for moment in moments)


def every_verdict_names_its_rules(case: Case) -> Iterator[Finding]:
    """A decision names engine, rules and inputs; verdicts and touches have theirs."""
    decisions = case.recorded.of(DecisionMade)
    for made in decisions:
        if not (made.engine and made.rules and made.inputs):
            sentence = f"A decision of {made.by} does not say by which rules, or from what."
            yield Finding(made.subject, (made.id,), sentence)
    judged = {its.cause_id for its in decisions if its.by == TRIAGE}
    for verdict in case.recorded.of(ContactTriaged):
        unnamed = [channel for channel, its in verdict.channels.items() if not its.code]
        if unnamed:
            sentence = f"The verdict on {', '.join(unnamed)} names no rule."
            yield Finding(verdict.subject, (verdict.id,), sentence)
        if verdict.cause_id not in judged and verdict.time < case.at - IN_HAND:
            yield Finding(verdict.subject, (verdict.id,), "No decision says how this verdict came.")
    looked = {id_ for its in decisions if its.by == GATEWAYS for id_ in its.inputs}
    for touch in case.recorded.touches:
        request = case.recorded.requests.get(touch.touch_id)
        if request and request.id not in looked and touch.time < case.at - IN_HAND:
            sentence = f"No decision says why the line {touch.line_id} left or did not."
            yield Finding(touch.subject, (touch.id,), sentence)
