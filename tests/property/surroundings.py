"""The world around one contact. The referee hears what the contact hears, and judges the answer."""

from collections.abc import Sequence as Options
from datetime import timedelta
from typing import TypeVar

from pydantic import TypeAdapter

from services.orchestrator.sequence import step
from services.orchestrator.state import Sequence, World
from shared.events import BookingRequested, MessageRequested, WakeAt
from shared.outcomes import Outcome
from shared.words import (
    Channel,
)
from tests.property.referee import Referee
from tests.sequences import (
    DAY,
    HOUR,
    NOW,
    STRANGER,
    TEXT_CHANNELS,
    TOPIC,
    a_calendar,
    a_campaign,
    at,
    received,
    triaged,
    understood,
    woke,
)

T = TypeVar("T")
KEPT = TypeAdapter(Sequence)  # as the store does it
PLACES = (
    ("LT", ("Europe/Vilnius",)),
    ("US", ("America/New_York", "America/Los_Angeles")),
    ("WS", ("Pacific/Apia",)),
    ("FR", ("Europe/Paris",)),
    ("", ()),
)
CHANNEL_SETS = (
    TEXT_CHANNELS, TEXT_CHANNELS[:2], TEXT_CHANNELS[1:], TEXT_CHANNELS[::2], TEXT_CHANNELS[:1],
    TEXT_CHANNELS[1:2], TEXT_CHANNELS[2:],
)  # fmt: skip
DELAYS = (timedelta(0), timedelta(minutes=5), HOUR, 5 * HOUR, 13 * HOUR)
CALENDAR = a_calendar(days=400, hours=range(0, 24, 3))
POLICY = a_campaign().policy.model_copy(update={"plans_max": 4})
CAMPAIGN = a_campaign(policy=POLICY)


class Choice:
    """A number, spent choice by choice."""

    def __init__(self, number: int) -> None:
        self.rest = number

    def of(self, options: Options[T]) -> T:
        self.rest, n = divmod(self.rest, len(options))
        return options[n]

    def once_in(self, times: int) -> bool:
        return self.of(range(times)) == times - 1


class Surroundings:
    """One contact, its campaign, gateways, calendar and clock."""

    def __init__(self) -> None:
        self.begin(Choice(0))

    def begin(self, choice: Choice) -> None:
        """Another contact joins the pool."""
        self.campaign = CAMPAIGN
        self.referee = Referee(self.campaign)
        self.sequence = STRANGER
        self.now = NOW + choice.of(DELAYS)
        self.late = timedelta()  # after it happened, the contact's sequence hears of it
        self.timers = {}
        self.requests: list[MessageRequested] = []
        self.unsettled: list[MessageRequested] = []
        self.bookings: list[BookingRequested] = []
        self.offered: list = []
        self.call = None
        self.written: list[Channel] = []  # each reply, by number
        self.unread: list[int] = []
        self.revision = self.ended = 0
        self.place = choice.of(PLACES)
        self.is_triaged(choice)
        self.hear(woke(0, self.now))

    def judge(self) -> None:
        """What must hold at any moment does."""
        live = self.sequence.plan in self.timers
        assert not self.sequence.open or self.campaign.paused or live, "nobody is forgotten"
        told = self.referee.outcomes[-1].code if self.referee.outcomes else None
        assert self.sequence.outcome is told, "an outcome is told"
        self.referee.judge_bounds()

    def hear(self, fact) -> None:
        """The sequence hears it, and the referee judges the answer."""
        fact = fact if fact.topic == "woke" else at(fact, self.now - self.late)
        world, before = World(self.campaign, (CALENDAR,)), self.sequence
        self.referee.hear(fact, self.now)
        self.sequence, said = step(before, fact, self.now, world)
        assert (self.sequence, said) == step(before, fact, self.now, world), "the same again"
        kept = KEPT.dump_json(self.sequence, exclude_defaults=True)
        assert KEPT.validate_json(kept) == self.sequence, "what is kept is what was remembered"
        self.referee.judge(said, paused=self.campaign.paused)
        self.remember(said)

    def remember(self, said) -> None:
        self.timers |= {one.plan: one.at for one in said if isinstance(one, WakeAt)}
        asked = [one for one in said if isinstance(one, MessageRequested)]
        assert len(asked) <= 1, "sequenced, not parallel"
        self.requests += asked
        self.unsettled += asked
        self.offered += [slot for one in asked for slot in one.slots]
        self.bookings += [one for one in said if isinstance(one, BookingRequested)]
        no = self.sequence.outcome in (Outcome.DECLINED, Outcome.OPTED_OUT)
        given_up = any(one.slot is None for one in self.bookings)
        assert given_up or not (no and self.call), "a call that is outranked is given up"

    # What others do.

    def writes(self, channel, *, told=True) -> None:
        self.written.append(channel)
        self.unread.append(len(self.written))
        if told:
            was_open, plan = self.sequence.open, self.sequence.plan
            self.hear(received(len(self.written), channel))
            if was_open and self.sequence.open:
                assert self.sequence.plan > plan, "a reply drops every plan"

    def is_read(self, intent, nth=0, *, days=None, **reading) -> None:
        number = self.unread.pop(nth)
        when = self.now + days * DAY if days else None
        channel = self.written[number - 1]
        self.hear(understood(number, channel, intent, when=when, answer=TOPIC, **reading))

    def is_triaged(self, choice: Choice, *, reason=None, stale=False) -> None:
        self.revision += not stale
        country, zones = self.place
        opens_at = self.now + choice.of(DELAYS) if choice.once_in(6) else None
        self.hear(
            triaged(
                choice.of(CHANNEL_SETS),
                revision=self.revision,
                reason=reason,
                country=country,
                zones=zones,
                opens_at=opens_at,
            )
        )

    def changes_to(self, state) -> None:
        self.campaign = self.campaign.model_copy(update={"state": state})
        self.hear(woke(0, self.now - self.late))
