"""What must have held in a world that has come to its end.

The product's own audit hears everything that was said, beside the providers' ledger. What an audit
cannot see from topics is held against the ledger and against what the services keep.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from rekindle.auditing import audit
from rekindle.recorded import Recorded, grouped, left_at, record_of
from services.channels.reserving import VIEW_SECONDS_MAX
from services.channels.sender import LATE_SECONDS
from shared.events import (
    CampaignChanged,
    MessageDelivered,
    MessageSent,
    OutcomeRecorded,
    ReplyReceived,
    ReplyUnderstood,
)
from shared.words import CampaignState, Delivery, Purpose, Result, Suppression
from tests.simulation.provider import Call, Said
from tests.simulation.simulation import Simulation

STALE = timedelta(seconds=VIEW_SECONDS_MAX)
LATE = timedelta(seconds=LATE_SECONDS)
# Triage is told here, not run: nothing is to be found behind its verdicts.
OF_TRIAGE = ("every_verdict_names_its_rules", "verdicts_come_out_the_same")
RANKS = {
    Delivery.SENT: 1,
    Delivery.FAILED: 2,
    Delivery.BOUNCED: 2,
    Delivery.DELIVERED: 3,
    Delivery.READ: 4,
}


def faults_of(seed: int) -> list[str]:
    """Play the world of this seed; what was broken in it. A world that breaks down is broken."""
    simulation = Simulation(seed)
    try:
        simulation.play()
        return judged(simulation)
    except Exception as error:  # noqa: BLE001  whatever a service raises would park its contact
        return [f"broke down: {type(error).__name__}: {error}"]


def judged(simulation: Simulation) -> list[str]:
    """Everything that was broken, in sentences; each begins with the name of its rule."""
    recorded = record_of(simulation.said)
    found = [f"{rule.__name__}: {its}" for rule in RULES for its in rule(simulation, recorded)]
    audited = audit(recorded, at=simulation.world.now, ledger=ledger_of(simulation))
    broken = [its for its in audited.broken if its.invariant not in OF_TRIAGE]
    return [*found, *(f"{its.invariant}: {its.sentence}" for its in broken)]


def ledger_of(simulation: Simulation) -> list[dict[str, str]]:
    """The providers' ledger as an audit reads it."""
    entries = []
    for its in simulation.provider.ledger:
        match its:
            case Call(message=message, provider_id=provider_id):
                entry = (
                    "accepted",
                    message.channel,
                    message.to,
                    provider_id,
                    str(message.touch_id),
                )
                entries.append((*entry, ""))
            case Said():
                truth = "opt_out" if its.opts_out else ""
                entries.append(("said", its.channel, its.address, its.id, "", truth))
    names = ("kind", "channel", "address", "id", "touch", "truth")
    return [dict(zip(names, entry, strict=True)) for entry in entries]


# -- rules


def work_comes_to_an_end(simulation: Simulation, _: Recorded) -> Iterator[str]:
    yield from simulation.busy()


def nothing_is_said_twice(simulation: Simulation, _: Recorded) -> Iterator[str]:
    seen: set[UUID] = set()
    for event in simulation.said:
        if event.id in seen:
            yield f"{event.topic} of {event.subject}"
        seen.add(event.id)


def what_is_committed_is_published_in_order(simulation: Simulation, _: Recorded) -> Iterator[str]:
    """Of one subject and topic; whatever else may come in between, or again."""
    published: dict[tuple[str, UUID], list[UUID]] = defaultdict(list)
    for log in simulation.bus.logs.values():
        for topic, subject, id_ in dict.fromkeys((one.topic, one.subject, one.id) for one in log):
            published[topic, subject].append(id_)
    for database in simulation.databases:
        said: dict[tuple[str, UUID], list[UUID]] = defaultdict(list)
        for event in database.said:
            said[event.topic, event.subject].append(event.id)
        for place, ids in said.items():
            if ids != [one for one in published[place] if one in set(ids)]:
                yield f"{place} of {database.name} was not published as it was said"


def a_plan_is_called_once(simulation: Simulation, recorded: Recorded) -> Iterator[str]:
    plans = {touch.touch_id: (touch.subject, touch.plan) for touch in recorded.touches}
    called: set[tuple[UUID, int] | UUID] = set()
    for call in _calls(simulation):
        plan = plans.get(call.message.touch_id, call.message.touch_id)
        if plan in called:
            yield f"{plan} was accepted twice"
        called.add(plan)


def a_call_follows_its_reservation_at_once(
    simulation: Simulation, recorded: Recorded
) -> Iterator[str]:
    reserved = {touch.touch_id: left_at(touch) for touch in recorded.touches}
    for call in _calls(simulation):
        if call.at - reserved.get(call.message.touch_id, call.at) > LATE:
            yield f"touch {call.message.touch_id} was called {call.at:%d. %H:%M:%S}"


def knowledge_on_the_bus_binds_within_the_age_of_a_view(
    simulation: Simulation, recorded: Recorded
) -> Iterator[str]:
    """A pause, an understood wish and a doubt: whoever may not have heard of it does not send."""
    for touch in recorded.sent:
        for since, until, why in _bounds(simulation, recorded, touch):
            if since + STALE < left_at(touch) < until:
                yield f"plan {touch.plan} of {touch.subject} left in spite of {why} at {since}"


def _bounds(
    simulation: Simulation, recorded: Recorded, touch: MessageSent
) -> Iterator[tuple[datetime, datetime, str]]:
    """From when until when the touch must not have been reserved, and why."""
    appended, end = simulation.bus.appended, simulation.world.now
    versions = recorded.of(CampaignChanged)
    for version, following in pairwise([*versions, None]):
        if version and version.state is CampaignState.PAUSED:
            yield appended[version.id], following.time if following else end, "a pause"
    if touch.purpose is Purpose.CONFIRM_OPT_OUT:
        return
    written_from = {reply.id: reply.address_hash for reply in recorded.of(ReplyReceived)}
    for reading in recorded.of(ReplyUnderstood):
        its = reading.subject == touch.subject
        shared = written_from[reading.reply_id] == touch.address_hash
        if reading.suppression is Suppression.SUPPRESS and (its or shared):
            yield appended[reading.id], end, "an understood opt-out"
        if reading.suppression is Suppression.HOLD and its:
            yield appended[reading.id], end, "a doubt"


def nobody_is_written_to_where_something_is_unread(
    _: Simulation, recorded: Recorded
) -> Iterator[str]:
    """Whoever shares an address may have asked for silence there."""
    read_at = {reading.reply_id: reading.time for reading in recorded.of(ReplyUnderstood)}
    written = grouped(recorded.of(ReplyReceived), lambda its: its.address_hash)
    for touch in recorded.sent:
        for reply in written.get(touch.address_hash, ()):
            until = read_at.get(reply.id, left_at(touch))
            if reply.subject != touch.subject and reply.time < left_at(touch) < until:
                yield f"plan {touch.plan} of {touch.subject} left while {reply.id} was unread"


def every_word_is_taken_in(simulation: Simulation, recorded: Recorded) -> Iterator[str]:
    """A provider brings what a customer wrote until it is told that we have it."""
    heard = " ".join(reply.provider_id for reply in recorded.of(ReplyReceived))
    for said in simulation.provider.ledger:
        if isinstance(said, Said) and said.id not in heard and not said.clicked:
            yield f"what was written at {said.at} was never received"


def replies_are_numbered_and_understood_in_order(
    _: Simulation, recorded: Recorded
) -> Iterator[str]:
    for kind in (ReplyReceived, ReplyUnderstood):
        numbers: dict[UUID, list[int]] = defaultdict(list)
        for event in recorded.of(kind):
            numbers[event.subject].append(event.number)
        for contact, its in numbers.items():
            wanted = list(range(1, len(recorded.replies.get(contact, ())) + 1))
            if its != wanted:
                yield f"{kind.topic} of {contact} came as {its} instead of {wanted}"


def a_reply_is_read_after_the_touch_that_it_answers(
    simulation: Simulation, recorded: Recorded
) -> Iterator[str]:
    touch_of = {reply.id: reply.touch_id for reply in recorded.of(ReplyReceived)}
    known: set[UUID | None] = {None}
    for _, what, (who, *its) in simulation.world.diary:
        match what, its:
            case "hears", [MessageSent(touch_id=touch_id)] if who == "agent":
                known.add(touch_id)
            case "says", [ReplyUnderstood(reply_id=reply_id)] if touch_of[reply_id] not in known:
                yield f"reply {reply_id} was read before its touch was known"


def what_a_provider_tells_only_rises(_: Simulation, recorded: Recorded) -> Iterator[str]:
    ranks: dict[UUID, int] = defaultdict(int)
    for told in recorded.of(MessageDelivered):
        if RANKS[told.delivery] <= ranks[told.touch_id]:
            yield f"touch {told.touch_id} was told to be {told.delivery} after a later status"
        ranks[told.touch_id] = RANKS[told.delivery]


def outcomes_are_numbered(_: Simulation, recorded: Recorded) -> Iterator[str]:
    revisions: dict[UUID, int] = defaultdict(int)
    for outcome in recorded.of(OutcomeRecorded):
        if outcome.revision != revisions[outcome.subject] + 1:
            yield f"{outcome.subject} has outcome {outcome.revision} out of turn"
        revisions[outcome.subject] = outcome.revision


def everybody_is_awaited(simulation: Simulation, _: Recorded) -> Iterator[str]:
    """By a timer of the newest plan, unless the contact has an outcome or the campaign pauses."""
    tx = simulation.sequences
    for contact, campaign_id in tx.pools.items():
        sequence, campaign = tx.sequences[contact], tx.campaigns[campaign_id]
        timer = tx.group.timers.get((contact, sequence.plan))
        awaited = timer is not None and timer.due_at > simulation.world.now
        if sequence.outcome is None and not campaign.paused and not awaited:
            yield f"{contact} waits for nothing"


def what_was_accepted_stays_so(_: Simulation, recorded: Recorded) -> Iterator[str]:
    accepted: set[UUID] = set()
    for told in recorded.of(MessageSent):
        if told.result is Result.ACCEPTED:
            accepted.add(told.touch_id)
        elif told.touch_id in accepted:
            yield f"touch {told.touch_id} was accepted and is told to be {told.result}"


def a_touch_is_settled(simulation: Simulation, recorded: Recorded) -> Iterator[str]:
    told = {touch.touch_id for touch in recorded.touches}
    for touch in simulation.gateways.touches.values():
        if touch.id not in told:
            yield f"nobody was told what became of touch {touch.id}"
    accepted = {call.message.touch_id for call in _calls(simulation)}
    for touch in recorded.touches:
        if touch.result is Result.ACCEPTED and touch.touch_id not in accepted:
            yield f"touch {touch.touch_id} is told to be accepted, and no provider has it"


def _calls(simulation: Simulation) -> list[Call]:
    return [its for its in simulation.provider.ledger if isinstance(its, Call)]


RULES: tuple[Callable[[Simulation, Recorded], Iterator[str]], ...] = (
    work_comes_to_an_end,
    nothing_is_said_twice,
    what_is_committed_is_published_in_order,
    a_plan_is_called_once,
    a_call_follows_its_reservation_at_once,
    knowledge_on_the_bus_binds_within_the_age_of_a_view,
    nobody_is_written_to_where_something_is_unread,
    every_word_is_taken_in,
    replies_are_numbered_and_understood_in_order,
    a_reply_is_read_after_the_touch_that_it_answers,
    what_a_provider_tells_only_rises,
    outcomes_are_numbered,
    everybody_is_awaited,
    what_was_accepted_stays_so,
    a_touch_is_settled,
)
