"""Outcomes on their way back to the CRM: which one of a contact stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.events import Event, OutcomeRecorded, OutcomeWritten, Output
from shared.outcomes import Outcome

TARGET = "outcomes.csv"


@dataclass(frozen=True, slots=True)
class Standing:
    """The outcome of one contact, as it stands."""

    workspace_id: UUID
    revision: int
    code: Outcome
    reason: str
    ended_at: datetime


def none_yet(_event: Event) -> None:
    """A contact without an outcome."""


def on_outcome(
    standing: Standing | None, event: OutcomeRecorded, _now: datetime
) -> tuple[Standing | None, Sequence[Output]]:
    """A higher revision replaces a lower one; whatever else arrives changes nothing."""
    if standing is not None and event.revision <= standing.revision:
        return standing, []
    newest = Standing(event.workspace_id, event.revision, event.code, event.reason, event.ended_at)
    receipt = OutcomeWritten(
        subject=event.subject,
        workspace_id=event.workspace_id,
        campaign_id=event.campaign_id,
        revision=event.revision,
        target=TARGET,
    )
    return newest, [receipt]
