"""A verdict in the words of the bus: what is said of the contact, and the journal's entry. Pure."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from uuid import UUID

from services.triage.judging import Judgement, Suppressed
from services.triage.standings import Standing
from shared.events import Candidate, ContactImported, ContactTriaged, DecisionMade
from shared.rules.knowing import as_given
from shared.rules.loading import rules_in_force
from shared.words import Channel, Openness

BY = "triage"
ENGINE = "triage 3"
RULES = rules_in_force().version.isoformat()


def judged_by(set_up: Iterable[str]) -> str:
    """By what a verdict came; whoever was judged by something else is judged again."""
    return f"{ENGINE}, {RULES}, {' '.join(set_up)}"


def triaged(record: ContactImported, revision: int, judgement: Judgement) -> ContactTriaged:
    """The verdict, with the record's facts and its sealed parts as they came."""
    return ContactTriaged(
        subject=record.subject,
        workspace_id=record.workspace_id,
        revision=revision,
        import_id=record.import_id,
        row=record.row,
        verdict=judgement.verdict,
        reasons=judgement.reasons,
        duplicate_of=judgement.duplicate_of,
        agreeing=judgement.agreeing,
        channels=judgement.channels,
        segment=judgement.segment,
        segments=judgement.segments,
        goal=judgement.goal,
        act_by=judgement.act_by,
        country=record.facts.country,
        language=record.facts.language,
        zones=record.facts.zones,
        account=record.facts.account,
        facts=as_given(judgement.facts),
        person=record.person,
        phone=record.phone,
        mailbox=record.mailbox,
    )


def inputs_of(
    record: ContactImported, standing: Standing, on_list: Suppressed, campaigns: Iterable[UUID]
) -> tuple[UUID, ...]:
    """The record first, then others' records, entries of the list, and campaigns."""
    heard = (record.id, *standing.because, *on_list.heard, *campaigns)
    return tuple(dict.fromkeys(heard))


def decision(
    record: ContactImported,
    judgement: Judgement,
    inputs: tuple[UUID, ...],
    set_up: tuple[str, ...],
    now: datetime,
) -> DecisionMade:
    """The journal's entry: the channels are what could have been said yes to."""
    return DecisionMade(
        subject=record.subject,
        workspace_id=record.workspace_id,
        by=BY,
        decided_at=now,
        inputs=inputs,
        engine=ENGINE,
        rules=RULES,
        set_up=set_up,
        candidates=tuple(
            candidate(channel, its.openness, its.code)
            for channel, its in judgement.channels.items()
        ),
        verdict=judgement.verdict,
        why=" ".join(judgement.reasons),
    )


@cache
def candidate(channel: Channel, openness: Openness, code: str) -> Candidate:
    """There are few, and every contact has four of them."""
    return Candidate(channel=channel, verdict=openness, why=code)
