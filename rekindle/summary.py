"""What a list is worth: who can be reached, why them, and what would add to them. Pure.

Every number is the length of a list of rows; rows go by their number in the file.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from rekindle.listings import Listing, Ref
from rekindle.merging import Merge, merges
from rekindle.offline import Judged
from rekindle.report import CHANNEL_NAMES, Line, plain
from services.triage.judging import Judgement
from services.triage.reasons import MEANINGS
from shared.words import Channel, Oddity, Openness, Reason, Segment, Verdict

ODDITIES = {
    Oddity.TEST_DATA: "The name or the mailbox was made up to try something out. Excluded.",
    Oddity.ROLE_MAILBOX: "A desk such as info@…: no proof of who one person is; alone it is held.",
    Oddity.DISPOSABLE_MAILBOX: "A mailbox to throw away: e-mail is closed.",
    Oddity.FICTIONAL_NUMBER: "A number for films and examples: its channels are closed.",
    Oddity.NUMBER_ELSEWHERE: "The number is of another country than the record: both rules bind.",
}
SEGMENTS = {
    Segment.SINGLE_MODULE: "Pays for one module, and the product has more.",
    Segment.RENEWAL_DUE: "A yearly contract renews in 30 to 60 days.",
    Segment.SOLO_SEAT: "One seat, and three team logins or fifteen integrations.",
    Segment.DORMANT_PAID: "Still pays; logins fell from daily to monthly.",
    Segment.RECENTLY_CHURNED: "Left 30 to 180 days ago.",
}


class ChannelLine(NamedTuple):
    """One channel: who may be reached there now, who later, whom a consent would add."""

    name: str
    now: Listing
    later: Listing
    added: Listing


class SegmentLine(NamedTuple):
    """One segment: `soonest` is the first day on which a moment passes; None where none does."""

    name: str
    sentence: str
    goal: str
    listing: Listing
    soonest: date | None


@dataclass(frozen=True)
class Summary:
    """One list, judged; `refreshed` is how it would be judged if everybody agreed in writing."""

    name: str
    judged: Sequence[Judged]
    refreshed: Sequence[Judged]
    on: date

    @property
    def rows(self) -> int:
        return len(self.judged)

    @cached_property
    def verdicts(self) -> dict[Verdict, Listing]:
        """The row equation."""
        return {
            verdict: _listing(
                f"rows-{verdict}",
                f"Rows: {verdict}",
                (one for one in self.judged if one[1].verdict is verdict),
                "pool.csv" if verdict is Verdict.ADMITTED else "exclusions.csv",
            )
            for verdict in Verdict
        }

    @property
    def admitted(self) -> Listing:
        return self.verdicts[Verdict.ADMITTED]

    @cached_property
    def channels(self) -> list[ChannelLine]:
        lines = []
        for channel, name in CHANNEL_NAMES.items():
            its = {
                openness: [one for one in self.judged if _openness(one[1], channel) is openness]
                for openness in (Openness.OPEN, Openness.DEFERRED)
            }
            known = {row.row for reached in its.values() for row, _ in reached}
            more = [
                one
                for one in self.refreshed
                if one[0].row not in known and _openness(one[1], channel) is not Openness.CLOSED
            ]
            lines.append(
                ChannelLine(
                    name,
                    _listing(f"now-{channel}", f"{name}: today", its[Openness.OPEN]),
                    _listing(f"later-{channel}", f"{name}: later", its[Openness.DEFERRED]),
                    _listing(f"added-{channel}", f"{name}: with a consent", more),
                )
            )
        return lines

    @cached_property
    def added(self) -> Listing:
        """Whom a consent would make reachable who is not."""
        known = {row.row for row, its in self.judged if its.verdict is Verdict.ADMITTED}
        more = [
            one
            for one in self.refreshed
            if one[1].verdict is Verdict.ADMITTED and one[0].row not in known
        ]
        return _listing("added", "A consent would add", more)

    @cached_property
    def reasons(self) -> list[Line]:
        """Why rows are not admitted, the most frequent first."""
        lines = []
        for reason, meaning in MEANINGS.items():
            its = [one for one in self.judged if one[1].reasons[:1] == (reason,)]
            listing = _listing(f"reason-{reason}", f"Rows: {plain(reason)}", its, "exclusions.csv")
            lines.append(Line(plain(reason), meaning.sentence, listing, meaning.remedy))
        return _counted(lines)

    @cached_property
    def closed(self) -> list[Line]:
        """Why channels are closed to rows that have no open one; a row may stand in several."""
        shut = [one for one in self.judged if one[1].reasons[:1] == (Reason.NO_LAWFUL_CHANNEL,)]
        codes = Counter(
            (its.code, its.sentence) for _, one in shut for its in one.channels.values()
        )
        lines = []
        for code, sentence in codes:
            its = [one for one in shut if any(its.code == code for its in one[1].channels.values())]
            listing = _listing(f"closed-{code}", f"Closed: {plain(code)}", its)
            lines.append(Line(plain(code), sentence, listing))
        return _counted(lines)

    @cached_property
    def segments(self) -> list[SegmentLine]:
        """Of the admitted, by priority; each row under its first segment."""
        lines = []
        for segment, sentence in SEGMENTS.items():
            its = [
                one
                for one in self.judged
                if one[1].verdict is Verdict.ADMITTED and one[1].segment is segment
            ]
            days = [one.act_by for _, one in its if one.act_by and one.act_by >= self.on]
            goal = plain(its[0][1].goal or "") if its else ""
            listing = _listing(f"segment-{segment}", f"Segment: {plain(segment)}", its, "pool.csv")
            lines.append(
                SegmentLine(plain(segment), sentence, goal, listing, min(days, default=None))
            )
        return [line for line in lines if line.listing.refs]

    @cached_property
    def unmoved(self) -> Listing:
        """Admitted, and in no segment."""
        its = (
            one
            for one in self.judged
            if one[1].verdict is Verdict.ADMITTED and one[1].segment is None
        )
        return _listing("unmoved", "Admitted, in no segment", its, "pool.csv")

    @cached_property
    def oddities(self) -> list[Line]:
        lines = []
        for oddity, sentence in ODDITIES.items():
            its = [one for one in self.judged if oddity in one[0].facts.oddities]
            listing = _listing(f"odd-{oddity}", f"Odd: {plain(oddity)}", its)
            lines.append(Line(plain(oddity), sentence, listing))
        return _counted(lines)

    @cached_property
    def merges(self) -> list[Merge]:
        return merges(self.judged)

    @property
    def listings(self) -> list[Listing]:
        """All of them, in the order of the page."""
        every = (
            *(listing for line in self.channels for listing in line[1:]),
            self.added,
            *(line.listing for line in self.segments),
            self.unmoved,
            *self.verdicts.values(),
            *(line.listing for line in (*self.reasons, *self.closed, *self.oddities)),
        )
        return [listing for listing in every if listing.refs]


def _openness(judgement: Judgement, channel: Channel) -> Openness:
    """Of a channel to a row; closed for whoever is not admitted."""
    admitted = judgement.verdict is Verdict.ADMITTED
    return judgement.channels[channel].openness if admitted else Openness.CLOSED


def _listing(id_: str, title: str, judged: Iterable[Judged], file: str = "") -> Listing:
    return Listing(id_, title, [Ref(str(row.row)) for row, _ in judged], file)


def _counted(lines: Iterable[Line]) -> list[Line]:
    """Those that are not empty, the longest first."""
    return sorted(
        (line for line in lines if line.listing.refs), key=lambda line: -line.listing.count
    )
