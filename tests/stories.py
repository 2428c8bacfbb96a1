"""One contact's story, told in order, and how most stories begin."""

from datetime import datetime, timedelta

from services.orchestrator.sequence import step
from services.orchestrator.state import World
from shared.events import DecisionMade, MessageRequested, OutcomeRecorded, Output, WakeAt
from shared.outcomes import Outcome
from shared.words import BookingState, CampaignState, Channel, Intent, Refusal, Result
from tests.sequences import (
    A_WORLD,
    HOUR,
    NOW,
    STRANGER,
    TEXT_CHANNELS,
    a_calendar,
    a_campaign,
    at,
    received,
    refused,
    sent,
    settled,
    triaged,
    understood,
    woke,
)

WHATSAPP, SMS, EMAIL = Channel.WHATSAPP, Channel.SMS, Channel.EMAIL
PAUSED = World(a_campaign(state=CampaignState.PAUSED), (a_calendar(),))
ENDED = World(a_campaign(state=CampaignState.ENDED), (a_calendar(),))


class Story:
    """One contact, told in order; `now` moves with the timers."""

    def __init__(self, world: World = A_WORLD, now: datetime = NOW) -> None:
        self.world, self.now = world, now
        self.sequence = STRANGER
        self.timers: dict[int, datetime] = {}
        self.last: list[Output] = []
        self.requests: list[MessageRequested] = []

    def hear(self, fact, *, after: timedelta = timedelta()) -> "Story":
        self.now += after
        return self._take(at(fact, self.now))

    def start(self, *channels: Channel, **changes) -> "Story":
        """The contact is in the pool, and its first timer fires."""
        self.hear(triaged(channels or TEXT_CHANNELS, **changes))
        return self.look_again()

    def look_again(self) -> "Story":
        return self.hear(woke(0, self.now))

    def wake(self, *, late: timedelta = timedelta()) -> "Story":
        """The newest plan's timer fires."""
        due = self.timers.pop(self.sequence.plan)
        self.now = max(self.now, due)
        fact = woke(self.sequence.plan, due)
        self.now += late
        return self._take(fact)

    def write(self, intent: Intent, *, after: timedelta = HOUR, channel=None, **reading) -> "Story":
        """The contact writes and is understood; where we wrote last, unless told otherwise."""
        number = self.sequence.received + 1
        channel = channel or self.sequence.touch.message.channel
        self.hear(received(number, channel), after=after)
        return self.hear(understood(number, channel, intent, **reading))

    def deliver(self, result: Result = Result.ACCEPTED, **more) -> "Story":
        """The gateway takes the last request, or does not."""
        return self.hear(sent(self.request, result, **more))

    def refuse(self, refusal: Refusal, busy_until: datetime | None = None) -> "Story":
        return self.hear(refused(self.request, refusal, busy_until))

    @property
    def request(self) -> MessageRequested:
        """The message that was asked for last."""
        return self.requests[-1]

    @property
    def decision(self) -> DecisionMade:
        return self.of(DecisionMade)[-1]

    @property
    def outcome(self) -> tuple[Outcome, str]:
        [outcome] = self.of(OutcomeRecorded)
        return outcome.code, outcome.reason

    def of(self, kind):
        return [one for one in self.last if isinstance(one, kind)]

    @property
    def due(self) -> datetime:
        return self.timers[self.sequence.plan]

    def _take(self, fact) -> "Story":
        self.sequence, self.last = step(self.sequence, fact, self.now, self.world)
        self.timers |= {one.plan: one.at for one in self.of(WakeAt)}
        self.requests += self.of(MessageRequested)
        return self


def opened(*channels: Channel) -> Story:
    """The first opener was accepted."""
    return Story().start(*channels).deliver()


def offered() -> Story:
    """Slots were offered and seen."""
    return opened().write(Intent.INTERESTED).deliver()


def wanting() -> Story:
    """The contact chose the first slot."""
    story = offered()
    return story.write(Intent.CONFIRM_YES, slot=story.sequence.offered[0])


def booked() -> Story:
    story = wanting()
    return story.hear(settled(BookingState.CONFIRMED, story.sequence.wanted)).deliver()


def ended_without_an_answer() -> Story:
    return opened(SMS).wake()
