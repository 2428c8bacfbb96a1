"""Providers that lie: what comes out of it in the end, and never two messages for one plan."""

from datetime import timedelta
from uuid import UUID

import pytest

from sandbox.acts import LATE, Reply
from sandbox.lies import CALLS, NOT_TAKEN
from sandbox.people import Answer
from sandbox.phrases import Situation
from services.channels.byhand import unknown_touches
from services.channels.store import REQUEST, TOUCH
from services.channels.touching import State
from shared.clock import utc_now
from shared.events import ContactSuppressed, MessageSent, ReplyReceived
from shared.words import Channel, Delivery, Refusal, Result
from tests.channels_world import ANN, BEN
from tests.examples import NOW
from tests.lying_world import lying, until

pytest_plugins = ("tests.channels_fixtures",)

HANGING = {"hang", "vanish", "drip"}
TAKEN = [lie for lie in CALLS if lie not in NOT_TAKEN]


@pytest.fixture
async def liar(world, tmp_path):
    async with lying(world, tmp_path) as liar:
        yield liar


# -- calls


@pytest.mark.parametrize("lie", [lie for lie in TAKEN if lie != "vanish"])
async def test_a_call_without_an_honest_answer_is_healed_by_its_callback(liar, lie):
    await liar.lie(**{lie: 1})
    await liar.ask()
    assert liar.accepted() == 1
    assert liar.results() == ([] if lie in HANGING else [Result.UNKNOWN])
    await liar.after(seconds=11)
    assert liar.results()[-1] == Result.ACCEPTED
    assert liar.deliveries() == [Delivery.SENT, Delivery.DELIVERED]
    await nothing_follows(liar)


@pytest.mark.parametrize("lie", TAKEN)
async def test_a_call_that_nobody_speaks_of_is_healed_by_a_look_up(liar, lie):
    await liar.lie(**{lie: 1, "lost": 1})
    await liar.ask()
    await liar.after(seconds=29)
    assert liar.results() == [Result.UNKNOWN]
    await liar.after(hours=1)
    assert liar.results() == [Result.UNKNOWN, Result.ACCEPTED]
    touch = liar.world.touch(ANN)
    assert (touch.state, touch.looked_up) == (State.ACCEPTED, 1)
    assert touch.provider_id == liar.sandbox.world.ledger.accepted()[0].id
    await nothing_follows(liar)


async def test_a_fault_before_acceptance_looks_like_one_after_it_and_waits_for_a_person(liar):
    await liar.lie(error_before=1)
    await liar.ask()
    await liar.lie()
    await liar.after(days=1)
    assert liar.accepted() == 0
    assert liar.results() == [Result.UNKNOWN]
    [unknown] = liar.world.edge.transact(unknown_touches)
    assert (unknown.contact_id, unknown.looked_up) == (ANN, 3)
    await nothing_follows(liar)


async def test_a_provider_that_asks_to_come_again_is_not_asked_sooner(liar):
    await liar.lie(busy=1)
    began = utc_now()
    liar.world.ask(ANN)
    liar.driver.nudge()
    await until(lambda: any(request.attempts for request in liar.world.rows(REQUEST)))
    await liar.lie()
    [request] = liar.world.rows(REQUEST)
    assert request.look_at >= began + timedelta(seconds=1), "Retry-After"
    assert liar.world.rows(TOUCH) == []
    await liar.driver.until_idle()
    assert utc_now() >= request.look_at
    assert liar.results() == [Result.ACCEPTED]
    await nothing_follows(liar)


async def nothing_follows(liar):
    """Nothing is left to do, and nothing is ever sent twice."""
    accepted, told = liar.accepted(), liar.results()
    await liar.after(days=4)
    assert liar.accepted() == accepted <= 1
    assert liar.results() == told
    assert liar.world.waiting() == []


# -- status callbacks

STATUSES = {
    "lost": [],
    "late": [Delivery.SENT, Delivery.DELIVERED],
    "doubled": [Delivery.SENT, Delivery.DELIVERED],
    "disordered": [Delivery.DELIVERED],
    "early": [Delivery.SENT, Delivery.DELIVERED],
    "contradicted": [Delivery.SENT, Delivery.DELIVERED],
}


@pytest.mark.parametrize("lie", STATUSES)
async def test_status_callbacks_may_come_as_they_like(liar, lie):
    await liar.lie(**{lie: 1})
    await liar.ask()
    await liar.after(seconds=100)
    if lie == "late":
        assert liar.deliveries() == []
    await liar.after(seconds=LATE.total_seconds() + 100)
    assert liar.results() == [Result.ACCEPTED]
    assert liar.deliveries() == STATUSES[lie]
    assert liar.accepted() == 1


async def test_a_callback_three_days_late_still_heals(liar):
    await liar.lie(hang=1, late=1)
    liar.sandbox.twilio.taken = NoList()
    await liar.ask()
    await liar.after(days=2)
    assert liar.results() == [Result.UNKNOWN]
    assert len(liar.world.edge.transact(unknown_touches)) == 1
    await liar.after(days=4)
    assert liar.results() == [Result.UNKNOWN, Result.ACCEPTED]


class NoList(list):
    """Forgets what it is told."""

    def append(self, _):
        pass


async def test_a_touch_that_hangs_keeps_others_away_from_its_contact(liar):
    await liar.lie(vanish=1)
    await liar.ask()
    await liar.lie()
    await liar.ask(plan=2, channel=Channel.EMAIL)
    await liar.ask(BEN)
    sent = liar.world.said(MessageSent)
    assert [(one.subject, one.refusal) for one in sent] == [
        (ANN, Refusal.ADDRESS_BUSY), (BEN, None),
    ]  # fmt: skip
    await liar.after(hours=1)
    assert liar.results() == [Result.REFUSED, Result.UNKNOWN, Result.ACCEPTED]


# -- what customers say


def say(liar, *words):
    """A customer's messages, one minute after another."""
    message = liar.sandbox.twilio.taken[-1][1]
    customer = liar.sandbox.world.customer_of(message.address)
    for n, text in enumerate(words, start=1):
        answer = Answer(text, timedelta(minutes=n), Situation.BUSY)
        liar.sandbox.world._plan(NOW + answer.after, Reply(message, customer, answer, f"{n:032x}"))


async def a_silent_conversation(liar, **lies):
    """A message went out, and its receiver says only what the test has them say."""
    await liar.lie(**lies)
    await liar.ask()
    statuses = [one for one in liar.sandbox.world._agenda if not isinstance(one[2], Reply)]
    liar.sandbox.world._agenda[:] = statuses


async def test_what_a_customer_says_twice_over_is_heard_once(liar):
    await a_silent_conversation(liar, inbound_doubled=1)
    say(liar, "Who is this?", "Hello?")
    await liar.after(hours=1)
    assert [reply.number for reply in liar.world.said(ReplyReceived)] == [1, 2]


async def test_what_comes_in_the_wrong_order_is_numbered_as_it_came(liar):
    await a_silent_conversation(liar, inbound_disordered=1)
    say(liar, "Stop", "No, wait")
    await liar.after(hours=1)
    replies = liar.world.said(ReplyReceived)
    assert [(reply.number, reply.provider_id[-1]) for reply in replies] == [(1, "2"), (2, "1")]
    assert [one.subject for one in liar.world.said(ContactSuppressed)] == [ANN]


async def test_webhooks_that_are_replayed_write_nothing_and_forged_ones_neither(liar):
    await a_silent_conversation(liar)
    say(liar, "How much is it?", "STOP")
    await liar.after(hours=1)
    before, calls = liar.everything(), len(liar.sandbox.webhooks.sent)
    assert calls == 4
    assert (await liar.client.client.post(f"{liar.client.url}/control/replay")).json() == (
        [200] * calls
    )
    assert liar.everything() == before
    assert (await liar.client.client.post(f"{liar.client.url}/control/forge")).json() == (
        [403] * calls
    )
    assert liar.everything() == before


# -- the stepped clock


async def test_a_call_that_hangs_keeps_nobody_waiting_until_its_deadline(liar):
    await liar.lie(vanish=1)
    await liar.ask()
    assert await liar.driver.next_moment() == NOW + timedelta(seconds=10)
    assert liar.results() == []
    assert liar.world.touch(ANN).state == State.RESERVED
    await liar.driver.step(NOW + timedelta(seconds=10))
    assert liar.results() == [Result.UNKNOWN]
    assert liar.driver.clock.calls == {}
    assert not (await liar.client.idle()).hanging


async def test_more_calls_may_hang_than_may_be_open(liar):
    contacts = [UUID(int=100 + n) for n in range(20)]
    await liar.lie(vanish=1)
    for n, contact in enumerate(contacts):
        liar.world.meet(contact, number=f"+3706100{n:04}")
        liar.world.ask(contact)
    await liar.driver.step(NOW)
    assert liar.accepted() == len(liar.driver.clock.calls) == len(contacts)
    await liar.driver.play_out()
    assert {row.state for row in liar.world.rows(TOUCH)} == {State.ACCEPTED}


# -- mail


@pytest.mark.parametrize("lie", ["mail_hang", "mail_close"])
async def test_a_mail_of_which_nobody_knows_is_not_looked_up_and_not_sent_again(liar, lie):
    await liar.lie(**{lie: 1})
    await liar.ask(channel=Channel.EMAIL)
    await liar.lie()
    await liar.after(hours=1)
    assert liar.results() == [Result.UNKNOWN]
    [unknown] = liar.world.edge.transact(unknown_touches)
    assert (unknown.channel, unknown.looked_up) == (Channel.EMAIL, 0)
    await nothing_follows(liar)
