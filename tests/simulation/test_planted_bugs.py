"""The worlds are only worth something if they notice a broken rule: each bug here is found.

A bug alters one line: of the product's own pure code, or of what stands for its transactions here.
"""

from types import FunctionType
from typing import NamedTuple

import pytest

from services.agent import handlers as agent
from services.agent import known
from services.booking import handlers as booking
from services.channels import looking, reserving, touching
from services.orchestrator import conversation, endings, journal, memory, sequence
from tests.mutants import planted
from tests.simulation import (
    bus,
    database,
    edge,
    gateway,
    hearing,
    knowing,
    sending,
    settling,
)
from tests.simulation.judge import faults_of


class Bug(NamedTuple):
    """In this function `old` becomes `new`; within so many worlds a fault says `noticed`.

    There is room in the number: worlds change with the code that they play.
    """

    function: FunctionType
    old: str
    new: str
    worlds: int
    noticed: str


BUGS = {
    # The last look.
    "who asked for silence is written to": Bug(
        reserving.not_suppressed, "if not listed:", "if True:", 90, "sent_after_an_opt_out"
    ),
    "a newer reply is overlooked": Bug(
        reserving.every_reply_was_heard,
        "view.contact.replies <= view.request.heard",
        "True",
        20,
        "sent_over_a_newer_reply",
    ),
    "what may have been accepted is said again": Bug(
        settling.settle,
        "isinstance(answer, NotMade) and touch.state == State.RESERVED:\n"
        "        _take_back(tx, touch, answer.seconds, now)",
        "not isinstance(answer, Late) and touch.state == State.RESERVED:\n"
        "        _take_back(tx, touch, 1.0, now)",
        20,
        "a_plan_is_called_once",
    ),
    "a second touch is opened": Bug(
        reserving.nothing_is_open, "if not open_until:", "if True:", 10, "one_touch_of"
    ),
    "unsigned words are sent": Bug(
        reserving.line_is_signed, "is_signed(line) and", "", 30, "only_signed_lines"
    ),
    "old knowledge is good enough": Bug(
        reserving._behind,
        "view.age_seconds > VIEW_SECONDS_MAX",
        "False",
        90,
        "knowledge_on_the_bus",
    ),
    "only the contact's own lane has to be fresh": Bug(
        looking.Desk.view,
        "subjects = [row.contact_id, row.campaign_id, *sharers]",
        "subjects = [row.contact_id]",
        90,
        "knowledge_on_the_bus",
    ),
    # Reserve, call, settle.
    "a late call is made all the same": Bug(
        sending.Sender.say, "<= LATE_SECONDS", ">= 0", 20, "a_call_follows_its_reservation"
    ),
    "a reservation does not keep others from calling": Bug(
        sending.Sender.waiting,
        "if self.tx.touch_for(row.contact_id, row.plan) is None",
        "",
        10,
        "nothing_is_said_twice",
    ),
    "nobody watches over a reservation": Bug(
        sending.Sender.write_touch, "self.knowledge.arm(", "(", 30, "a_touch_is_settled"
    ),
    "what was accepted is taken for unknown": Bug(
        touching._grown,
        "max(known.state, state, key=ORDER.index)",
        "state",
        20,
        "what_was_accepted_stays_so",
    ),
    # What comes in.
    "a reply that comes again is taken again": Bug(
        hearing.receive, "if heard.provider_id in tx.inbound:", "if False:", 20, "said_twice"
    ),
    "a webhook is answered before it is committed": Bug(
        edge._webhook, 'yield "webhook heard"', 'answer(); yield "webhook heard"', 80, "every_word"
    ),
    "an address is not put on the list with its contact": Bug(
        gateway.suppress, "for one in sorted(hashes) if", "for one in () if", 40, "an_opt_out"
    ),
    "a doubt holds only whoever wrote": Bug(
        knowing.on_reading, "*tx.holders(said_from), ", "", 40, "opted_out"
    ),
    "a status goes down": Bug(
        touching._grown, "max(known.status_rank, rank)", "rank", 10, "only_rises"
    ),
    # The machinery.
    "what is said is forgotten before it is published": Bug(
        bus.relaying,
        'yield "outbox read"',
        'database.outbox.clear(); yield "outbox read"',
        10,
        "was not published",
    ),
    "the newest is published first": Bug(
        bus.relaying,
        "sorted(database.outbox)",
        "sorted(database.outbox, reverse=True)",
        10,
        "was not published as it was said",
    ),
    "what is known is applied again": Bug(
        database.Group.take, "if self._is_new(event)", "", 20, "said_twice"
    ),
    "timers are forgotten when they are seen": Bug(
        bus.waking,
        'yield "timers seen"',
        'group.timers.clear(); yield "timers seen"',
        10,
        "everybody_is_awaited",
    ),
    # One contact, one sequence.
    "an old timer acts": Bug(
        sequence._woke, "fact.plan not in (0, state.plan)", "False", 10, "one touch at a time"
    ),
    "a reply leaves the plan as it is": Bug(
        memory._noticed, "waiting=None, ", "", 40, "while something is unread"
    ),
    "a wait has no timer": Bug(
        journal.told,
        "case Wait():\n            return _timer(state)",
        "case Wait():\n            return ()",
        10,
        "everybody_is_awaited",
    ),
    "any outcome replaces any other": Bug(
        endings.end, "not supersedes(code, state.outcome)", "False", 10, "the rank only rises"
    ),
    "an opt-out is confirmed twice": Bug(
        conversation._farewell, "state.farewell or", "", 60, "an opt-out is confirmed once"
    ),
    # Agent and booking.
    "only the first reply is read": Bug(
        agent.Agent.understand,
        '"heard": reply.number, "quote": seal',
        '"quote": seal',
        20,
        "understood_in_order",
    ),
    "a reply is read before its touch is known": Bug(
        known.Knowledge.suffices,
        "return known or reply.touch_id is None",
        "return True",
        30,
        "a_reply_is_read_after_the_touch",
    ),
    "a slot is given twice": Bug(booking.Calendar.settle, "gone or", "", 60, "a second call"),
}


@pytest.mark.parametrize("name", BUGS)
def test_the_worlds_notice_when(name):
    bug = BUGS[name]
    with planted(bug.function, bug.old, bug.new):
        assert any(_notices(seed, bug) for seed in range(bug.worlds))


def _notices(seed, bug):
    return any(bug.noticed in fault for fault in faults_of(seed))
