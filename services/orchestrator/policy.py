"""A campaign as its sequences see it: how patiently a contact is worked, and with which lines.

The words of the lines are the gateways' business; here a line is what it is for.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from shared.events import CampaignChanged, Policy
from shared.events.base import Value
from shared.events.campaign import PATIENCE_HOURS
from shared.signing import is_signed
from shared.words import CampaignState, Channel, Goal, Purpose


class SignedLine(Value):
    """What a signed line is for. `goal` is None when it serves every goal."""

    id: str
    purpose: Purpose
    channel: Channel
    language: str
    goal: Goal | None = None
    topic: str = ""


class Campaign(Value):
    """One version of a campaign: its state, its policy and its signed lines."""

    id: UUID
    version: int
    state: CampaignState
    starts_at: datetime
    policy: Policy = Policy()
    lines: tuple[SignedLine, ...] = ()

    def line(
        self,
        purpose: Purpose,
        channel: Channel,
        language: str,
        *,
        goal: Goal | None = None,
        topic: str = "",
    ) -> str | None:
        """The id of the signed line for this, the goal's own before one for all; None for none."""
        lines = self._lines.get((purpose, channel, language, topic), {})
        return lines.get(goal) or lines.get(None)

    def patience(self, channel: Channel) -> timedelta:
        """How long an answer is waited for."""
        return timedelta(hours=self.policy.patience_hours.get(channel, PATIENCE_HOURS[channel]))

    @property
    def paused(self) -> bool:
        """Whether nothing may be said for now."""
        return self.state is CampaignState.PAUSED

    @property
    def our_patience(self) -> timedelta:
        """How long we wait for another part of ourselves before a person is asked."""
        return timedelta(hours=self.policy.reading_patience_hours)

    @property
    def overdue(self) -> timedelta:
        """How late work may be and still be done without asking a person."""
        return timedelta(hours=self.policy.overdue_hours)

    @cached_property
    def _lines(self) -> dict[tuple[Purpose, Channel, str, str], dict[Goal | None, str]]:
        lines: defaultdict[tuple[Purpose, Channel, str, str], dict[Goal | None, str]]
        lines = defaultdict(dict)
        for line in self.lines:
            topic = line.topic if line.purpose is Purpose.ANSWER else ""
            key = (line.purpose, line.channel, line.language, topic)
            lines[key].setdefault(line.goal, line.id)
        return dict(lines)


def campaign_of(event: CampaignChanged) -> Campaign:
    """What sequences need of a campaign. Lines not signed as they stand are left out."""
    return Campaign(
        id=event.subject,
        version=event.version_number,
        state=event.state,
        starts_at=event.starts_at,
        policy=event.policy,
        lines=tuple(
            SignedLine.model_validate(line, from_attributes=True)
            for line in event.script
            if is_signed(line)
        ),
    )
