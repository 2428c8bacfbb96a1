"""The verdict on one contact, with all its reasons: a function of facts and of the moment.

A reason is a fact; the first in the order of `Reason` decides. Nothing here guesses: what is not
known admits nobody to a segment and opens no channel.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.triage.claims import EVERYTHING, NOTHING, refused_by
from services.triage.days import today_in
from services.triage.permission import ON_A_NUMBER, facts_of, permissions
from services.triage.reasons import MEANINGS, Code
from services.triage.records import Record
from services.triage.segments import (
    GOALS,
    act_by,
    churned_long_ago,
    never_paid,
    out_of_window,
    segments,
)
from services.triage.standings import ON_A_BOX, Standing
from shared.events import ChannelVerdict
from shared.rules.facts import Facts
from shared.words import Channel, Goal, Oddity, Openness, Reason, Segment, Verdict


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
    """What triage says of a contact; `reasons` has the decisive one first.

    `facts` are those by which the contact rules judged.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    duplicate_of: UUID | None
    agreeing: tuple[str, ...]
    channels: dict[Channel, ChannelVerdict]
    segments: tuple[Segment, ...]
    act_by: date | None
    facts: Facts

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
        its = (self.reasons, self.agreeing, self.segments, channels)
        return "|".join((self.verdict, str(self.duplicate_of or ""), *map(" ".join, its)))


def judge(
    record: Record,
    standing: Standing,
    suppressed: Suppressed,
    languages: Collection[str] | None,
    set_up: Collection[str],
    now: datetime,
) -> Judgement:
    """The verdict. `languages` are those of the signed scripts; None before there is one.

    `set_up` are the preconditions of the contact rules that the sender meets.
    """
    facts, account = record.facts, record.facts.account
    today = today_in(facts.zones, now)
    refused = standing.refused | refused_by(facts.opt_out)
    if suppressed.everything:
        refused = EVERYTHING
    wishes = {
        **dict.fromkeys(suppressed.channels, Code.SUPPRESSED),
        **dict.fromkeys(standing.address_refused & ON_A_BOX, Code.MAILBOX_OPTED_OUT),
        **dict.fromkeys(standing.address_refused & ON_A_NUMBER, Code.NUMBER_OPTED_OUT),
        **dict.fromkeys(refused, Code.OPTED_OUT),
    }
    matching = segments(account, today)
    goal = GOALS[matching[0]] if matching else None
    its = facts_of(record, wishes, goal, set_up)
    channels = permissions(record, its, _useless(facts.oddities) | wishes, now)
    is_closed = all(one.openness is Openness.CLOSED for one in channels.values())
    unspoken = languages is not None and facts.language not in languages
    applies = (  # in the order of `Reason`
        (Reason.UNREADABLE, facts.unreadable),
        (Reason.OPTED_OUT, refused == EVERYTHING),
        (Reason.SUPPRESSED, suppressed.channels == EVERYTHING),
        (Reason.TEST_DATA, Oddity.TEST_DATA in facts.oddities),
        (Reason.NEVER_PAID, never_paid(account)),
        (Reason.CHURNED_LONG_AGO, churned_long_ago(account, today)),
        (Reason.NO_VALID_ADDRESS, not (record.phone or record.mailbox)),
        (Reason.NO_LAWFUL_CHANNEL, is_closed),
        (Reason.DUPLICATE, standing.duplicate_of and not standing.probable),
        (Reason.PROBABLE_DUPLICATE, standing.probable),
        (Reason.OUT_OF_WINDOW, out_of_window(account, today)),
        (Reason.CONFLICTING_FACTS, facts.conflicts),
        (Reason.REVIEW_NEEDED, _is_a_desk(record)),
        (Reason.LANGUAGE_NOT_IN_SCRIPT, unspoken),
    )
    reasons = tuple(reason for reason, does in applies if does)
    return Judgement(
        verdict=MEANINGS[reasons[0]].verdict if reasons else Verdict.ADMITTED,
        reasons=reasons,
        duplicate_of=standing.duplicate_of,
        agreeing=standing.agreeing,
        channels=channels,
        segments=matching,
        act_by=act_by(matching[0], account) if matching else None,
        facts=its,
    )


def _useless(oddities: Collection[Oddity]) -> dict[Channel, Code]:
    """The channels on which nobody would answer."""
    codes: dict[Channel, Code] = {}
    if Oddity.DISPOSABLE_MAILBOX in oddities:
        codes |= dict.fromkeys(ON_A_BOX, Code.DISPOSABLE_MAILBOX)
    if Oddity.FICTIONAL_NUMBER in oddities:
        codes |= dict.fromkeys(ON_A_NUMBER, Code.FICTIONAL_NUMBER)
    return codes


def _is_a_desk(record: Record) -> bool:
    """All there is to reach is a mailbox that many may read."""
    return record.phone is None and Oddity.ROLE_MAILBOX in record.facts.oddities
