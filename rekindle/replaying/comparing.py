"""What comes out again, held against what was said. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from rekindle.accounting import IN_HAND
from rekindle.case import Case, Finding
from rekindle.recorded import Recorded, contact_of, grouped
from shared.events import DecisionMade, Event, Output
from shared.ids import said_id


class UnderivableError(ValueError):
    """A decision does not say what is needed to make it again, or what it names is not there."""


class Derived(NamedTuple):
    """An event as it comes out again, with the id that it has on the bus."""

    id: UUID
    event: Event


class Engine(NamedTuple):
    """Who decides, and by which rules. What another version decided cannot come out again."""

    by: str
    engine: str
    rules: str

    def decisions(self, recorded: Recorded) -> list[DecisionMade]:
        """Those of this very engine."""
        decisions = recorded.of(DecisionMade)
        return [its for its in decisions if (its.by, its.engine, its.rules) == self]

    def stories(self, recorded: Recorded, kinds: tuple[type[Event], ...]) -> Iterator[list[Event]]:
        """What it said of each contact, in these kinds and decisions, if all is its own."""
        decisions = [its for its in recorded.of(DecisionMade) if its.by == self.by]
        foreign = {its.subject for its in decisions if (its.engine, its.rules) != self[1:]}
        said = [
            event
            for event in recorded.of_any(*kinds, DecisionMade)
            if not isinstance(event, DecisionMade) or event.by == self.by
        ]
        for contact, its in grouped(said, contact_of).items():
            if contact not in foreign:
                yield its


Again = Callable[[DecisionMade], Iterable[Derived]]  # raises UnderivableError


def derived_from(cause_id: UUID, source: str, outputs: Iterable[Output]) -> list[Derived]:
    """The events among what a service says because of a cause."""
    ordinals = Counter[str]()
    derived = []
    for output in outputs:
        if isinstance(output, Event):
            topic = output.topic
            id_ = said_id(cause_id, source, topic, ordinals[topic])
            derived.append(Derived(id_, output))
            ordinals[topic] += 1
    return derived


def differences(case: Case, said: Sequence[Event], again: Again) -> Iterator[Finding]:
    """Where what one service said of one contact is not what its decisions come to.

    After the first difference all may differ.
    """
    left = {event.id: event for event in said}
    made = [event for event in said if isinstance(event, DecisionMade)]
    for _, together in groupby(made, key=lambda its: its.cause_id):
        decision = next(together)
        try:
            derived = again(decision)
        except UnderivableError as error:
            sentence = f"The decision of {_moment(decision)} cannot be made again: it {error}."
            yield Finding(decision.subject, (decision.id,), sentence)
            return
        for its in derived:
            if fault := _fault(case, decision, its):
                yield Finding(decision.subject, (decision.id, its.id), fault)
            left.pop(its.id, None)
    for event in left.values():
        yield Finding(event.subject, (event.id,), f"This {event.topic} follows from no decision.")


def _fault(case: Case, made: DecisionMade, derived: Derived) -> str:
    """What is wrong with the event as it was said; empty when it is the same."""
    id_, event = derived
    known = case.recorded.by_id.get(id_)
    if known is None:
        if made.decided_at > case.at - IN_HAND:
            return ""  # it may still be on its way to its topic
        return f"The {event.topic} that was decided at {_moment(made)} is missing."
    mine, its = (
        (one.topic, one.subject, one.workspace_id, one.campaign_id) for one in (event, known)
    )
    if mine == its and event.body() == case.recorded.bodies[id_]:
        return ""
    return f"The {event.topic} that was decided at {_moment(made)} comes out otherwise."


def _moment(made: DecisionMade) -> str:
    return f"{made.decided_at:%Y-%m-%d %H:%M} UTC"
