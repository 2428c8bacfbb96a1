"""One contact, one sequence, one touch open: the orchestrator's core, pure and total.

Facts arrive, `decide` answers with effects, and `evolve` folds both into the next state. Nothing
here does I/O, reads a clock or draws a number, so that the same facts at the same recorded moments
always lead to the same decisions, and folding a journal can never send anything.

`plan` is the whole story of concurrency. Each intention (a request, a wait, a booking) takes the
next number; a reply at once starts a wait for its reading. So late timers and late refusals of
older intentions are stale by arithmetic. A timer of plan 0 means "look again" and is never stale.

What holds, whatever comes in whatever order:
* An open sequence waits for something that has a timer, unless its campaign is paused. A pause
  lets timers pass without acting; resuming looks again at each contact.
* At most one request is open: the next one comes when the last was refused, was answered, or when
  its patience is over.
* A request leaves on a channel that triage left open and that works, when the contact rules permit
  it, at or after the promised moment.
* What comes too late, after an outage say, asks for no message: that waits for a person, who
  lets it go on by resuming the campaign. A pause is never overdue.
* A reply ends all plans. What is read is acted on when nothing newer is unread; only the wish to be
  left alone does not wait. A reply by a machine lets the former wait go on.
* After an outcome only service lines leave. An outcome gives way only to one of higher rank; the
  one exception is a cancelled call, which is no outcome any more and goes to a person.
* `plans_max` bounds the messages that may have left. Waits and passing refusals use up numbers but
  no messages; refusals in a row have a limit of their own.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from services.orchestrator.calls import settled
from services.orchestrator.conversation import choose_day, offer, respond, say_again
from services.orchestrator.endings import barred, end, hand_over
from services.orchestrator.journal import entry, told
from services.orchestrator.ladder import go_on
from services.orchestrator.memory import evolve, named, note
from services.orchestrator.overdue import hold, released
from services.orchestrator.sending import delivered, sent, suppressed
from services.orchestrator.state import (
    NOT_READ,
    Decision,
    Fact,
    Join,
    Message,
    Sequence,
    Then,
    Wait,
    Waiting,
    World,
)
from shared.events import (
    BookingSettled,
    ContactSuppressed,
    ContactTriaged,
    MessageDelivered,
    MessageSent,
    Output,
    ReplyReceived,
    ReplyUnderstood,
    Woke,
)


def step(
    state: Sequence, fact: Fact, now: datetime, world: World | None
) -> tuple[Sequence, list[Output]]:
    """Fold the fact, decide, fold what is done, and tell. Outside of a pool nothing is decided.

    A fact that comes too late makes no plans: those wait for a person. One that changes something
    is named by the decision that follows, be it at once or later, so that the journal says all that
    a sequence heard, in its order.
    """
    before, state = state, evolve(state, fact)
    decision = decide(state, fact, now, world) if world else None
    if world is None or decision is None:
        return (state if state is before else note(state, fact)), []
    if now - fact.time > world.campaign.overdue:
        decision = hold(decision, now)
    outputs: list[Output] = []
    for effect in decision.effects:
        state = evolve(state, effect)
        outputs += told(state, effect, fact, now, world)
    return named(state), [*outputs, entry(state, decision, fact, now, world)]


def decide(  # noqa: C901  a case per kind of fact
    state: Sequence, fact: Fact, now: datetime, world: World
) -> Decision | None:
    """What to do, given a state that contains the fact; None when nothing is in question."""
    match fact:
        case Woke():
            return _woke(state, fact, now, world)
        case _ if not state.joined:
            return None
        case ReplyUnderstood():
            heeded = respond(state, state.reading, now, world) if state.reading else None
            return heeded or _listen(state, now, world)
        case BookingSettled():
            return settled(state, fact, now, world)
        case _ if ended := _end_of_all(state, world):
            return ended
        case ReplyReceived():
            return _listen(state, now, world)
        case MessageSent():
            return sent(state, fact, now, world.campaign)
        case MessageDelivered():
            return delivered(state, fact, now, world.campaign)
        case ContactSuppressed():
            return suppressed(state, now, world.campaign)
        case ContactTriaged():
            return None
        case _:
            assert_never(fact)


def _end_of_all(state: Sequence, world: World) -> Decision | None:
    """The outcome that triage, the suppression list or the campaign's end ask for, if it is new."""
    bar = barred(state, world.campaign)
    effects = end(state, *bar) if bar else ()
    return Decision(effects, bar[1]) if bar and effects else None


def _listen(state: Sequence, now: datetime, world: World) -> Decision | None:
    """The contact wrote: say nothing before it is read, and ask a person if nobody reads it."""
    if not state.open or state.waiting:
        return None
    until = now + world.campaign.our_patience
    return Decision((Wait(Waiting(until, Then.HAND_OVER, NOT_READ)),), "the_contact_wrote")


def _woke(state: Sequence, fact: Woke, now: datetime, world: World) -> Decision | None:
    """The timer of the newest plan acts, and plan 0 looks again; the first one of all joins."""
    if fact.plan not in (0, state.plan):
        return None
    if state.joined:
        return _look(state, fact, now, world)
    joins = Join(world.campaign.id)
    first = _look(evolve(state, joins), fact, now, world)
    return replace(first, effects=(joins, *first.effects)) if first else None


def _look(state: Sequence, fact: Woke, now: datetime, world: World) -> Decision | None:
    """What is due now, if anything is."""
    waiting = state.waiting
    if ended := _end_of_all(state, world):
        return ended
    if not state.open and waiting is None:
        return None
    if world.campaign.paused:
        return Decision((), "paused")
    if fact.plan == 0 and waiting and waiting.held:  # a person has resumed the campaign
        return released(waiting.held, now) or _due(state, waiting.held, now, world)
    if fact.plan == 0 and waiting and now < waiting.until:
        return None
    return _due(state, waiting, now, world)


def _due(state: Sequence, waiting: Waiting | None, now: datetime, world: World) -> Decision:
    match waiting:
        case None | Waiting(then=Then.GO_ON):
            return go_on(state, now, world.campaign)
        case Waiting(then=Then.SAY, message=Message() as message):
            return say_again(state, message, now, world)
        case Waiting(then=Then.OFFER):
            return offer(state, now, world, others=True)
        case Waiting(then=Then.CHOOSE_DAY):
            return choose_day(state, now, world.campaign)
        case Waiting(why=why):
            return hand_over(state, why)
