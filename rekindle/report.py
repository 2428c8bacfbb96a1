"""What the report shows of a stream. Pure.

Every number is the length of a list that it links to. Nothing here has a name: contacts go by the
CRM's id, and rows by their number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from rekindle.auditing import Audit
from rekindle.earning import Difference
from rekindle.figures import CALL_BACK
from rekindle.listings import Lister, Listing
from rekindle.people import People
from rekindle.recorded import Recorded
from services.triage import reasons
from shared import outcomes
from shared.events import CampaignChanged, ContactTriaged, DecisionMade, ReplyUnderstood
from shared.outcomes import Outcome
from shared.rules.loading import rules_in_force
from shared.words import Channel, Intent, Verdict

PEOPLE_MIN = 30  # below it a rate says nothing
CHANNEL_NAMES = {
    Channel.WHATSAPP: "WhatsApp",
    Channel.SMS: "SMS",
    Channel.VOICE: "Voice",
    Channel.EMAIL: "E-mail",
}


class Call(NamedTuple):
    """One booked call."""

    when: str
    label: str
    about: str
    file_name: str


class Line(NamedTuple):
    """One line of a table: what is counted, what it means, how many, and what can be done."""

    name: str
    sentence: str
    listing: Listing
    remedy: str = ""


class Reading(NamedTuple):
    """Whom an easier reading of the law would let us write to, and whom today's rules do."""

    name: str
    easier: Listing
    today: Listing


class ChannelLine(NamedTuple):
    """How one channel did, in people but for the messages."""

    name: str
    messages: Listing
    reached: Listing
    wrote: Listing

    @property
    def percent(self) -> float | None:
        """The share who wrote back; None where too few were reached to tell."""
        people = self.reached.count
        return 100 * self.wrote.count / people if people >= PEOPLE_MIN else None


@dataclass(frozen=True)
class Report:
    """The newest campaign of a stream, as of the moment `at`; moments are written in `zone`."""

    recorded: Recorded
    people: People
    zone: ZoneInfo
    at: datetime
    audit: Audit | None = None

    @cached_property
    def _list(self) -> Lister:
        return Lister(self.recorded, self.people)

    @cached_property
    def campaign(self) -> CampaignChanged | None:
        return next(reversed(self.recorded.campaigns.values()), None)

    # -- the list that came in

    @property
    def rows(self) -> int:
        return len(self.recorded.imported)

    @cached_property
    def verdicts(self) -> dict[str, Listing]:
        """The row equation."""
        listings = {}
        for verdict in Verdict:
            its = [one for one in self._verdicts if one.verdict is verdict]
            file = "" if verdict is Verdict.ADMITTED else "exclusions.csv"
            title = f"Rows: {verdict}"
            listings[str(verdict)] = self._list.rows(f"rows-{verdict}", title, its, file)
        return listings

    @cached_property
    def pool(self) -> Listing:
        return self._list.contacts("pool", "In the pool", self.recorded.pool)

    @cached_property
    def waiting(self) -> Listing:
        admitted = [one for one in self._verdicts if one.verdict is Verdict.ADMITTED]
        outside = [one for one in admitted if one.subject not in self.recorded.pool]
        return self._list.rows("waiting", "Rows: admitted, outside the pool", outside)

    @cached_property
    def reasons(self) -> list[Line]:
        """Why rows are not admitted, in the order in which reasons decide."""
        lines = []
        kept_out = [its for its in self._verdicts if its.verdict is not Verdict.ADMITTED]
        for reason, meaning in reasons.MEANINGS.items():
            its = [one for one in kept_out if one.reasons[:1] == (reason,)]
            id_, title = f"reason-{reason}", f"Rows: {plain(reason)}"
            listing = self._list.rows(id_, title, its, "exclusions.csv")
            lines.append(Line(plain(reason), meaning.sentence, listing, meaning.remedy))
        return _counted(lines)

    # -- what the law leaves open

    @cached_property
    def readings(self) -> list[Reading]:
        """Both readings: of the list as a whole, then channel by channel."""
        every = [(None, "Any channel"), *CHANNEL_NAMES.items()]
        lines = []
        for channel, name in every:
            id_ = channel or "any"
            easier, today = self._difference.easier(channel), self._difference.today(channel)
            lines.append(
                Reading(
                    name,
                    self._list.rows(f"easier-{id_}", f"{name}: the easier reading", easier),
                    self._list.rows(f"today-{id_}", f"{name}: today's rules", today),
                )
            )
        return [line for line in lines if line.easier.refs or line.today.refs]

    @cached_property
    def earnings(self) -> list[Line]:
        """What would earn the difference back, the most rows first."""
        lines = []
        for n, its in enumerate(self._difference.earnings):
            name = CHANNEL_NAMES[its.channel]
            listing = self._list.rows(f"earn-{n}", f"To be earned: {name}", its.whom)
            lines.append(Line(name, its.remedy, listing))
        return lines

    @cached_property
    def _difference(self) -> Difference:
        return Difference(list(self._verdicts), self.at.date(), rules_in_force())

    @property
    def _verdicts(self) -> Iterable[ContactTriaged]:
        return self.recorded.verdicts.values()

    # -- what was said

    @cached_property
    def channels(self) -> list[ChannelLine]:
        lines = []
        for channel, name in CHANNEL_NAMES.items():
            to = [touch.subject for touch in self.recorded.sent if touch.channel is channel]
            by = {one for one, on in self._wrote if on is channel}
            messages = self._list.contacts(f"messages-{channel}", f"Messages on {name}", to)
            reached = self._list.contacts(f"reached-{channel}", f"Written to on {name}", set(to))
            wrote = self._list.contacts(f"wrote-{channel}", f"Wrote back on {name}", by)
            lines.append(ChannelLine(name, messages, reached, wrote))
        return [line for line in lines if line.messages.refs or line.wrote.refs]

    @cached_property
    def reached(self) -> Listing:
        contacts = {touch.subject for touch in self.recorded.sent}
        return self._list.contacts("reached", "Written to", contacts)

    @cached_property
    def wrote(self) -> Listing:
        return self._list.contacts("wrote", "Wrote back", {contact for contact, _ in self._wrote})

    @property
    def wrote_percent(self) -> float:
        return 100 * self.wrote.count / max(self.reached.count, 1)

    @cached_property
    def replies(self) -> list[Line]:
        """What people meant, the most frequent first."""
        readings = self.recorded.of(ReplyUnderstood)
        lines = []
        for intent in Intent:
            its = [one.subject for one in readings if one.intent is intent]
            listing = self._list.contacts(f"intent-{intent}", f"Replies: {plain(intent)}", its)
            lines.append(Line(plain(intent), "", listing))
        return sorted(_counted(lines), key=lambda line: -line.listing.count)

    @cached_property
    def _wrote(self) -> set[tuple[UUID, Channel]]:
        """Who wrote on which channel; what a machine wrote does not count."""
        readings = self.recorded.of(ReplyUnderstood)
        machines = {its.reply_id for its in readings if its.intent is Intent.AUTO_REPLY}
        return {
            (contact, its.channel)
            for contact, replies in self.recorded.replies.items()
            for its in replies
            if not (its.automatic or its.id in machines)
        }

    # -- how it ended

    @cached_property
    def calls(self) -> list[Call]:
        """The calls on the calendar, soonest first."""
        booked = [(its.slot, contact) for contact, its in self.recorded.calls.items() if its.slot]
        return [self._call(slot, contact) for slot, contact in sorted(booked)]

    def _call(self, slot: datetime, contact: UUID) -> Call:
        known = self.people[contact]
        when = f"{slot.astimezone(self.zone):%a %d %b, %H:%M}"
        return Call(when, known.label, self._goal_of(contact), known.file_name)

    def _goal_of(self, contact: UUID) -> str:
        revisions = self.recorded.revisions.get(contact)
        goal = revisions[-1].goal if revisions else None
        return plain(goal) if goal else ""

    @cached_property
    def outcomes(self) -> list[Line]:
        """The booked ones first, then the most frequent."""
        lines = []
        for code, meaning in outcomes.MEANINGS.items():
            its = [one for one, end in self.recorded.outcomes.items() if end.code is code]
            id_, title = f"outcome-{code}", f"Outcome: {plain(code)}"
            listing = self._list.contacts(id_, title, its, "outcomes.csv")
            lines.append(Line(plain(code), meaning.sentence, listing))
        booked = plain(Outcome.BOOKED)
        return sorted(_counted(lines), key=lambda its: (its.name != booked, -its.listing.count))

    @cached_property
    def in_progress(self) -> Listing:
        its = [one for one in self.recorded.pool if one not in self.recorded.outcomes]
        return self._list.contacts("in-progress", "Still being worked", its)

    @cached_property
    def needs_person(self) -> Listing:
        ends = self.recorded.outcomes.items()
        its = [one for one, end in ends if end.code is Outcome.NEEDS_PERSON]
        return self._list.contacts("needs-person", "Waiting for an answer from you", its)

    @cached_property
    def callbacks(self) -> Listing:
        its = [one.subject for one in self._promises]
        return self._list.contacts("callbacks", "Callbacks promised", its)

    @property
    def next_callback(self) -> datetime | None:
        """The next promised day; None when none is to come."""
        open_ = [its for its in self._promises if its.subject not in self.recorded.outcomes]
        days = [its.wake_at for its in open_ if its.wake_at and its.wake_at > self.at]
        return min(days, default=None)

    @cached_property
    def _promises(self) -> list[DecisionMade]:
        return [its for its in self.recorded.of(DecisionMade) if its.verdict == CALL_BACK]

    @cached_property
    def suppressed(self) -> Listing:
        """Persons: whoever has several records counts once."""
        persons = {self.recorded.person_of(contact) for contact in self.recorded.suppressions}
        return self._list.contacts("suppressed", "Not to be contacted", persons, "dnc.csv")

    # -- the lists behind the numbers

    @property
    def listings(self) -> list[Listing]:
        """All of them, in the order of the page."""
        every = (
            *(self.reached, self.wrote, self.callbacks, self.suppressed, self.needs_person),
            *(line.listing for line in self.outcomes),
            self.in_progress,
            *(listing for line in self.channels for listing in line[1:]),
            *(line.listing for line in self.replies),
            *self.verdicts.values(),
            *(self.pool, self.waiting),
            *(line.listing for line in self.reasons),
            *(listing for line in self.readings for listing in line[1:]),
            *(line.listing for line in self.earnings),
        )
        return [listing for listing in every if listing.refs]

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%a %d %b %Y, %H:%M}"

    def day(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%d %b %Y}"


def plain(word: str) -> str:
    """A word of the domain as people write it."""
    return word.replace("_", " ")


def _counted(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.listing.refs]
