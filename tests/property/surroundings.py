"""The world around one contact, as wild as it gets. What happens is chosen by numbers.

A list of numbers is a story: it can be drawn, repeated and shortened. Whatever happens is also told
to the referee, who judges what the sequence says to it.
"""

from collections.abc import Iterable
from collections.abc import Sequence as Options
from datetime import timedelta
from random import Random
from typing import TypeVar

from pydantic import TypeAdapter

from services.orchestrator.sequence import step
from services.orchestrator.state import Sequence, World
from shared.events import BookingRequested, MessageRequested, OutcomeRecorded, WakeAt
from shared.outcomes import Outcome
from shared.words import (
    BookingState,
    CampaignState,
    Channel,
    Delivery,
    Intent,
    Reason,
    Refusal,
    Result,
    Suppression,
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
    delivered,
    received,
    refused,
    sent,
    settled,
    suppressed,
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
GOES_ON = (
    Intent.INTERESTED, Intent.BOOK_CALL, Intent.QUESTION, Intent.NOT_NOW, Intent.AUTO_REPLY,
    Intent.OTHER, Intent.CONFIRM_YES, Intent.CONFIRM_NO, Intent.ARE_YOU_A_BOT,
)  # fmt: skip
INTENTS = (*GOES_ON, *GOES_ON, *Intent)
SUPPRESSIONS = (*[Suppression.GO] * 8, Suppression.HOLD, Suppression.SUPPRESS)
DELAYS = (timedelta(0), timedelta(minutes=5), HOUR, 5 * HOUR, 13 * HOUR)
LATE = (*[timedelta(0)] * 12, timedelta(minutes=30), 7 * HOUR)
DAYS = (None, None, -1, 2, 5, 6, 20)
CALENDAR = a_calendar(days=400, hours=range(0, 24, 3))
POLICY = a_campaign().policy.model_copy(update={"plans_max": 4})
CAMPAIGN = a_campaign(policy=POLICY)
AFTER_THE_END_MAX = 6  # happenings, then another contact's story begins


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

    def happens(self, number: int) -> None:
        """One thing happens, and what must hold still does."""
        choice = Choice(number)
        self.ended += self.sequence.outcome is not None
        if self.ended > AFTER_THE_END_MAX:
            self.begin(choice)
        else:
            choice.of(HAPPENINGS)(self, choice)
        live = self.sequence.plan in self.timers
        assert not self.sequence.open or self.campaign.paused or live, "nobody is forgotten"
        told = self.referee.outcomes[-1].code if self.referee.outcomes else None
        assert self.sequence.outcome is told, "an outcome is told"
        self.referee.judge_bounds()

    def hear(self, fact) -> None:
        """The sequence hears it, and the referee judges the answer."""
        fact = fact if fact.topic == "woke" else at(fact, self.now)
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
        bookings = [one for one in said if isinstance(one, BookingRequested)]
        self.bookings += bookings
        codes = {one.code for one in said if isinstance(one, OutcomeRecorded)}
        if codes & {Outcome.DECLINED, Outcome.OPTED_OUT} and self.call:
            assert [one.slot for one in bookings] == [None], "a call that is outranked is given up"

    # Time.

    def the_newest_timer_fires(self, choice: Choice) -> None:
        if self.sequence.plan in self.timers:
            due = self.timers.pop(self.sequence.plan)
            self.now = max(self.now, due) + choice.of(LATE)
            self.hear(woke(self.sequence.plan, due))

    def an_older_timer_fires(self, choice: Choice) -> None:
        before, plan = self.sequence, self.sequence.plan - choice.of((1, 2, 3, 4))
        if plan > 0:
            self.hear(woke(plan, self.now))
            assert self.sequence is before, "an older plan's timer is stale"

    def time_passes(self, choice: Choice) -> None:
        """But no timer is passed over."""
        ahead = [due for due in self.timers.values() if due > self.now]
        self.now = min([self.now + choice.of(DELAYS), *ahead])

    # Gateways and providers.

    def a_gateway_sends(self, choice: Choice) -> None:
        if self.unsettled:
            result = choice.of((Result.ACCEPTED, Result.ACCEPTED, Result.UNKNOWN))
            self.hear(sent(self.unsettled.pop(), result))

    def a_gateway_refuses(self, choice: Choice) -> None:
        if self.unsettled:
            request = self.unsettled.pop(choice.of((-1, -1, 0)))
            busy = choice.of(DELAYS)
            self.hear(refused(request, choice.of(list(Refusal)), self.now + busy if busy else None))

    def a_gateway_is_late_again_and_again(self, choice: Choice) -> None:
        refusal = choice.of((Refusal.LATE, Refusal.ADDRESS_BUSY))
        for _ in range(choice.of((2, 5, 14))):
            if self.unsettled and self.sequence.open:
                self.hear(refused(self.unsettled.pop(), refusal))
                self.the_newest_timer_fires(Choice(0))

    def a_provider_tells(self, choice: Choice) -> None:
        if self.requests:
            seen = (Delivery.SENT, Delivery.DELIVERED, Delivery.READ)
            delivery = choice.of((*seen, *seen, Delivery.FAILED, Delivery.BOUNCED))
            self.hear(delivered(self.requests[-1], delivery))

    def the_contact_stays_silent(self, choice: Choice) -> None:
        """Everything is sent, and only timers fire."""
        for _ in range(choice.of((2, 3, 4))):
            if self.sequence.open:
                self.a_gateway_sends(Choice(0))
                self.the_newest_timer_fires(Choice(0))

    # The contact and its reader.

    def the_contact_talks(self, choice: Choice) -> None:
        """Where we wrote last, and everything is read at once."""
        if self.requests:
            self.writes(self.requests[-1].channel)
            while self.unread:
                self.is_read(choice.of(GOES_ON), days=choice.of(DAYS))

    def the_contact_chooses_a_slot(self, choice: Choice) -> None:
        if self.offered:
            self.writes(self.requests[-1].channel)
            while self.unread:
                self.is_read(Intent.CONFIRM_YES, slot=choice.of(self.offered[-2:]))

    def the_contact_writes(self, choice: Choice) -> None:
        """Anywhere. The reading may come before the reply does."""
        self.writes(choice.of(TEXT_CHANNELS), told=not choice.once_in(3))

    def the_agent_reads(self, choice: Choice) -> None:
        """Mostly in order."""
        if self.unread:
            nth = choice.of((0, 0, 0, -1))
            reading = {
                "suppression": choice.of(SUPPRESSIONS),
                "confidence": choice.of((0.9, 0.9, 0.9, 0.3)),
            }
            self.is_read(choice.of(INTENTS), nth, days=choice.of(DAYS), **reading)

    def a_reading_comes_again(self, choice: Choice) -> None:
        read = [n for n in range(1, len(self.written) + 1) if n not in self.unread]
        if read:
            number = choice.of(read)
            self.hear(understood(number, self.written[number - 1], choice.of(list(Intent))))

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

    # The calendar.

    def the_calendar_answers(self, choice: Choice) -> None:
        if not self.bookings:
            return
        asked = self.bookings.pop(0)
        if asked.slot is None and self.call is None:
            return
        state = BookingState.TAKEN
        if asked.slot is None:
            state, self.call = BookingState.CANCELLED, None
        elif not choice.once_in(3):
            state = BookingState.MOVED if self.call else BookingState.CONFIRMED
            self.call = asked.slot
        self.hear(settled(state, asked.slot, asked.plan))

    # What is rare.

    def the_campaign_pauses_or_goes_on(self, choice: Choice) -> None:
        if self.campaign.paused:
            self.changes_to(CampaignState.LIVE)
        elif self.campaign.state is CampaignState.LIVE and choice.once_in(4):
            self.campaign = self.campaign.model_copy(update={"state": CampaignState.PAUSED})

    def something_rare_happens(self, choice: Choice) -> None:
        match choice.of(range(24)):
            case 0 | 1 if self.call:
                self.call = None
                self.hear(settled(BookingState.CANCELLED, None))
            case 2:
                self.hear(suppressed())
            case 3 | 4:
                self.hear(suppressed(*choice.of(CHANNEL_SETS[1:])))
            case 5:
                self.is_triaged(choice, reason=Reason.OPTED_OUT)
            case 6:
                self.is_triaged(choice, reason=Reason.DUPLICATE)
            case 7:
                self.is_triaged(choice, reason=Reason.DUPLICATE, stale=True)
            case 8 | 9:
                self.is_triaged(choice)
            case 10:
                self.changes_to(CampaignState.ENDED)
            case 11 if self.requests:
                self.hear(delivered(self.requests[-1], Delivery.COMPLAINED))
            case _:
                pass

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
        self.hear(woke(0, self.now))


HAPPENINGS = [
    happening
    for happening, weight in {
        Surroundings.the_newest_timer_fires: 6,
        Surroundings.an_older_timer_fires: 2,
        Surroundings.time_passes: 3,
        Surroundings.a_gateway_sends: 4,
        Surroundings.a_gateway_refuses: 3,
        Surroundings.a_gateway_is_late_again_and_again: 1,
        Surroundings.a_provider_tells: 2,
        Surroundings.the_contact_stays_silent: 2,
        Surroundings.the_contact_talks: 7,
        Surroundings.the_contact_chooses_a_slot: 4,
        Surroundings.the_contact_writes: 3,
        Surroundings.the_agent_reads: 4,
        Surroundings.a_reading_comes_again: 1,
        Surroundings.the_calendar_answers: 4,
        Surroundings.the_campaign_pauses_or_goes_on: 1,
        Surroundings.something_rare_happens: 3,
    }.items()
    for _ in range(weight)
]


def play(story: Iterable[int]) -> None:
    """Let it all happen to one contact after another. Raises AssertionError with what was broken."""
    surroundings = Surroundings()
    for number in story:
        surroundings.happens(number)


def a_story(seed: int, length: int) -> list[int]:
    """Always the same one for a seed."""
    chance = Random(seed)
    return [chance.getrandbits(40) for _ in range(length)]
