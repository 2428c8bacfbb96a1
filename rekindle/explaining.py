"""A verdict in words: why a row is not admitted, and all of it as JSON. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from rekindle.offline import OfflineRow
from services.triage.judging import Judgement
from services.triage.reasons import MEANINGS
from services.triage.segments import GOALS, matched_by
from shared.events import ContactTriaged
from shared.words import Openness, Reason


def sentence_of(verdict: ContactTriaged | Judgement) -> str:
    """Why a row is not admitted; where all channels are closed, why each of them is."""
    reason = verdict.reasons[0]
    if reason is not Reason.NO_LAWFUL_CHANNEL:
        return MEANINGS[reason].sentence
    closed = (
        f"{channel}: {its.sentence}"
        for channel, its in verdict.channels.items()
        if its.openness is Openness.CLOSED
    )
    return " ".join(("No channel is open.", *closed))


def why(row: OfflineRow, judgement: Judgement, row_of: Mapping[UUID, int]) -> str:
    """Why a row is not admitted, as far as its file can tell; empty for one that is."""
    if not judgement.reasons:
        return ""
    reason, facts = judgement.reasons[0], row.facts
    sentence = sentence_of(judgement)
    if reason is Reason.UNREADABLE:
        return facts.unreadable
    if reason is Reason.CONFLICTING_FACTS:
        return f"{sentence} Its fields: {', '.join(facts.conflicts)}."
    if reason in (Reason.DUPLICATE, Reason.PROBABLE_DUPLICATE) and judgement.duplicate_of:
        agreeing = ", ".join(judgement.agreeing)
        return f"{sentence} It is row {row_of[judgement.duplicate_of]}, by {agreeing}."
    return sentence


def as_json(row: OfflineRow, judgement: Judgement, row_of: Mapping[UUID, int]) -> dict[str, Any]:
    """One row's verdict, as `rekindle triage --json` prints it."""
    number, account = row.record.number, row.facts.account
    decisive = MEANINGS[judgement.reasons[0]] if judgement.reasons else None
    return {
        "row": row.row,
        "verdict": judgement.verdict,
        "reasons": list(judgement.reasons),
        "duplicate_of": row_of.get(judgement.duplicate_of) if judgement.duplicate_of else None,
        "agreeing": list(judgement.agreeing),
        "why": why(row, judgement, row_of) or None,
        "remedy": decisive.remedy if decisive else None,
        "segment": judgement.segment,
        "goal": judgement.goal,
        "act_by": judgement.act_by.isoformat() if judgement.act_by else None,
        "segments": [
            {"segment": its, "goal": GOALS[its], "because": plain_facts(matched_by(its, account))}
            for its in judgement.segments
        ],
        "conflicts": list(row.facts.conflicts),
        "oddities": list(row.facts.oddities),
        "channels": {
            channel: {
                "state": its.openness,
                "code": its.code,
                "reason": its.sentence,
                "rules": list(its.rules),
                "opens_at": its.opens_at.isoformat() if its.opens_at else None,
            }
            for channel, its in judgement.channels.items()
        },
        "phone_e164": number.e164 if number else None,
        "email": row.record.mailbox,
    }


def plain_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """The known ones, as JSON can have them."""
    return {
        name: its.isoformat() if isinstance(its, date) else its
        for name, its in facts.items()
        if its is not None
    }
