"""A referee beside every contact's sequence, who hears what it hears and judges what it says."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.orchestrator.handlers import HANDLERS, on_fact
from services.orchestrator.policy import Campaign
from services.orchestrator.state import Fact
from services.orchestrator.store import Case
from shared.bus.steps import Handlers
from shared.events import Output
from tests.property.referee import Referee


class Watch:
    """One referee for each contact."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._referees: dict[UUID, Referee] = {}

    @property
    def handlers(self) -> Handlers[Case]:
        """The orchestrator's own, watched."""
        return dict.fromkeys(HANDLERS, self.on_fact)

    def on_fact(self, case: Case, fact: Fact, now: datetime) -> tuple[Case, Sequence[Output]]:
        referee = self._referees.setdefault(fact.subject, Referee(self._campaign))
        referee.hear(fact, now)
        after, said = on_fact(case, fact, now)
        referee.judge(said, paused=case.world is not None and case.world.campaign.paused)
        referee.judge_bounds()
        return after, said
