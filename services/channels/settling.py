"""What became of a touch: told once, and once more when an unknown one was accepted after all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from services.channels import saying
from services.channels.adapters.base import Answer, NotMade, Refused
from services.channels.locks import lock_holders, lock_touches
from services.channels.store import GROUP, REQUEST, TABLES, TOUCH, Row, any_of
from services.channels.suppressing import Silence, suppress
from services.channels.taking import Reserved
from services.channels.touching import Fact, Late, Standing, State, Told, learn
from shared.bus import disarm, tell, tell_all
from shared.clock import utc_now
from shared.events import Event
from shared.telemetry.metrics import REFUSED
from shared.words import Refusal, Result

REPEAT_SECONDS, REPEAT_SECONDS_MAX, DOUBLINGS_MAX = 0.5, 60.0, 10


@dataclass(frozen=True, slots=True)
class Called:
    """A reserved touch and what came of its call."""

    reserved: Reserved
    answer: Answer | Late


def settle(tx: sa.Connection, calls: Sequence[Called], now: datetime) -> None:
    """Write down what came of these calls, and say it."""
    disarm(tx, TABLES, GROUP, [(one.reserved.contact_id, one.reserved.plan) for one in calls])
    hear_opt_outs(tx, calls, now)
    touches = lock_touches(tx, [one.reserved.outgoing.touch_id for one in calls])
    done, said = [], []
    for one in calls:
        touch = touches[one.reserved.outgoing.touch_id]
        if isinstance(one.answer, NotMade) and touch.state == State.RESERVED:
            _take_back(tx, touch, one.answer.seconds)
            continue
        done.append(touch.request_id)
        said.append((touch.request_id, learn_of(tx, touch, one.answer, now), touch.id))
    tell_all(tx, TABLES, GROUP, said, now)
    drop_requests(tx, done)


def learn_of(tx: sa.Connection, touch: Row, fact: Fact, now: datetime) -> list[Event]:
    """Write down what a fact adds to a locked touch. What is to be said of it; nothing if no news.

    What is told once as refused or unknown is told again when it was accepted after all.
    """
    known = Standing(State(touch.state), touch.provider_id, touch.status_rank)
    grown = learn(known, fact)
    if grown == known:
        return []
    moved = {"settled_at": now} if grown.state is not known.state else {}
    its = sa.update(TOUCH).where(TOUCH.c.id == touch.id)
    tx.execute(its.values(**asdict(grown), **moved))
    said = _result(touch, known, grown, fact, now) if moved else []
    if isinstance(fact, Told) and fact.status and fact.status.rank > known.status_rank:
        said.append(saying.delivered(touch, fact.status, fact.code))
    return said


def overhear(tx: sa.Connection, touch: Row, fact: Fact, now: datetime) -> list[Event]:
    """As `learn_of`, but not from its sender, who may be gone: its request is done with."""
    said = learn_of(tx, touch, fact, now)
    if said:
        drop_requests(tx, [touch.request_id])
    return said


def _result(touch: Row, known: Standing, grown: Standing, fact: Fact, now: datetime) -> list[Event]:
    match grown.state:
        case State.ACCEPTED if known.state is State.RESERVED:
            return saying.settled(touch, Result.ACCEPTED, now, provider_id=grown.provider_id)
        case State.ACCEPTED:
            return saying.healed(touch, grown.provider_id)
        case State.REFUSED if isinstance(fact, Refused):
            refused = Refusal.PROVIDER_REFUSED
            REFUSED.labels(touch.channel, refused).inc()
            return saying.settled(touch, Result.REFUSED, now, refusal=refused, code=fact.code)
        case State.REFUSED:
            REFUSED.labels(touch.channel, Refusal.LATE).inc()
            return saying.settled(touch, Result.REFUSED, now, refusal=Refusal.LATE)
        case _:
            return saying.settled(touch, Result.UNKNOWN, now)


def drop_requests(tx: sa.Connection, requests: Iterable[UUID]) -> None:
    these = any_of("requests", list(requests), sa.Uuid)
    tx.execute(sa.delete(REQUEST).where(REQUEST.c.id == these))


def hear_opt_outs(tx: sa.Connection, calls: Sequence[Called], now: datetime) -> None:
    """A provider that refuses because of an opt-out is a proof of one."""
    causes = {
        one.reserved.contact_id: one.reserved.request_id
        for one in calls
        if isinstance(one.answer, Refused) and one.answer.opted_out
    }
    provider_says_stop(tx, causes, now)


def provider_says_stop(tx: sa.Connection, causes: Mapping[UUID, UUID], now: datetime) -> None:
    """Bind these contacts, each with what it is told because of."""
    if not causes:
        return
    silence = Silence(everything=True, source="provider", since=now)
    for contact, row in lock_holders(tx, {}, also=causes).items():
        if events := suppress(tx, [row], silence):
            tell(tx, TABLES, GROUP, causes[contact], events, now)


def _take_back(tx: sa.Connection, touch: Row, seconds: float) -> None:
    """As if it had not been reserved. Each time the pause doubles; it is the wall's."""
    tx.execute(sa.delete(TOUCH).where(TOUCH.c.id == touch.id))
    its = REQUEST.c.id == touch.request_id
    attempts = tx.scalar(sa.select(REQUEST.c.attempts).where(its)) or 0
    doubled = min(REPEAT_SECONDS_MAX, REPEAT_SECONDS * 2 ** min(attempts, DOUBLINGS_MAX))
    pause = max(seconds, doubled)
    look_at = utc_now() + timedelta(seconds=pause)
    tx.execute(sa.update(REQUEST).where(its).values(look_at=look_at, attempts=attempts + 1))
