"""What may happen to a contact, in any order and as wild as it gets, chosen by numbers.

A list of numbers is a story: it can be drawn, repeated and shortened.
"""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

from shared.words import (
    BookingState,
    CampaignState,
    Delivery,
    Intent,
    Reason,
    Refusal,
    Result,
    Suppression,
)
from tests.property.surroundings import CHANNEL_SETS, DELAYS, Choice, Surroundings
from tests.sequences import (
    HOUR,
    TEXT_CHANNELS,
    delivered,
    refused,
    sent,
    settled,
    suppressed,
    understood,
    woke,
)

GOES_ON = (
    Intent.INTERESTED, Intent.BOOK_CALL, Intent.QUESTION, Intent.NOT_NOW, Intent.AUTO_REPLY,
    Intent.OTHER, Intent.CONFIRM_YES, Intent.CONFIRM_NO, Intent.ARE_YOU_A_BOT,
)  # fmt: skip
INTENTS = (*GOES_ON, *GOES_ON, *Intent)
SUPPRESSIONS = (*[Suppression.GO] * 8, Suppression.HOLD, Suppression.SUPPRESS)
LATE = (*[timedelta(0)] * 12, timedelta(minutes=30), 7 * HOUR)
DAYS = (None, None, -1, 2, 5, 6, 20)
AFTER_THE_END_MAX = 6  # happenings, then another contact's story begins


class Anything(Surroundings):
    """One contact after another, to whom anything happens."""

    def happens(self, number: int) -> None:
        """One thing happens; what must hold still does."""
        choice = Choice(number)
        self.ended += self.sequence.outcome is not None
        if self.ended > AFTER_THE_END_MAX:
            self.begin(choice)
        else:
            self.late = choice.of(LATE)
            choice.of(HAPPENINGS)(self, choice)
        self.judge()

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
        """In order, mostly."""
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

    def the_contact_opts_out(self, choice: Choice) -> None:
        """And may say so twice."""
        for _ in range(choice.of((1, 2))):
            self.writes(self.requests[-1].channel if self.requests else choice.of(TEXT_CHANNELS))
            while self.unread:
                self.is_read(Intent.OPT_OUT, suppression=Suppression.SUPPRESS)

    # The calendar.

    def the_calendar_answers(self, choice: Choice) -> None:
        if not self.bookings:
            return
        asked = self.bookings.pop(
            choice.of((0, 0, -1))
        )  # giving up needs no contest, and is quicker
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

    def the_campaign_pauses_for_long(self, choice: Choice) -> None:
        """Timers come due meanwhile, and the contact may write."""
        if self.campaign.state is not CampaignState.LIVE:
            return
        self.campaign = self.campaign.model_copy(update={"state": CampaignState.PAUSED})
        if choice.once_in(2):
            self.the_contact_talks(choice)
        until = self.now + choice.of((5 * HOUR, 13 * HOUR, 38 * HOUR))
        while (due := self.timers.get(self.sequence.plan, until)) < until:
            self.now = max(self.now, due)
            del self.timers[self.sequence.plan]
            self.hear(woke(self.sequence.plan, due))
        self.now = max(self.now, until)
        self.changes_to(CampaignState.LIVE)

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


HAPPENINGS = [
    happening
    for happening, weight in {
        Anything.the_newest_timer_fires: 6,
        Anything.an_older_timer_fires: 2,
        Anything.time_passes: 3,
        Anything.a_gateway_sends: 4,
        Anything.a_gateway_refuses: 3,
        Anything.a_gateway_is_late_again_and_again: 1,
        Anything.a_provider_tells: 2,
        Anything.the_contact_stays_silent: 2,
        Anything.the_contact_talks: 7,
        Anything.the_contact_chooses_a_slot: 4,
        Anything.the_contact_writes: 3,
        Anything.the_agent_reads: 4,
        Anything.a_reading_comes_again: 1,
        Anything.the_calendar_answers: 4,
        Anything.the_contact_opts_out: 1,
        Anything.the_campaign_pauses_or_goes_on: 1,
        Anything.the_campaign_pauses_for_long: 1,
        Anything.something_rare_happens: 3,
    }.items()
    for _ in range(weight)
]


def play(story: Iterable[int]) -> None:
    """Let it all happen. Raises AssertionError with what was broken."""
    anything = Anything()
    for number in story:
        anything.happens(number)


def play_seeded(stories: int, length: int) -> None:
    """So many stories, always the same ones."""
    for seed in range(stories):
        chance = Random(seed)
        play(chance.getrandbits(40) for _ in range(length))
