"""Whatever comes, in whatever order: the promises of a sequence hold."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.orchestrator.sequence import step
from services.orchestrator.state import World
from services.orchestrator.store import STATE
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

PLACES = st.sampled_from(
    [
        ("LT", ("Europe/Vilnius",)),
        ("US", ("America/New_York", "America/Los_Angeles")),
        ("WS", ("Pacific/Apia",)),
        ("FR", ("Europe/Paris",)),
        ("", ()),
    ]
)
CHANNELS = st.sets(st.sampled_from(TEXT_CHANNELS), min_size=1)
CHANNEL = st.sampled_from(TEXT_CHANNELS)
GOES_ON = (
    Intent.INTERESTED, Intent.BOOK_CALL, Intent.QUESTION, Intent.NOT_NOW, Intent.AUTO_REPLY,
    Intent.OTHER, Intent.CONFIRM_YES, Intent.CONFIRM_NO, Intent.ARE_YOU_A_BOT,
)  # fmt: skip
DELIVERIES = st.sampled_from(
    [*[Delivery.SENT, Delivery.DELIVERED, Delivery.READ] * 2, Delivery.FAILED, Delivery.BOUNCED]
)
SUPPRESSIONS = st.sampled_from([*[Suppression.GO] * 8, Suppression.HOLD, Suppression.SUPPRESS])
SURE = st.sampled_from([0.9, 0.9, 0.3])
DAYS = st.sampled_from([None, None, -1, 2, 6, 20])
DELAYS = st.sampled_from([timedelta(0), timedelta(minutes=5), HOUR, 5 * HOUR, 13 * HOUR])
LATE = st.sampled_from([*[timedelta(0)] * 6, timedelta(minutes=30), 7 * HOUR])
REFUSALS = st.sampled_from(list(Refusal))
PLANS_MAX = 4


class SequenceMachine(RuleBasedStateMachine):
    """The world around one contact: it may do anything, and repeat itself."""

    @initialize(channels=CHANNELS, place=PLACES, start=DELAYS)
    def begin(self, channels, place, start) -> None:
        policy = a_campaign().policy.model_copy(update={"plans_max": PLANS_MAX})
        self.campaign = a_campaign(policy=policy)
        self.calendar = (a_calendar(days=90, hours=range(0, 24, 2)),)
        self.referee = Referee(self.campaign)
        self.sequence, self.now = STRANGER, NOW + start
        self.timers = {}
        self.unsettled: list[MessageRequested] = []
        self.requests: list[MessageRequested] = []
        self.bookings: list[BookingRequested] = []
        self.offered: list = []
        self.call = None
        self.written: list[Channel] = []  # each reply, by number
        self.unread: list[int] = []
        self.revision = 0
        self.place = place
        self.triage(channels)
        self.hear(woke(0, self.now))

    # What happens.

    def hear(self, fact) -> None:
        fact = fact if fact.topic == "woke" else at(fact, self.now)
        world = World(self.campaign, self.calendar)
        before = self.sequence
        self.referee.hear(fact, self.now)
        self.sequence, said = step(before, fact, self.now, world)
        assert (self.sequence, said) == step(before, fact, self.now, world), "the same again"
        kept = STATE.dump_json(self.sequence, exclude_defaults=True)
        assert STATE.validate_json(kept) == self.sequence, "what is kept is what was remembered"
        self.referee.judge(said, paused=self.campaign.paused)
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

    def triage(self, channels, *, reason=None, stale=False) -> None:
        self.revision += not stale
        country, zones = self.place
        self.hear(
            triaged(channels, revision=self.revision, reason=reason, country=country, zones=zones)
        )

    @precondition(lambda self: self.sequence.plan in self.timers)
    @rule(late=LATE)
    def the_newest_timer_fires(self, late) -> None:
        due = self.timers.pop(self.sequence.plan)
        self.now = max(self.now, due) + late
        self.hear(woke(self.sequence.plan, due))

    @precondition(lambda self: self.sequence.plan > 1)
    @rule(ago=st.integers(1, 6))
    def an_older_timer_fires(self, ago) -> None:
        before, plan = self.sequence, max(1, self.sequence.plan - ago)
        self.hear(woke(plan, self.now))
        assert self.sequence is before, "an older plan's timer is stale"

    @rule(delay=DELAYS)
    def time_passes(self, delay) -> None:
        """But no timer is passed over."""
        self.now = min([self.now + delay, *(due for due in self.timers.values() if due > self.now)])

    @precondition(lambda self: self.unsettled)
    @rule(known=st.booleans())
    def the_gateway_takes_the_newest(self, known) -> None:
        result = Result.ACCEPTED if known else Result.UNKNOWN
        self.hear(sent(self.unsettled.pop(), result))

    @precondition(lambda self: self.unsettled)
    @rule(refusal=REFUSALS, busy=DELAYS, oldest=st.booleans())
    def a_gateway_refuses(self, refusal, busy, oldest) -> None:
        request = self.unsettled.pop(0 if oldest else -1)
        self.hear(refused(request, refusal, self.now + busy if busy else None))

    @precondition(lambda self: self.requests)
    @rule(delivery=DELIVERIES)
    def a_provider_tells(self, delivery) -> None:
        self.hear(delivered(self.requests[-1], delivery))

    @precondition(lambda self: self.unsettled)
    @rule(times=st.integers(1, 14))
    def the_gateway_is_late_again_and_again(self, times) -> None:
        for _ in range(times):
            if self.unsettled and self.sequence.open:
                self.hear(refused(self.unsettled.pop(), Refusal.LATE))
            if self.sequence.open and self.sequence.plan in self.timers:
                self.the_newest_timer_fires(late=timedelta(0))

    @rule(channel=CHANNEL, told=st.booleans())
    def the_contact_writes(self, channel, told) -> None:
        """Somewhere. The reading may come before the reply does."""
        self.writes(channel, told=told)

    @precondition(lambda self: self.requests)
    @rule(intent=st.sampled_from(GOES_ON), days=DAYS)
    def the_contact_talks(self, intent, days) -> None:
        """Where we wrote last, and everything is read at once."""
        self.writes(self.requests[-1].channel)
        while self.unread:
            self.is_read(intent, days=days)

    @precondition(lambda self: self.offered)
    @rule(nth=st.integers(0, 3))
    def the_contact_chooses_a_slot(self, nth) -> None:
        self.writes(self.requests[-1].channel)
        while self.unread:
            self.is_read(Intent.CONFIRM_YES, slot=self.offered[nth % len(self.offered)])

    def writes(self, channel, *, told=True) -> None:
        self.written.append(channel)
        self.unread.append(len(self.written))
        if told:
            was_open, plan = self.sequence.open, self.sequence.plan
            self.hear(received(len(self.written), channel))
            if was_open and self.sequence.open:
                assert self.sequence.plan > plan, "a reply drops every plan"

    @precondition(lambda self: self.unread)
    @rule(
        intent=st.sampled_from(Intent),
        suppression=SUPPRESSIONS,
        days=DAYS,
        sure=SURE,
        nth=st.sampled_from([0, 0, 0, -1]),
    )
    def the_agent_reads(self, intent, suppression, days, sure, nth) -> None:
        """In order, as a rule."""
        self.is_read(intent, nth, days=days, suppression=suppression, confidence=sure)

    def is_read(self, intent, nth=0, *, days=None, **reading) -> None:
        number = self.unread.pop(nth)
        when = self.now + days * DAY if days else None
        channel = self.written[number - 1]
        self.hear(understood(number, channel, intent, when=when, answer=TOPIC, **reading))

    @precondition(lambda self: len(self.written) > len(self.unread))
    @rule(intent=st.sampled_from(Intent))
    def a_reading_comes_again(self, intent) -> None:
        number = next(n for n in range(1, len(self.written) + 1) if n not in self.unread)
        self.hear(understood(number, self.written[number - 1], intent))

    @precondition(lambda self: self.bookings)
    @rule(free=st.booleans())
    def the_calendar_answers(self, free) -> None:
        asked = self.bookings.pop(0)
        if asked.slot is None and self.call is None:
            return
        state = BookingState.TAKEN
        if asked.slot is None:
            state, self.call = BookingState.CANCELLED, None
        elif free:
            state = BookingState.MOVED if self.call else BookingState.CONFIRMED
            self.call = asked.slot
        self.hear(settled(state, asked.slot, asked.plan))

    @rule(luck=st.integers(1, 40), channels=CHANNELS)
    def something_rare_happens(self, luck, channels) -> None:
        match luck:
            case 11 if self.call:
                self.call = None
                self.hear(settled(BookingState.CANCELLED, None))
            case 12:
                self.hear(suppressed())
            case 13 | 14:
                self.hear(suppressed(*sorted(channels)))
            case 15:
                self.triage(channels, reason=Reason.OPTED_OUT)
            case 16:
                self.triage(channels, reason=Reason.DUPLICATE)
            case 17:
                self.triage(channels, reason=Reason.DUPLICATE, stale=True)
            case 18 | 19:
                self.triage(channels)
            case 20:
                self.changes_to(CampaignState.ENDED)
            case 21 if self.requests:
                self.hear(delivered(self.requests[-1], Delivery.COMPLAINED))

    @rule(luck=st.integers(1, 12))
    def the_campaign_pauses(self, luck) -> None:
        if luck == 7 and self.campaign.state is CampaignState.LIVE:
            self.campaign = self.campaign.model_copy(update={"state": CampaignState.PAUSED})

    @precondition(lambda self: self.campaign.paused)
    @rule()
    def the_campaign_goes_on(self) -> None:
        self.changes_to(CampaignState.LIVE)

    def changes_to(self, state) -> None:
        self.campaign = self.campaign.model_copy(update={"state": state})
        self.hear(woke(0, self.now))

    # What always holds.

    @invariant()
    def an_open_sequence_waits_for_a_timer(self) -> None:
        live = self.sequence.plan in self.timers
        assert not self.sequence.open or self.campaign.paused or live, "nobody is forgotten"

    @invariant()
    def an_ended_one_was_told(self) -> None:
        code = self.referee.outcomes[-1].code if self.referee.outcomes else None
        assert self.sequence.outcome is code

    @invariant()
    def everything_is_bounded(self) -> None:
        self.referee.judge_bounds()


TestSequence = SequenceMachine.TestCase
TestSequence.settings = settings(
    max_examples=200,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
