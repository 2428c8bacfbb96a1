"""Only where and when it is lawful, and by named rules. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from uuid import UUID

from rekindle.accounting import IN_HAND
from rekindle.case import Case, Finding
from rekindle.recorded import Recorded, contact_of, grouped, left_at
from shared.events import ContactTriaged, DecisionMade, MessageSent, ReplyReceived
from shared.rules.case import MARKETING, SERVICE
from shared.rules.facts import Attempt, Facts, Inbound
from shared.rules.knowing import read_facts
from shared.rules.loading import Rules, rules_in_force, rules_of
from shared.rules.verdict import Weight
from shared.rules.whoever import judge_whoever, opens_for_whoever
from shared.words import SERVICE_PURPOSES, Channel, Openness, Purpose, Verdict

GATEWAYS = "channels"  # who decides whether a touch leaves
TRIAGE = "triage"
ANSWERS_FOR = timedelta(hours=24)  # after the contact wrote there, what leaves is an answer
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


def every_touch_is_permitted(case: Case) -> Iterator[Finding]:
    """By the contact rules of its day, from what was on record when it left."""
    past, rules = Past(case.recorded), _versions(case.recorded)
    for touch in case.recorded.sent:
        known = case.recorded.verdict_of(touch)
        if known is None:
            continue  # which is a finding of its own
        its = rules.get(touch.touch_id) or rules_in_force()
        if decided := _against(past.facts(touch, known), touch, its):
            sentence = (
                f"The line {touch.line_id} left on {touch.channel}, which was not permitted: "
                f"{', '.join(decided)}."
            )
            yield Finding(touch.subject, (touch.id,), sentence)


def _against(facts: Facts, touch: MessageSent, rules: Rules) -> tuple[str, ...]:
    """The rules that forbid it; what serves the contact waits only for decent hours."""
    at = left_at(touch)
    if touch.purpose in SERVICE_PURPOSES:
        return () if opens_for_whoever(facts, at, rules) == at else ("quiet hours",)
    verdict = judge_whoever(facts, at, rules)
    return () if verdict.verdict is Weight.ALLOW else verdict.rules


def _versions(recorded: Recorded) -> dict[UUID, Rules]:
    """By touch, the rules of the data version that its gateway judged by."""
    made = {
        id_: its for its in recorded.of(DecisionMade) if its.by == GATEWAYS for id_ in its.inputs
    }
    return {
        touch_id: _rules_of(made[request.id].rules)
        for touch_id, request in recorded.requests.items()
        if request.id in made
    }


def _rules_of(version: str) -> Rules:
    """As a decision names them; where it names no data version, those of today."""
    try:
        return rules_of(version)
    except ValueError:
        return rules_in_force()


@dataclass(frozen=True)
class Past:
    """What the contact rules ask of the time before a touch, as it is on record."""

    recorded: Recorded

    def facts(self, touch: MessageSent, known: ContactTriaged) -> Facts:
        """All that is known of a touch when it leaves."""
        serves = touch.purpose in SERVICE_PURPOSES
        return replace(
            read_facts(known.facts),
            channel=touch.channel.value,
            purpose=SERVICE if serves else MARKETING,
            script_signed=True,  # as checks of their own say
            disclosure_first=True,
            attempts=() if serves else tuple(self.attempts(touch)),
            last_inbound=self.inbound(touch),
        )

    def attempts(self, touch: MessageSent) -> Iterator[Attempt]:
        """What came unasked to the contact, or to the address, before."""
        whose = (*self._sent.get(touch.subject, ()), *self._sent.get(touch.address_hash, ()))
        for its in {one.touch_id: one for one in whose}.values():
            if left_at(its) < left_at(touch) and not self.is_answer(its):
                yield Attempt(channel=its.channel.value, at=left_at(its))

    def is_answer(self, touch: MessageSent) -> bool:
        """Whether the contact had asked for it, or was served by it."""
        if touch.purpose in SERVICE_PURPOSES:
            return True
        wrote = self.inbound(touch)
        return wrote is not None and wrote.same_matter and left_at(touch) < wrote.at + ANSWERS_FOR

    def inbound(self, touch: MessageSent) -> Inbound | None:
        """What the address wrote last on this channel; first words answer nothing."""
        wrote = self._replies.get((touch.address_hash, touch.channel), ())
        at = max((its.time for its in wrote if its.time <= left_at(touch)), default=None)
        answers = touch.purpose is not Purpose.OPENER
        return Inbound(channel=touch.channel.value, at=at, same_matter=answers) if at else None

    @cached_property
    def _sent(self) -> dict[UUID | str, list[MessageSent]]:
        sent = self.recorded.sent
        return {**grouped(sent, contact_of), **grouped(sent, lambda its: its.address_hash)}

    @cached_property
    def _replies(self) -> dict[tuple[str, Channel], list[ReplyReceived]]:
        replies = self.recorded.of(ReplyReceived)
        return grouped(replies, lambda its: (its.address_hash, its.channel))


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
