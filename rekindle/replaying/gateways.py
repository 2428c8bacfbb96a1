"""The gateways' last looks, taken again on what is recorded of them. Pure.

What left must be what was asked for, and nothing that its touch names (the contact's triage, the
campaign, the line) may speak against it. A refusal must have had its ground. On no topic are how
old a gateway's knowledge was, what only sealed words tell, and what a restored database no longer
knew. A newer reply, a suppression and an open touch are held against what left by checks of their
own.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from rekindle.case import Case, Finding
from rekindle.recorded import Recorded, contact_of, grouped, left_at
from rekindle.replaying.comparing import Engine
from services.channels.reserving import BY, CHECKS, ENGINE, LOSE, RULES, Go, Refuse, may_send
from services.channels.view import Address, Contact, Listed, Touch, View
from shared.events import (
    CampaignChanged,
    ContactTriaged,
    DecisionMade,
    Event,
    Line,
    MessageRequested,
    MessageSent,
    OutcomeRecorded,
    Policy,
    ReplyReceived,
    ReplyUnderstood,
)
from shared.words import Channel, Openness, Refusal, Result, Suppression, Verdict

GATEWAYS = Engine(BY, ENGINE, RULES)
SAME = ("plan", "channel", "purpose", "line_id", "language", "slots", "heard", "answer_until")
# Their grounds are on no topic: a view's age, sealed words, the provider's own.
UNRECORDED = frozenset(
    {
        Refusal.STALE_VIEW,
        Refusal.UNKNOWN_CONTACT,
        Refusal.NOT_SIGNED,
        Refusal.PROVIDER_REFUSED,
    }
)


def gateways_come_out_the_same(case: Case) -> Iterator[Finding]:
    """Those decisions that are of this engine and these rules."""
    desk = Desk(case.recorded)
    decided = {id_: its for its in GATEWAYS.decisions(case.recorded) for id_ in its.inputs}
    for sent in case.recorded.touches:
        request = case.recorded.requests.get(sent.touch_id)
        if request is None:
            sentence = f"The line {sent.line_id} was never asked for on {sent.channel}."
            yield Finding(sent.subject, (sent.id,), sentence)
        elif (made := decided.get(request.id)) and (fault := _fault(desk, request, sent, made)):
            yield Finding(sent.subject, (request.id, sent.id, made.id), fault)


def _fault(desk: "Desk", request: MessageRequested, sent: MessageSent, made: DecisionMade) -> str:
    """What does not come out again; empty for nothing."""
    if any(getattr(request, name) != getattr(sent, name) for name in SAME):
        return f"The touch of plan {sent.plan} is not what was asked for."
    if made.verdict == LOSE:
        return ""
    if sent.reserved_at:
        verdict = may_send(desk.least(request, sent, sent.reserved_at), sent.reserved_at)
        why = "" if isinstance(verdict, Go) else verdict.why
        return f"The line {sent.line_id} was sent although {why}." if why else ""
    if sent.refusal in UNRECORDED:
        return ""
    view = desk.most(request, sent, made.decided_at)
    doubts = (check(view, made.decided_at) for check in CHECKS)
    found = any(isinstance(its, Refuse) and its.refusal is sent.refusal for its in doubts)
    return (
        "" if found else f"Nothing on record is a ground to refuse as {sent.refusal}: {made.why}."
    )


@dataclass(frozen=True)
class Desk:
    """What is on record for a gateway's look."""

    recorded: Recorded

    def least(self, request: MessageRequested, sent: MessageSent, at: datetime) -> View:
        """What the touch names, and no more: nothing else speaks against it."""
        campaign = self._campaigns.get((sent.campaign_id, sent.campaign_version))
        policy = campaign.policy if campaign else Policy()
        return View(
            request=request,
            contact=self._contact(request, sent),
            address=Address(sent.address_hash, heard_at=self._heard_at(sent, at)),
            campaign=campaign.state if campaign else None,
            campaign_version=sent.campaign_version,
            line=self._line(sent),
            touches=() if sent.first_on_channel else (_touch(sent, closed=True),),
            template="on no topic",
            overdue=timedelta(hours=policy.overdue_hours),
            due_at=at,
            age_seconds=0.0,
            waited_seconds=0.0,
        )

    def most(self, request: MessageRequested, sent: MessageSent, at: datetime) -> View:
        """All that was on record by then, whether or not it had been heard."""
        least = self.least(request, sent, at)
        said = [its for its in self._said.get(sent.subject, ()) if its.time <= at]
        contact = least.contact and replace(
            least.contact,
            replies=max((its.number for its in said if isinstance(its, ReplyReceived)), default=0),
            held=self._is_held(sent, at),
            listed=self._listed(sent.subject, at),
            ended=any(isinstance(its, OutcomeRecorded) for its in said),
        )
        listed, heard_at = self._listed(sent.address_hash, at), self._heard_at(sent, at)
        address = Address(sent.address_hash, listed, heard_at, self._is_unread(sent, at))
        touches = (*self._touches.get(sent.subject, ()), *self._touches.get(address.hash, ()))
        standing = [its for its in touches if _left(its, at) or self._is_in_hand(its, at)]
        return replace(
            least,
            contact=contact,
            address=address,
            touches=[_touch(its) for its in standing],
            template="",
            due_at=request.time,
        )

    def _contact(self, request: MessageRequested, sent: MessageSent) -> Contact | None:
        """As the triage that the touch names has it, with every reply heard that was asked for."""
        triaged = self.recorded.verdict_of(sent)
        if triaged is None:
            return None
        return Contact(
            id=sent.subject,
            revision=triaged.revision,
            admitted=triaged.verdict is Verdict.ADMITTED,
            channels={
                channel: its.opens_at
                for channel, its in triaged.channels.items()
                if its.openness is not Openness.CLOSED
            },
            facts=triaged.facts,
            zones=triaged.zones,
            replies=request.heard,
        )

    def _is_held(self, sent: MessageSent, at: datetime) -> bool:
        """By a doubt that this contact said, or somebody with one of its addresses."""
        triaged = self.recorded.verdict_of(sent)
        addresses = (triaged.phone, triaged.mailbox) if triaged else ()
        whose: list[UUID | str] = [sent.subject, *(its.hash for its in addresses if its)]
        return any(its.time <= at for one in whose for its in self._doubts.get(one, ()))

    def _is_unread(self, sent: MessageSent, at: datetime) -> bool:
        """Somebody else at the address had written; when the reading was heard is not known."""
        others = self._sharers.get(sent.address_hash, set()) - {sent.subject}
        wrote = [its for one in others for its in self.recorded.replies.get(one, ())]
        return any(its.time <= at for its in wrote)

    def _is_in_hand(self, sent: MessageSent, at: datetime) -> bool:
        """It may have been reserved then, though what is told of it came later.

        It may have been refused, or taken back and reserved again.
        """
        request = self.recorded.requests.get(sent.touch_id)
        return request is not None and request.time <= at < sent.time

    def _line(self, sent: MessageSent) -> Line | None:
        """The newest that was said of it."""
        return next(reversed(self.recorded.lines_of(sent)), None)

    def _heard_at(self, sent: MessageSent, at: datetime) -> datetime | None:
        """When this address last wrote on this channel."""
        wrote = self._replies.get((sent.address_hash, sent.channel), ())
        return max((its.time for its in wrote if its.time <= at), default=None)

    def _listed(self, whom: UUID | str, at: datetime) -> Listed | None:
        """The newest entry of a contact or an address on the suppression list."""
        entries = [its for its in self.recorded.silenced.get(whom, ()) if its.time <= at]
        return Listed(entries[-1].everything, entries[-1].since) if entries else None

    @cached_property
    def _said(self) -> dict[UUID, list[Event]]:
        return grouped(self.recorded.of_any(ReplyReceived, OutcomeRecorded), contact_of)

    @cached_property
    def _doubts(self) -> dict[UUID | str, list[ReplyUnderstood]]:
        """The readings that hold, by contact and by the address from which it was said."""
        said_from = {its.id: its.address_hash for its in self.recorded.of(ReplyReceived)}
        readings = self.recorded.of(ReplyUnderstood)
        doubts = [its for its in readings if its.suppression is Suppression.HOLD]
        return {
            **grouped(doubts, contact_of),
            **grouped(doubts, lambda its: said_from.get(its.reply_id, "")),
        }

    @cached_property
    def _touches(self) -> dict[UUID | str, list[MessageSent]]:
        """What became of every request, by contact and by address."""
        told = self.recorded.touches
        return {**grouped(told, contact_of), **grouped(told, lambda its: its.address_hash)}

    @cached_property
    def _campaigns(self) -> dict[tuple[UUID | None, int], CampaignChanged]:
        changes = reversed(self.recorded.of(CampaignChanged))
        return {(its.subject, its.version_number): its for its in changes}

    @cached_property
    def _sharers(self) -> dict[str, set[UUID]]:
        """Who has, or ever had, each address."""
        sharers: dict[str, set[UUID]] = defaultdict(set)
        for triaged in self.recorded.of(ContactTriaged):
            for its in (triaged.phone, triaged.mailbox):
                if its:
                    sharers[its.hash].add(triaged.subject)
        for reply in self.recorded.of(ReplyReceived):
            sharers[reply.address_hash].add(reply.subject)
        return dict(sharers)

    @cached_property
    def _replies(self) -> dict[tuple[str, Channel], list[ReplyReceived]]:
        replies = self.recorded.of(ReplyReceived)
        return grouped(replies, lambda its: (its.address_hash, its.channel))


def _left(sent: MessageSent, at: datetime) -> bool:
    return sent.result is not Result.REFUSED and left_at(sent) <= at


def _touch(sent: MessageSent, *, closed: bool = False) -> Touch:
    return Touch(
        id=sent.touch_id,
        contact_id=sent.subject,
        address_hash=sent.address_hash,
        channel=sent.channel,
        purpose=sent.purpose,
        reserved_at=left_at(sent),
        answer_until=sent.answer_until,
        closed=closed,
        is_answer=sent.is_answer,
    )
