"""The properties of a sequence are only worth something if they notice when they are broken.

Each case alters one line of the core and expects the run to fail, and for the reason named.
"""

from types import FunctionType
from typing import NamedTuple

import pytest

from services.orchestrator import (
    calls,
    conversation,
    endings,
    journal,
    ladder,
    memory,
    overdue,
    sending,
    sequence,
    slots,
    speech,
)
from tests.mutants import planted
from tests.property.happenings import play_seeded

STORIES_MAX = 800  # of this length; most bugs are noticed in the first ten
LENGTH = 60


class Bug(NamedTuple):
    """In this function, `old` becomes `new`; the failure says `noticed`."""

    function: FunctionType
    old: str
    new: str
    noticed: str


BUGS = {
    "an old timer acts": Bug(
        sequence._woke,
        "fact.plan not in (0, state.plan)",
        "False",
        "an older plan's timer|one touch at a time",
    ),
    "a reply leaves the plan as it is": Bug(
        memory._noticed, "waiting=None, ", "", "a reply drops every plan"
    ),
    "nobody watches over the reading": Bug(
        sequence._listen,
        "return Decision(",
        "return None and Decision(",
        "a reply drops every plan",
    ),
    "a wait has no timer": Bug(
        journal.told,
        "case Wait():\n            return _timer(state)",
        "case Wait():\n            return ()",
        "nobody is forgotten",
    ),
    "an answer goes before the newest reply is read": Bug(
        conversation.respond, "state.unread and not urgent(reading)", "False", "is unread"
    ),
    "a gap is read over": Bug(
        memory._read, "while heard + 1 in ahead:", "while heard < max(ahead):", "without a gap"
    ),
    "what was received counts as heard": Bug(
        journal._request, "heard=state.heard", "heard=state.received", "without a gap"
    ),
    "a reading acts twice": Bug(
        memory._read, "reading.number <= state.heard or", "", "one touch at a time"
    ),
    "a machine's reply ends the patience": Bug(
        conversation._leave_it, "until = max(before.until, now)", "until = now", "patience"
    ),
    "a request is not waited for": Bug(
        speech._request,
        'Waiting(patience_ends, Then.GO_ON, "silent")',
        'Waiting(now, Then.GO_ON, "silent")',
        "a request has its timer",
    ),
    "a promise is forgotten": Bug(
        ladder.go_on, "if promise is None:", "if True:", "nothing comes before a promise"
    ),
    "a callback comes early": Bug(
        ladder.go_on, "if now < promise.at:", "if False:", "nothing comes before a promise"
    ),
    "a callback falls on a Sunday": Bug(
        conversation._promise,
        "working_time(day, state.standing.zones)",
        "day",
        "outside working hours",
    ),
    "not now is answered on the next channel": Bug(
        speech._request, "Then.CHOOSE_DAY", "Then.GO_ON", "not now is no reason"
    ),
    "the contact rules are not kept": Bug(
        speech.permitted_from,
        "return first if verdict.verdict is Weight.ALLOW else verdict.next_allowed",
        "return first",
        "only what is permitted",
    ),
    "the touches of the day are forgotten": Bug(
        memory._attempted,
        "return {**before, fact.plan: its}",
        "return {}",
        "only what is permitted",
    ),
    "a channel opens before triage lets it": Bug(
        ladder._look, "channel not in standing.opens", "False", "only open channels"
    ),
    "a bounced address is used again": Bug(
        ladder._look, "channel in state.dropped", "False", "only channels that work"
    ),
    "the same channel is opened again and again": Bug(
        ladder._look, "channel in state.used", "False", "each channel is opened once"
    ),
    "the policy's bound is not kept": Bug(
        speech.spent, "state.touches >= ", "state.touches < 0 and ", "the messages are bounded"
    ),
    "a refusal is repeated for ever": Bug(
        sending._again, "state.repeats > REPEATS_MAX", "False", "repeats are bounded"
    ),
    "the conversation begins without an opener": Bug(
        speech.talks_on, "channel in state.used and ", "", "an opener"
    ),
    "a refused line is said again after the end": Bug(
        sending.sent, "if not state.open and", "if False and", "after an outcome"
    ),
    "any outcome replaces any other": Bug(
        endings.end, "not supersedes(code, state.outcome)", "False", "the rank only rises"
    ),
    "an outcome keeps its number": Bug(
        memory._done, "revision=state.revision + 1", "revision=1", "the next revision"
    ),
    "a call survives a no": Bug(
        endings.end, "if call and", "if False and", "a call that is outranked is given up"
    ),
    "a call is confirmed after a no": Bug(
        calls.settled, "if final(state)", "if False", "a call that is outranked is given up"
    ),
    "an opt-out is confirmed twice": Bug(
        conversation._farewell, "state.farewell or", "", "confirmed once"
    ),
    "an opt-out is confirmed on SMS": Bug(
        conversation._farewell, " or channel not in CONFIRMS_OPT_OUT", "", "the carrier confirms"
    ),
    "a pause does not pause": Bug(
        speech.say, "if campaign.paused:", "if False:", "in a pause nothing"
    ),
    "what is overdue is said": Bug(
        overdue._held,
        "if message.purpose not in SERVICE_PURPOSES",
        "if False",
        "asks for no message",
    ),
    "what is overdue is said in the morning": Bug(
        overdue._held, "if _writes(waiting)", "if False", "makes no plans"
    ),
    "what is overdue is said when nobody resumes": Bug(
        sequence._look, "fact.plan == 0 and waiting and waiting.held", "state.held", "for a person"
    ),
    "what is overdue and early is said at once": Bug(
        overdue.released, "if now < held.until", "if False", "patience"
    ),
    "a gateway finds it overdue, and it is said again": Bug(
        sending.sent,
        "hold(again, now) if fact.refusal is Refusal.OVERDUE else ",
        "",
        "waits for a person",
    ),
    "two messages leave at once": Bug(
        conversation.speak,
        "*say(state, message, now, campaign)",
        "*say(state, message, now, campaign), *say(state, message, now, campaign)",
        "one touch at a time",
    ),
    "slots are drawn by chance": Bug(
        slots._one_of,
        'uuid5(contact_id, f"slot/{n}").int % len(day)',
        "__import__('random').randrange(len(day))",
        "the same again",
    ),
}


@pytest.mark.parametrize("name", BUGS)
def test_the_properties_notice_when(name) -> None:
    bug = BUGS[name]
    with planted(bug.function, bug.old, bug.new), pytest.raises(AssertionError, match=bug.noticed):
        play_seeded(STORIES_MAX, LENGTH)
