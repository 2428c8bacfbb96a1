"""The sequences, told again: the orchestrator's core over what its decisions say it heard. Pure.

A decision names all that its sequence heard since the one before, the cause last. A cause that is
on no topic is a timer; its id says what set it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from uuid import UUID

from rekindle.case import Case, Finding
from rekindle.recorded import Recorded
from rekindle.replaying.comparing import (
    Derived,
    Engine,
    UnderivableError,
    derived_from,
    differences,
)
from services.orchestrator import journal, state
from services.orchestrator.policy import Campaign, campaign_of
from services.orchestrator.sequence import step
from services.orchestrator.state import Fact, World
from shared.events import (
    BookingRequested,
    CalendarOffered,
    CampaignChanged,
    DecisionMade,
    MessageRequested,
    OutcomeRecorded,
    WakeAt,
    Woke,
)
from shared.ids import timer_id
from shared.words import CampaignState

SEQUENCES = Engine(journal.BY, journal.ENGINE, journal.RULES)
SAID = (MessageRequested, BookingRequested, OutcomeRecorded)  # beside its decisions
LOOK_AGAIN = 0  # the plan of the timers that a campaign sets


def sequences_come_out_the_same(case: Case) -> Iterator[Finding]:
    """Those that are all of this engine and these rules; of each the first difference."""
    stage = Stage(case.recorded)
    for its in SEQUENCES.stories(case.recorded, SAID):
        retelling = Retelling(stage, its[0].subject, its[0].workspace_id)
        yield from islice(differences(case, its, retelling.again), 1)


@dataclass(frozen=True)
class Stage:
    """What is every sequence's: the events by their ids, the campaigns by their versions."""

    recorded: Recorded

    @cached_property
    def campaigns(self) -> dict[tuple[UUID | None, int], Campaign]:
        """Of two changes with one version the first counts."""
        changes = reversed(self.recorded.of(CampaignChanged))
        return {(its.subject, its.version_number): campaign_of(its) for its in changes}

    @cached_property
    def looks(self) -> dict[UUID, datetime]:
        """When the timers are due that each change of a campaign sets: a pool's at its start."""
        looks: dict[UUID, datetime] = {}
        frozen: set[UUID] = set()
        for its in self.recorded.of(CampaignChanged):
            freezes = its.state is CampaignState.LIVE and its.subject not in frozen
            looks[its.id] = max(its.time, its.starts_at) if freezes else its.time
            frozen |= {its.subject} if freezes else set()
        return looks


class Retelling:
    """One contact's sequence, as far as it was told again."""

    def __init__(self, stage: Stage, contact: UUID, workspace: UUID) -> None:
        self._stage = stage
        self._state = state.Sequence(contact_id=contact, workspace_id=workspace)
        self._set: tuple[UUID, WakeAt] | None = None  # the newest timer, and its cause

    def again(self, made: DecisionMade) -> list[Derived]:
        """What was said when this was decided. Raises UnderivableError."""
        facts, calendar = self._inputs(made)
        campaign = self._stage.campaigns.get((made.campaign_id, made.campaign_version))
        if campaign is None:
            raise UnderivableError("is of a version of its campaign that nobody said")
        if not facts:
            raise UnderivableError("names no cause")
        *heard, cause = facts
        for fact in heard:  # without a world nothing is decided
            self._state, _ = step(self._state, fact, made.decided_at, None)
        world = World(campaign, calendar)
        self._state, outputs = step(self._state, cause, made.decided_at, world)
        for output in outputs:
            if isinstance(output, WakeAt):
                self._set = cause.id, output
        return derived_from(cause.id, SEQUENCES.by, outputs)

    def _inputs(self, made: DecisionMade) -> tuple[list[Fact], tuple[CalendarOffered, ...]]:
        """The facts in their order, and the free slots that counted."""
        facts: list[Fact] = []
        calendar: list[CalendarOffered] = []
        for id_ in made.inputs:
            event = self._stage.recorded.by_id.get(id_) or self._woke(id_, made)
            if isinstance(event, CalendarOffered):
                calendar.append(event)
            elif isinstance(event, Fact) and event.subject == made.subject:
                facts.append(event)
            else:
                sentence = f"names {id_}, which is nothing that this contact's sequence hears"
                raise UnderivableError(sentence)
        return facts, tuple(calendar)

    def _woke(self, id_: UUID, made: DecisionMade) -> Woke | None:
        """The timer of this id: the newest one, or one by which a campaign looks again."""
        whose = {"subject": made.subject, "workspace_id": made.workspace_id}
        if self._set and timer_id(self._set[0], made.subject, self._set[1].plan) == id_:
            return Woke(**whose, id=id_, time=self._set[1].at, plan=self._set[1].plan)
        for change, due in self._stage.looks.items():
            if timer_id(change, made.subject, LOOK_AGAIN) == id_:
                return Woke(**whose, id=id_, time=due, plan=LOOK_AGAIN)
        return None
