"""What became of a touch: told once, and once more when an unknown one was accepted after all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from services.channels import saying
from services.channels.adapters.base import Accepted, Answer, NotMade, Refused, Unknown
from services.channels.locks import lock_holders, lock_touches
from services.channels.store import GROUP, REQUEST, TABLES, TOUCH, Row, State, any_of
from services.channels.suppressing import Silence, suppress
from services.channels.taking import Reserved
from shared.bus import disarm, tell
from shared.clock import utc_now
from shared.events import Event
from shared.words import Refusal, Result

REPEAT_SECONDS, REPEAT_SECONDS_MAX, DOUBLINGS_MAX = 0.5, 60.0, 10


@dataclass(frozen=True, slots=True)
class Late:
    """Not called: the reservation was too old by the time the call would have begun."""


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
    done = []
    for one in calls:
        touch = touches[one.reserved.outgoing.touch_id]
        if isinstance(one.answer, NotMade) and touch.state == State.RESERVED:
            _take_back(tx, touch, one.answer.seconds)
            continue
        done.append(touch.request_id)
        if events := _move_on(tx, touch, one.answer, now):
            tell(tx, TABLES, GROUP, touch.request_id, events, now)
    drop_requests(tx, done)


def _move_on(tx: sa.Connection, touch: Row, answer: Answer | Late, now: datetime) -> list[Event]:
    match answer:
        case Accepted(provider_id=provider_id):
            return accept(tx, touch, provider_id, now)
        case Unknown():
            return give_up(tx, touch, now)
        case Refused(code=code):
            return _refuse(tx, touch, Refusal.PROVIDER_REFUSED, now, code)
        case Late() | NotMade():
            return _refuse(tx, touch, Refusal.LATE, now)


def accept(tx: sa.Connection, touch: Row, provider_id: str, now: datetime) -> list[Event]:
    """The provider has it, though this may be known only now. Nothing to say when it was known."""
    if touch.state not in (State.RESERVED, State.UNKNOWN):
        return []
    _move(tx, touch, State.ACCEPTED, now, provider_id)
    if touch.state == State.UNKNOWN:
        return saying.healed(touch, provider_id)
    return saying.settled(touch, Result.ACCEPTED, now, provider_id=provider_id)


def give_up(tx: sa.Connection, touch: Row, now: datetime) -> list[Event]:
    """Nobody knows whether it was accepted: it counts as sent, and is never sent again."""
    if touch.state != State.RESERVED:
        return []
    _move(tx, touch, State.UNKNOWN, now)
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


def _refuse(
    tx: sa.Connection, touch: Row, refusal: Refusal, now: datetime, code: str = ""
) -> list[Event]:
    if touch.state not in (State.RESERVED, State.UNKNOWN):
        return []
    _move(tx, touch, State.REFUSED, now)
    return saying.settled(touch, Result.REFUSED, now, refusal=refusal, code=code)


def _take_back(tx: sa.Connection, touch: Row, seconds: float) -> None:
    """As if it had not been reserved. Each time the pause doubles; it is the wall's."""
    tx.execute(sa.delete(TOUCH).where(TOUCH.c.id == touch.id))
    its = REQUEST.c.id == touch.request_id
    attempts = tx.scalar(sa.select(REQUEST.c.attempts).where(its)) or 0
    doubled = min(REPEAT_SECONDS_MAX, REPEAT_SECONDS * 2 ** min(attempts, DOUBLINGS_MAX))
    pause = max(seconds, doubled)
    look_at = utc_now() + timedelta(seconds=pause)
    tx.execute(sa.update(REQUEST).where(its).values(look_at=look_at, attempts=attempts + 1))


def _move(
    tx: sa.Connection, touch: Row, state: State, now: datetime, provider_id: str = ""
) -> None:
    new = {"state": state, "settled_at": now, "provider_id": provider_id}
    tx.execute(sa.update(TOUCH).where(TOUCH.c.id == touch.id).values(new))
