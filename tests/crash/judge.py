"""What the promises came to, judged from outside. Pure.

The judge knows the product by its contract alone: what the sandbox's providers wrote down, the
records on the bus, and a few questions to the database. It shares no code with what it judges, so
that no mistake of the one is a mistake of the other, too.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from tests.crash.evidence import Evidence, Record, Touch

NEEDS_PERSON = "needs_person"
OPENER, CONFIRM_OPT_OUT = "opener", "confirm_opt_out"
# What may leave after a decline: it serves the contact and sells nothing.
SERVICE = frozenset({CONFIRM_OPT_OUT, "confirm_booking", "confirm_cancelled"})
LISTED = frozenset({"sms", "whatsapp"})  # channels whose provider lists what it took
LOST = frozenset({"failed", "bounced"})
# How much has to have happened in so many seconds of killing, for a run to count.
FULL_SECONDS, KILLS_MIN, TOUCHES_MIN = 90, 40, 500


@dataclass(frozen=True, slots=True)
class Chaos:
    """What was done to the processes, and for how long."""

    seconds: int
    kills: int = 0
    kills_reserve_to_settle: int = 0
    stops: int = 0
    broker_kills: int = 0
    database_restarts: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """The last line of a run."""

    kills: int
    kills_reserve_to_settle: int
    stops: int
    broker_kills: int
    database_restarts: int
    contacts: int
    touches: int
    doubled: int
    after_suppression: int
    overlapping: int
    forgotten: int
    unknown_open: int
    parked: int
    outbox: int
    duplicates_dropped: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures, and a sentence for everything that speaks against the run."""

    figures: Figures
    faults: Sequence[str]


def judge(evidence: Evidence, chaos: Chaos) -> Verdict:
    """A run without faults held every promise, and was hard enough to count."""
    found = {name: list(look(evidence)) for name, look in BREACHES.items()}
    figures = Figures(
        **asdict(chaos),
        **{name: len(its) for name, its in found.items()},
        contacts=len(evidence.members),
        touches=len(evidence.calls),
        unknown_open=len(evidence.unknown),
        parked=evidence.parked,
        outbox=evidence.outbox,
        duplicates_dropped=len(evidence.records) - len(evidence.events),
    )
    breaches = [f"{name}: {sentence}" for name, its in found.items() for sentence in its]
    more = [*too_little(figures), *left_over(figures), *unhealed(evidence)]
    return Verdict(figures, [*more, *breaches])


def kills_needed(seconds: int) -> int:
    """Of a run of so many seconds: a shorter one needs fewer."""
    return int(KILLS_MIN * min(1.0, seconds / FULL_SECONDS))


def too_little(figures: Figures) -> Iterator[str]:
    """Why a run does not count: something of everything has to have happened."""
    least = {
        "kills": kills_needed(figures.seconds),
        "kills_reserve_to_settle": 1,
        "stops": 2,
        "broker_kills": 2,
        "database_restarts": 2,
        "touches": TOUCHES_MIN,
    }
    for name, count in least.items():
        if getattr(figures, name) < count:
            yield f"the run does not count: {name} is {getattr(figures, name)}, less than {count}"


def left_over(figures: Figures) -> Iterator[str]:
    for name in ("parked", "outbox"):
        if count := getattr(figures, name):
            yield f"{name}: {count} rows are left"


def unhealed(evidence: Evidence) -> Iterator[str]:
    """Unknown touches that a provider took which would have said so.

    All others may be unknown for ever: nobody knows whether a mail that was not acknowledged was
    taken, nor whether a call that no list shows was made.
    """
    taken = {touch.id for _, touch in evidence.calls if touch}
    for touch in evidence.unknown:
        if touch.channel in LISTED and touch.id in taken:
            yield f"unknown: contact {touch.contact}, plan {touch.plan} was taken ({touch.channel})"


def doubled(evidence: Evidence) -> Iterator[str]:
    """Calls beyond the one of each plan that tells of one; first words beyond one on a channel."""
    told: set[tuple[Any, ...]] = set()
    for call, touch in evidence.calls:
        if touch is None or touch.result == "refused":
            what = "says that it was refused" if touch else "is nowhere"
            yield f"a provider accepted {call['id']} ({call['channel']}); its touch {what}"
            continue
        kinds = {(touch.contact, touch.plan)}
        if touch.purpose == OPENER:
            kinds.add((touch.contact, touch.channel, OPENER))
        if told & kinds:
            yield f"contact {touch.contact}, plan {touch.plan}: sent twice ({touch.channel})"
        told |= kinds


def after_suppression(evidence: Evidence) -> Iterator[str]:
    """Calls reserved after their contact or address was on the list, but for one confirmation."""
    listed: dict[str, list[Record]] = defaultdict(list)
    for one in evidence.on("contact.suppressed"):
        for name in {one.subject, *one.body["address_hashes"]}:
            listed[name].append(one)
    confirmed: set[str] = set()
    for call, touch in evidence.calls:
        names = {touch.contact, touch.address} if touch else set()
        if touch is None or not any(_binds(one, touch) for name in names for one in listed[name]):
            continue
        if touch.purpose == CONFIRM_OPT_OUT and not confirmed & names:
            confirmed |= names
            continue
        yield f"contact {touch.contact}: {touch.purpose} left ({call['channel']}) after it"


def overlapping(evidence: Evidence) -> Iterator[str]:
    """Touches that began while another of the same contact, or to the same address, was open."""
    ends: dict[str, list[datetime]] = defaultdict(list)
    for one in evidence.on("reply.received"):
        if not one.body.get("automatic"):
            ends[one.subject].append(one.time)
    for one in evidence.on("message.delivered"):
        if one.body["delivery"] in LOST:
            ends[one.body["touch_id"]].append(one.time)
    open_until: dict[str, datetime] = {}
    for touch in evidence.sent:
        names = (touch.contact, touch.address)
        if any(name in open_until and touch.reserved_at < open_until[name] for name in names):
            yield f"contact {touch.contact}, plan {touch.plan}: another touch was open"
        closed = (at for at in ends[touch.contact] + ends[touch.id] if at > touch.reserved_at)
        until = min([touch.answer_until, *closed])
        for name in names:
            open_until[name] = max(until, open_until.get(name, until))


def forgotten(evidence: Evidence) -> Iterator[str]:
    """Whoever has no outcome and nothing to come; requests, replies and words that got lost."""
    yield from _contacts_without_a_future(evidence)
    yield from _requests_without_an_answer(evidence)
    yield from _words_that_nobody_read(evidence)


def _contacts_without_a_future(evidence: Evidence) -> Iterator[str]:
    """Both the journal and the timers must know of it."""
    wakes = {
        one.subject: one.body["wake_at"]
        for one in evidence.on("decision.made")
        if one.body["by"] == "orchestrator"
    }
    for contact in sorted(evidence.members - evidence.outcomes.keys()):
        wake_at, timer = wakes.get(contact), evidence.timers.get(contact)
        if not wake_at or datetime.fromisoformat(wake_at) < evidence.at:
            yield f"contact {contact} has no outcome; its last wake_at is {wake_at}"
        elif not timer or timer < evidence.at:
            yield f"contact {contact} has no outcome; its last timer is {timer}"


def _requests_without_an_answer(evidence: Evidence) -> Iterator[str]:
    answered = {(one.subject, one.body["plan"]) for one in evidence.on("message.sent")}
    for one in evidence.events:
        plan = one.body.get("plan")
        if one.topic.startswith("message.requested.") and (one.subject, plan) not in answered:
            yield f"contact {one.subject}: no gateway answered the request of plan {plan}"


def _words_that_nobody_read(evidence: Evidence) -> Iterator[str]:
    received = evidence.on("reply.received")
    understood = {one.body["reply_id"] for one in evidence.on("reply.understood")}
    for one in received:
        if one.id not in understood and evidence.outcomes.get(one.subject) != NEEDS_PERSON:
            yield f"contact {one.subject}: reply {one.body['number']} was never understood"
    known = " ".join(one.body["provider_id"] for one in received)
    for entry in evidence.ledger:
        if entry["kind"] == "said" and entry["id"] not in known:
            yield f"what a customer said on {entry['channel']} ({entry['id']}) never came in"


BREACHES: Mapping[str, Callable[[Evidence], Iterable[str]]] = {
    its.__name__: its for its in (doubled, after_suppression, overlapping, forgotten)
}


def _binds(listed: Record, touch: Touch) -> bool:
    """Whether the touch should have known better; a decline ends only what sells."""
    if touch.reserved_at <= listed.time:
        return False
    closed = touch.channel in listed.body["channels"]
    return listed.body["everything"] or (closed and touch.purpose not in SERVICE)
