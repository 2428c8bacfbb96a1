"""A decision in the words of the bus: what is asked of others, the timer, and the journal entry."""

from datetime import datetime
from uuid import UUID

from services.orchestrator.slots import counting
from services.orchestrator.state import (
    Book,
    Decision,
    Effect,
    End,
    Fact,
    Heed,
    Join,
    Say,
    Sequence,
    Vow,
    Wait,
    World,
)
from shared.events import (
    REQUESTED,
    BookingRequested,
    DecisionMade,
    MessageRequested,
    OutcomeRecorded,
    Output,
    WakeAt,
)
from shared.rules.loading import rules_in_force

BY = "orchestrator"
ENGINE = "sequence 2"
RULES = rules_in_force().version.isoformat()
JOINED_POOL = "joined_pool"
NOTHING = "nothing"

# What a decision comes to: the weightiest of its effects.
VERDICTS: dict[type[Effect], str] = {
    End: "end",
    Book: "book",
    Vow: "call_back",
    Say: "say",
    Wait: "wait",
}


def told(
    state: Sequence, effect: Effect, fact: Fact, now: datetime, world: World
) -> tuple[Output, ...]:
    """What an effect says to others. The state contains it already, so its plan is the newest."""
    match effect:
        case Say():
            return _request(state, effect, world), *_timer(state)
        case Wait():
            return _timer(state)
        case Book(slot=slot, reading=reading):
            request = BookingRequested(
                subject=state.contact_id,
                workspace_id=state.workspace_id,
                campaign_id=state.campaign_id,
                plan=state.plan,
                slot=slot,
                asked_at=now,
                summary=reading.summary if reading else None,
            )
            return request, *_timer(state)
        case End(code=code, reason=reason):
            outcome = OutcomeRecorded(
                subject=state.contact_id,
                workspace_id=state.workspace_id,
                campaign_id=state.campaign_id,
                revision=state.revision,
                code=code,
                reason=reason,
                ended_at=now,
            )
            return (outcome,)
        case Join():
            return (_entry(state, Decision((), "pool"), JOINED_POOL, fact, now, world),)
        case Vow() | Heed():
            return ()


def entry(
    state: Sequence, decision: Decision, fact: Fact, now: datetime, world: World
) -> DecisionMade:
    """The decision itself, as it is kept for ever."""
    done = {type(effect) for effect in decision.effects}
    verdict = next((word for kind, word in VERDICTS.items() if kind in done), NOTHING)
    return _entry(state, decision, verdict, fact, now, world)


def _entry(
    state: Sequence,
    decision: Decision,
    verdict: str,
    fact: Fact,
    now: datetime,
    world: World,
) -> DecisionMade:
    return DecisionMade(
        subject=state.contact_id,
        workspace_id=state.workspace_id,
        campaign_id=state.campaign_id,
        by=BY,
        decided_at=now,
        inputs=_inputs(state, fact, now, world),
        engine=ENGINE,
        rules=RULES,
        campaign_version=world.campaign.version,
        candidates=decision.candidates,
        verdict=verdict,
        why=decision.why,
        plan=state.plan,
        wake_at=state.waiting.until if state.waiting else None,
    )


def _inputs(state: Sequence, fact: Fact, now: datetime, world: World) -> tuple[UUID, ...]:
    """The free slots that count, and what was heard since the last decision; the cause is last."""
    slots = counting(world.calendar, now)
    return (*((slots.id,) if slots else ()), *state.noted, fact.id)


def _request(state: Sequence, effect: Say, world: World) -> MessageRequested:
    message = effect.message
    return REQUESTED[message.channel](
        subject=state.contact_id,
        workspace_id=state.workspace_id,
        campaign_id=state.campaign_id,
        plan=state.plan,
        channel=message.channel,
        purpose=message.purpose,
        line_id=message.line_id,
        language=state.standing.language,
        fields={"date": message.date.isoformat()} if message.date else {},
        slots=message.slots,
        campaign_version=world.campaign.version,
        triage_revision=state.standing.revision,
        heard=state.heard,
        answer_until=effect.answer_until,
    )


def _timer(state: Sequence) -> tuple[WakeAt, ...]:
    """The newest plan's timer, where something is waited for."""
    if state.waiting is None:
        return ()
    return (WakeAt(state.contact_id, state.workspace_id, state.plan, state.waiting.until),)
