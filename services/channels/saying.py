"""How a gateway tells of its work: one `message.sent` and one `decision.made` for each request.

A touch whose call stayed unknown and was accepted after all is told of again: the same touch, now
accepted.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.channels.reserving import BY, ENGINE, LOSE, RULES, Go, Lose, Refuse
from services.channels.statuses import Status
from services.channels.store import Row
from services.channels.view import View
from shared.events import Candidate, DecisionMade, Event, MessageDelivered, MessageSent
from shared.ids import touch_id_of
from shared.words import Channel, Refusal, Result


def refused(view: View, verdict: Refuse, now: datetime) -> list[Event]:
    """Not sent, and why."""
    sent = _sent(view, result=Result.REFUSED, refusal=verdict.refusal).model_copy(
        update={"busy_until": verdict.busy_until}
    )
    return [sent, _decided(sent, view.request.id, now, "refuse", verdict.why)]


def lost(view: View, verdict: Lose, now: datetime) -> tuple[MessageSent, DecisionMade]:
    """Perhaps sent, at any moment since it was asked for."""
    request = view.request
    sent = _sent(view, result=Result.UNKNOWN, reserved_at=request.time)
    return sent, _decided(sent, request.id, now, LOSE, verdict.why)


def reserved(view: View, go: Go, text_digest: str, reserved_at: datetime) -> MessageSent:
    """What will be told of a touch, but for its result."""
    return _sent(
        view,
        result=Result.UNKNOWN,
        text_digest=text_digest,
        disclosed_ai=go.discloses_ai,
        first_on_channel=go.first_on_channel,
        is_answer=view.answers_at(reserved_at),
        reserved_at=reserved_at,
    )


def settled(
    touch: Row,
    result: Result,
    now: datetime,
    *,
    provider_id: str = "",
    refusal: Refusal | None = None,
    code: str = "",
) -> list[Event]:
    """What became of a reserved touch."""
    sent = told_of(touch).model_copy(
        update={"result": result, "provider_id": provider_id, "refusal": refusal, "code": code}
    )
    return [sent, _decided(sent, touch.request_id, now, "send", refusal or "")]


def healed(touch: Row, provider_id: str) -> list[Event]:
    """The touch was accepted after all; the decision was told before."""
    accepted = {"result": Result.ACCEPTED, "provider_id": provider_id}
    return [told_of(touch).model_copy(update=accepted)]


def delivered(touch: Row, status: Status, code: str) -> MessageDelivered:
    """The provider's word on a message, in ours."""
    return MessageDelivered(
        subject=touch.contact_id,
        workspace_id=touch.workspace_id,
        campaign_id=touch.campaign_id,
        touch_id=touch.id,
        channel=Channel(touch.channel),
        delivery=status.delivery,
        code=code,
    )


def told_of(touch: Row) -> MessageSent:
    """The event as it was kept with the touch."""
    envelope = {
        "subject": touch.contact_id,
        "workspace_id": touch.workspace_id,
        "campaign_id": touch.campaign_id,
    }
    return MessageSent.from_bus(touch.sent, envelope)


def _sent(view: View, **more: Any) -> MessageSent:  # noqa: ANN401  fields of the event
    request = view.request
    return MessageSent(
        subject=request.subject,
        workspace_id=request.workspace_id,
        campaign_id=request.campaign_id,
        touch_id=touch_id_of(request.id),
        plan=request.plan,
        channel=request.channel,
        purpose=request.purpose,
        line_id=request.line_id,
        language=request.language,
        slots=request.slots,
        address_hash=view.address.hash if view.address else "",
        campaign_version=view.campaign_version,
        triage_revision=view.contact.revision if view.contact else 0,
        heard=request.heard,
        answer_until=request.answer_until,
        **more,
    )


def _decided(
    sent: MessageSent, request_id: UUID, now: datetime, verdict: str, why: str
) -> DecisionMade:
    only = Candidate(channel=sent.channel, verdict=sent.result, why=sent.refusal or "")
    return DecisionMade(
        subject=sent.subject,
        workspace_id=sent.workspace_id,
        campaign_id=sent.campaign_id,
        by=BY,
        decided_at=now,
        inputs=(request_id,),
        engine=ENGINE,
        rules=RULES,
        campaign_version=sent.campaign_version,
        candidates=(only,),
        verdict=verdict,
        why=why,
        plan=sent.plan,
        wake_at=sent.busy_until,
    )
