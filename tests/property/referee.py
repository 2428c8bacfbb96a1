"""What must hold of a contact's story, judged from what was heard and said alone.

The referee keeps its own, simpler account: it shares no code with the sequences but the rules.
"""

from datetime import datetime, timedelta
from itertools import pairwise

from services.orchestrator.policy import Campaign
from services.orchestrator.workdays import working_time
from shared.events import (
    BookingSettled,
    ContactSuppressed,
    ContactTriaged,
    DecisionMade,
    MessageDelivered,
    MessageRequested,
    MessageSent,
    OutcomeRecorded,
    ReplyReceived,
    ReplyUnderstood,
    WakeAt,
    Woke,
)
from shared.outcomes import Outcome, supersedes
from shared.rules.knowing import read_facts
from shared.rules.loading import rules_in_force
from shared.rules.verdict import Weight
from shared.rules.whoever import judge_whoever, opens_for_whoever
from shared.words import (
    SERVICE_PURPOSES,
    BookingState,
    Channel,
    Delivery,
    Intent,
    Openness,
    Purpose,
    Refusal,
    Result,
)

PASSING = {
    Refusal.ADDRESS_BUSY, Refusal.LATE, Refusal.STALE_VIEW, Refusal.PAUSED, Refusal.NEWER_REPLY,
    Refusal.OVERDUE,
}  # fmt: skip
WAITS_FOR_NO_PERSON = {"promised", "goes_on", "the_contact_wrote", "suppressed"}
LOST = {Delivery.FAILED, Delivery.BOUNCED}
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
OVERDUE = 6 * HOUR


class Referee:
    """Hears what the sequence hears, then judges what it says."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.now: datetime | None = None
        self.late = False  # what was heard last came long after it happened
        self.held = False  # what is to be said next is overdue
        self.triaged: ContactTriaged | None = None
        self.requests: dict[int, MessageRequested] = {}
        self.refused: set[int] = set()  # plans whose request was refused
        self.passed: set[int] = set()  # and only in passing
        self.in_a_row = 0  # passing refusals
        self.open: MessageRequested | None = None
        self.undisturbed: datetime | None = None  # nothing unasked before then
        self.before_the_reply: datetime | None = None
        self.by_machine = True  # all that was written since
        self.promise: datetime | None = None
        self.kept: datetime | None = None  # the last promise that was kept
        self.asked_when = False  # not now, said the contact, and has not said when
        self.useless: set[Channel] = set()
        self.numbers: set[int] = set()
        self.received = 0
        self.wrote: tuple[Channel, datetime] | None = None
        self.outcomes: list[OutcomeRecorded] = []
        self.cancelled = False
        self.plan = 0
        self.attempts: dict[int, dict[str, object]] = {}  # what came unasked, by plan

    # What was heard.

    def hear(self, fact, now: datetime) -> None:
        self.now, self.late = now, now - fact.time > OVERDUE
        self._hear_of_overdue(fact)
        match fact:
            case ContactTriaged():
                newer = self.triaged is None or fact.revision > self.triaged.revision
                self.triaged = fact if newer else self.triaged
            case ContactSuppressed(everything=False):
                self.useless |= set(fact.channels)
            case MessageSent(result=Result.REFUSED):
                self._refused(fact)
            case MessageSent():
                self._left(fact)
            case MessageDelivered(delivery=delivery) if delivery in LOST:
                self._lost(fact)
            case ReplyReceived():
                self._wrote(fact.number, fact.channel, fact.time)
            case ReplyUnderstood():
                self._wrote(fact.number, fact.channel, fact.time)
                self._understood(fact)
            case BookingSettled(state=BookingState.CANCELLED):
                self.cancelled = True
            case BookingSettled(state=BookingState.TAKEN):
                self.undisturbed = None  # the contact waits for an answer to its own wish
            case _:
                pass

    def _hear_of_overdue(self, fact) -> None:
        match fact:
            case MessageSent(refusal=Refusal.OVERDUE):
                self.held |= fact.plan == self.plan
            case Woke(plan=0) if not self.late:  # a person has resumed the campaign
                self.held = False
            case BookingSettled(state=BookingState.TAKEN) if not self.late:
                self.held = False
            case _:
                pass

    @property
    def heard(self) -> int:
        """The highest number read without a gap."""
        return next(n for n in range(len(self.numbers) + 1) if n + 1 not in self.numbers)

    def _refused(self, fact: MessageSent) -> None:
        self.refused.add(fact.plan)
        if fact.refusal is Refusal.PROVIDER_REFUSED:
            self.useless.add(fact.channel)
        later = fact.refusal is Refusal.NOT_PERMITTED and fact.busy_until is not None
        if (later or fact.refusal in PASSING) and fact.plan in self.requests:
            self.passed.add(fact.plan)
            self.in_a_row += fact.plan == max(self.requests)
        if fact.purpose is Purpose.CALLBACK:
            self.promise = self.kept
        if self.open and self.open.plan == fact.plan:
            self.open, self.undisturbed, self.asked_when = None, None, False

    def _left(self, fact: MessageSent) -> None:
        self.in_a_row = 0
        its = {"channel": fact.channel.value, "at": fact.reserved_at or fact.time}
        if not fact.is_answer and fact.purpose not in SERVICE_PURPOSES:
            self.attempts.setdefault(fact.plan, its)

    def _lost(self, fact: MessageDelivered) -> None:
        if self.wrote and self.wrote[0] is fact.channel:
            return
        self.useless.add(fact.channel)
        if self.open and self.open.channel is fact.channel:
            self.open, self.undisturbed = None, None

    def _wrote(self, number: int, channel: Channel, at: datetime) -> None:
        if number <= self.received:
            return
        if self.received == self.heard:
            self.before_the_reply, self.by_machine = self.undisturbed, True
        self.received, self.wrote, self.held = number, (channel, at), False
        self.open, self.undisturbed, self.asked_when = None, None, False

    def _understood(self, fact: ReplyUnderstood) -> None:
        if fact.number in self.numbers:
            return
        self.numbers.add(fact.number)
        self.by_machine &= fact.intent is Intent.AUTO_REPLY
        if self.by_machine and self.heard == self.received:  # nobody was reached
            back = fact.when.start if fact.when else self.now
            self.undisturbed = max(back, self.before_the_reply or self.now)

    # What was said.

    def judge(self, said, *, paused: bool) -> None:
        for one in said:
            match one:
                case MessageRequested():
                    self._judge_request(one, paused=paused)
                case OutcomeRecorded():
                    self._judge_outcome(one)
                case WakeAt():
                    assert one.plan >= self.plan, "an older plan is never taken up again"
                    self.plan = one.plan
                case DecisionMade(verdict="call_back", candidates=(promised,)):
                    self.promise, self.asked_when = datetime.fromisoformat(promised.why), False
                    kept = working_time(self.promise, self.triaged.zones)
                    assert kept == self.promise, "nobody is called back outside working hours"
                case _:
                    pass
        timers = {one.plan: one.at for one in said if isinstance(one, WakeAt)}
        for request in (one for one in said if isinstance(one, MessageRequested)):
            if request.purpose not in SERVICE_PURPOSES:
                assert timers[request.plan] >= request.answer_until, "a request has its timer"
        assert not said or isinstance(said[-1], DecisionMade), "what is done is in the journal"
        if said and self.late:
            self._judge_plans(said[-1])

    def _judge_plans(self, late: DecisionMade) -> None:
        self.held |= late.why == "overdue"
        plans = late.verdict == "wait" and late.why not in WAITS_FOR_NO_PERSON
        assert self.held or self.outcomes or not plans, "what comes too late makes no plans"

    def _judge_request(self, request: MessageRequested, *, paused: bool) -> None:
        service = request.purpose in SERVICE_PURPOSES
        assert not paused, "in a pause nothing is asked for"
        assert request.plan > self.plan, "each request has a plan of its own"
        assert request.heard == self.heard, "it names the highest number read without a gap"
        assert not self.outcomes or service, "after an outcome only service lines leave"
        self._judge_channel(request)
        self._judge_rules(request)
        if service:
            self._judge_service(request)
        else:
            self._judge_conversation(request)
            self.open, self.undisturbed = request, request.answer_until
        self.requests[request.plan] = request
        self.plan = request.plan
        if request.purpose is Purpose.CALLBACK:
            self.kept, self.promise = self.promise, None

    def _judge_conversation(self, request: MessageRequested) -> None:
        assert not self.late, "what comes too late asks for no message"
        assert not self.held, "what is overdue waits for a person"
        assert self.open is None or self.now >= self.open.answer_until, "one touch at a time"
        assert self.received == self.heard, "nothing is said while something is unread"
        assert self.undisturbed is None or self.now >= self.undisturbed, "patience"
        if request.purpose is Purpose.OPENER:
            assert not self.asked_when, "not now is no reason to try another channel"
            assert not self.promise or self.now >= self.promise, "nothing comes before a promise"
            assert request.channel not in self._opened(), "each channel is opened once"
        if request.purpose is Purpose.CALLBACK:
            assert self.promise is not None, "nobody is called back without a promise"
            assert self.now >= self.promise, "nothing comes before a promise"
        self.asked_when = request.purpose is Purpose.ASK_WHEN
        met = {one.channel for one in self.requests.values()}
        if request.purpose is not Purpose.OPENER:
            assert request.channel in met, "the first line on a channel is an opener"

    def _opened(self) -> set[Channel]:
        """Where an opener left, or may have."""
        requests = self.requests.values()
        openers = (one for one in requests if one.purpose is Purpose.OPENER)
        return {one.channel for one in openers if one.plan not in self.refused}

    def _judge_channel(self, request: MessageRequested) -> None:
        if request.purpose is Purpose.CONFIRM_OPT_OUT:
            return
        its = self.triaged.channels[request.channel]
        assert its.openness is not Openness.CLOSED, "only open channels"
        assert its.opens_at is None or its.opens_at <= self.now, "only when they are open"
        assert request.channel not in self.useless, "only channels that work"

    def _judge_rules(self, request: MessageRequested) -> None:
        service = request.purpose in SERVICE_PURPOSES
        channel, wrote_at = self.wrote or (None, None)
        answers = channel is request.channel and request.purpose is not Purpose.OPENER
        given = {
            **self.triaged.facts,
            "channel": request.channel.value,
            "purpose": "service" if service else "marketing",
            "script_signed": True,
            "disclosure_first": True,
            "attempts": [] if service else list(self.attempts.values()),
        }
        if channel:
            wrote = {"channel": channel.value, "at": wrote_at, "same_matter": answers}
            given["last_inbound"] = wrote
        facts, rules = read_facts(given), rules_in_force()
        if service:
            assert opens_for_whoever(facts, self.now, rules) == self.now, "never in quiet hours"
        else:
            verdict = judge_whoever(facts, self.now, rules)
            assert verdict.verdict is Weight.ALLOW, f"only what is permitted: {verdict.rules}"

    def _judge_service(self, request: MessageRequested) -> None:
        assert self.outcomes, "service lines come after the end"
        code = self.outcomes[-1].code
        confirmed = [one.purpose for one in self.requests.values() if one.plan not in self.passed]
        if request.purpose is Purpose.CONFIRM_OPT_OUT:
            assert request.channel is not Channel.SMS, "on SMS the carrier confirms"
            assert request.purpose not in confirmed, "an opt-out is confirmed once"
        else:
            assert code is not Outcome.OPTED_OUT, "an opt-out is for good"
        if request.purpose is Purpose.CONFIRM_BOOKING:
            assert code is Outcome.BOOKED, "only who has a call is told of one"

    def _judge_outcome(self, outcome: OutcomeRecorded) -> None:
        self.outcomes.append(outcome)
        assert outcome.revision == len(self.outcomes), "each outcome is the next revision"
        for former, later in pairwise(self.outcomes[-2:]):
            withdrawn = former.code is Outcome.BOOKED and self.cancelled
            assert withdrawn or supersedes(later.code, former.code), "the rank only rises"
            assert former.code is not Outcome.OPTED_OUT, "an opt-out is for good"

    def judge_bounds(self) -> None:
        counted = [
            plan
            for plan, request in self.requests.items()
            if request.purpose not in SERVICE_PURPOSES and plan not in self.passed
        ]
        assert len(counted) <= self.campaign.policy.plans_max, "the messages are bounded"
        if not self.outcomes:
            assert self.in_a_row <= 13, "repeats are bounded"
