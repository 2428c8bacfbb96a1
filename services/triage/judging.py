"""The verdict on one contact, with all its reasons: a function of facts and of the moment.

A reason is a fact; the first in the order of `Reason` decides. Nothing here guesses: what is not
known admits nobody to a segment and opens no channel.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.triage.claims import EVERYTHING, NOTHING, Standing, refused_by
from services.triage.days import today_in
from services.triage.permission import permissions
from services.triage.reasons import MEANINGS, Code
from services.triage.records import Record
from services.triage.segments import (
    GOALS,
    churned_long_ago,
    never_paid,
    out_of_window,
    segments,
)
from shared.events import ChannelVerdict
from shared.words import Channel, Goal, Openness, Reason, Segment, Verdict


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What the suppression list says of a contact. `everything`: it opted out.

    `channels` are closed by entries of the contact or of its addresses; `heard`: what said so.
    `wish`: the event by which the contact itself opted out.
    """

    everything: bool = False
    channels: frozenset[Channel] = NOTHING
    heard: tuple[UUID, ...] = ()
    wish: UUID | None = None


NOT_SUPPRESSED = Suppressed()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What triage says of a contact; `reasons` has the decisive one first."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    duplicate_of: UUID | None
    channels: dict[Channel, ChannelVerdict]
    segments: tuple[Segment, ...]

    @property
    def segment(self) -> Segment | None:
        """The one of the highest priority."""
        return self.segments[0] if self.segments else None

    @property
    def goal(self) -> Goal | None:
        return GOALS[self.segments[0]] if self.segments else None

    def __str__(self) -> str:
        """All of it but the hour: a channel that is only quiet is as good as open."""
        channels = (
            f"{channel}={its.code if its.openness is Openness.CLOSED else 'open'}"
            for channel, its in self.channels.items()
        )
        its = (self.reasons, self.segments, channels)
        return "|".join((self.verdict, str(self.duplicate_of or ""), *map(" ".join, its)))


def judge(
    record: Record,
    standing: Standing,
    suppressed: Suppressed,
    languages: Collection[str] | None,
    now: datetime,
) -> Judgement:
    """The verdict. `languages` are those of the signed scripts; None before there is one."""
    facts, account = record.facts, record.facts.account
    today = today_in(facts.zones, now)
    refused = standing.refused | refused_by(facts.opt_out)
    if suppressed.everything:
        refused = EVERYTHING
    closed = {
        **dict.fromkeys(suppressed.channels, Code.SUPPRESSED),
        **dict.fromkeys(standing.number_refused, Code.NUMBER_OPTED_OUT),
        **dict.fromkeys(refused, Code.OPTED_OUT),
    }
    channels = permissions(record, closed, now)
    is_closed = all(its.openness is Openness.CLOSED for its in channels.values())
    unspoken = languages is not None and facts.language not in languages
    applies = (  # in the order of `Reason`
        (Reason.UNREADABLE, facts.unreadable),
        (Reason.OPTED_OUT, refused == EVERYTHING),
        (Reason.SUPPRESSED, suppressed.channels == EVERYTHING),
        (Reason.NEVER_PAID, never_paid(account)),
        (Reason.CHURNED_LONG_AGO, churned_long_ago(account, today)),
        (Reason.NO_VALID_ADDRESS, not (record.phone or record.mailbox)),
        (Reason.NO_LAWFUL_CHANNEL, is_closed),
        (Reason.DUPLICATE, standing.duplicate_of),
        (Reason.OUT_OF_WINDOW, out_of_window(account, today)),
        (Reason.CONFLICTING_FACTS, facts.conflicts),
        (Reason.LANGUAGE_NOT_IN_SCRIPT, unspoken),
    )
    reasons = tuple(reason for reason, does in applies if does)
    return Judgement(
        verdict=MEANINGS[reasons[0]].verdict if reasons else Verdict.ADMITTED,
        reasons=reasons,
        duplicate_of=standing.duplicate_of,
        channels=channels,
        segments=segments(account, today),
    )
