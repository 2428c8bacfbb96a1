"""What becomes of a touch: its row learns what a fact adds, and what is to be said is returned."""

from dataclasses import asdict
from datetime import datetime, timedelta

from services.channels import saying
from services.channels.adapters.base import Answer, NotMade
from services.channels.settling import (
    DOUBLINGS_MAX,
    REPEAT_SECONDS,
    REPEAT_SECONDS_MAX,
    _result,
)
from services.channels.store import TouchRow
from services.channels.touching import Fact, Late, Standing, State, Told, learn
from shared.events import Event
from tests.simulation.gateway import Gateways


def settle(tx: Gateways, touch: TouchRow, answer: Answer | Late, now: datetime) -> list[Event]:
    """Write down what came of a call."""
    if isinstance(answer, NotMade) and touch.state == State.RESERVED:
        _take_back(tx, touch, answer.seconds, now)
        return []
    tx.requests.pop(touch.request_id, None)
    return learn_of(touch, answer, now)


def learn_of(touch: TouchRow, fact: Fact, now: datetime) -> list[Event]:
    """Write down what a fact adds to a touch. What is to be said of it; nothing if no news."""
    known = Standing(State(touch.state), touch.provider_id, touch.status_rank)
    grown = learn(known, fact)
    moved = grown.state is not known.state
    for name, value in asdict(grown).items():
        setattr(touch, name, value)
    touch.settled_at = now if moved else touch.settled_at
    said = _result(touch, known, grown, fact, now) if moved else []
    if isinstance(fact, Told) and fact.status and fact.status.rank > known.status_rank:
        said.append(saying.delivered(touch, fact.status, fact.code))
    return said


def overhear(tx: Gateways, touch: TouchRow, fact: Fact, now: datetime) -> list[Event]:
    """As `learn_of`, but not from its sender, who may be gone: its request is done with."""
    said = learn_of(touch, fact, now)
    if said:
        tx.requests.pop(touch.request_id, None)
    return said


def _take_back(tx: Gateways, touch: TouchRow, seconds: float, now: datetime) -> None:
    """As if it had not been reserved; each time the pause doubles."""
    del tx.touches[touch.id]
    request = tx.requests[touch.request_id]
    doubled = REPEAT_SECONDS * 2 ** min(request.attempts, DOUBLINGS_MAX)
    pause = max(seconds, min(REPEAT_SECONDS_MAX, doubled))
    request.look_at = now + timedelta(seconds=pause)
    request.attempts += 1
