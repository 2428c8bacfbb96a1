"""Looking up unknown touches: what is recognised, what is not, and how often is asked."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.channels.adapters.base import Taken, Unknown
from services.channels.delivering import Callback, tell_status
from services.channels.reconciling import AROUND, LOOKS_AFTER, Reconciler
from services.channels.statuses import TWILIO
from services.channels.store import REQUEST, TOUCH
from services.channels.touching import State
from shared.events import MessageSent
from shared.words import Channel, Result
from tests.channels_world import ANN, BEN, CAT, NUMBERS
from tests.examples import NOW

pytest_plugins = ("tests.channels_fixtures",)

TEXT = "Hi Zoe, Ieva's AI at Studiolog: opener. Reply STOP to end."
SID = "SM7"


@dataclass
class List:
    """A provider's list that is what the test says, and keeps what it was asked."""

    messages: list[Taken] = field(default_factory=list)
    fault: Exception | None = None
    asked: list[tuple[Channel, str]] = field(default_factory=list)
    closed: bool = False

    async def taken(self, channel, to):
        self.asked.append((channel, to))
        if self.fault:
            raise self.fault
        return self.messages

    async def close(self):
        self.closed = True


@pytest.fixture
def listed():
    return List([Taken(SID, TEXT, NOW)])


@pytest.fixture
def reconciler(world, listed):
    return Reconciler(world.edge, [Channel.SMS, Channel.WHATSAPP], listed)


async def an_unknown(world, contact=ANN, **more):
    world.provider.answer = Unknown("no answer in time")
    world.ask(contact, **more)
    await world.send(more.get("channel", Channel.SMS))


async def look(reconciler, after=LOOKS_AFTER[0]):
    """Let so much time pass since the touch became unknown, and look up what is due."""
    clock = reconciler.edge.clock
    clock.move_to(NOW + after)
    clock.act()
    await reconciler.look_up_due()


async def test_a_message_on_the_list_was_accepted(world, listed, reconciler):
    await an_unknown(world)
    await look(reconciler)
    assert listed.asked == [(Channel.SMS, NUMBERS[ANN])]
    unknown, accepted = world.said(MessageSent)
    assert (unknown.result, accepted.result) == (Result.UNKNOWN, Result.ACCEPTED)
    assert (accepted.provider_id, accepted.touch_id) == (SID, unknown.touch_id)
    assert world.rows(REQUEST) == []
    await look(reconciler, LOOKS_AFTER[2])
    assert len(listed.asked) == 1, "what is known is not looked up"


async def test_a_message_is_found_among_others_to_the_same_number(world, listed, reconciler):
    listed.messages.insert(0, Taken("SM8", "Something else", NOW))
    await an_unknown(world)
    await look(reconciler)
    assert world.touch(ANN).provider_id == SID


async def test_what_is_not_on_the_list_is_asked_for_three_times_and_stays_unknown(
    world, listed, reconciler
):
    listed.messages = []
    await an_unknown(world)
    for n, after in enumerate(LOOKS_AFTER):
        just_before = after - timedelta(seconds=1)
        await look(reconciler, just_before)
        assert len(listed.asked) == n
        assert await reconciler.next_due() == NOW + after
        assert await reconciler.busy() == ""
        await look(reconciler, after)
        assert len(listed.asked) == n + 1
    assert await reconciler.next_due() is None
    await look(reconciler, timedelta(days=1))
    touch = world.touch(ANN)
    assert (touch.state, touch.looked_up, len(listed.asked)) == (State.UNKNOWN, 3, 3)


OTHERS = {
    "other words": [Taken(SID, TEXT + " ", NOW)],
    "long before": [Taken(SID, TEXT, NOW - AROUND - timedelta(seconds=1))],
    "long after": [Taken(SID, TEXT, NOW + AROUND + timedelta(seconds=1))],
    "twice": [Taken(SID, TEXT, NOW), Taken("SM8", TEXT, NOW)],
}


@pytest.mark.parametrize("case", OTHERS)
async def test_what_may_be_another_message_decides_nothing(world, listed, reconciler, case):
    listed.messages = OTHERS[case]
    await an_unknown(world)
    await look(reconciler)
    assert world.touch(ANN).state == State.UNKNOWN


async def test_a_message_that_is_another_touchs_is_not_taken_for_this_one(
    world, listed, reconciler
):
    """The same words to the same number twice in an hour, of which the first is known."""
    world.ask(ANN)
    [first] = await world.send()
    listed.messages = [Taken(f"SM{first.touch_id.hex}", TEXT, NOW)]
    close(world)
    await an_unknown(world, plan=2)
    await look(reconciler)
    assert world.touch(ANN, 2).state == State.UNKNOWN
    listed.messages.insert(0, Taken(SID, TEXT, NOW))
    await look(reconciler, LOOKS_AFTER[1])
    assert world.touch(ANN, 2).provider_id == SID


def close(world):
    """As if all had been answers, and answered, so that the same may be said again today."""
    with world.edge.engine.begin() as tx:
        tx.execute(sa.update(TOUCH).values(closed_at=NOW, is_answer=True))


async def test_of_two_that_may_be_meant_neither_is_decided_until_one_is_known(
    world, listed, reconciler
):
    await an_unknown(world)
    close(world)
    await an_unknown(world, plan=2)
    await look(reconciler)
    assert {row.state for row in world.rows(TOUCH)} == {State.UNKNOWN}
    listed.messages.append(Taken("SM8", TEXT, NOW))
    tell_status(world.edge, Callback(world.touch(ANN).id, "SM8", "sent", TWILIO["sent"]))
    await look(reconciler, LOOKS_AFTER[1])
    assert world.touch(ANN, 2).provider_id == SID


async def test_of_two_contacts_with_one_number_neither_is_decided(world, listed, reconciler, clock):
    world.meet(ANN, BEN, number="+37060000009", revision=2)
    await an_unknown(world, BEN)
    clock.move_to(NOW + timedelta(seconds=1))
    clock.act()
    await world.send()
    close(world)
    world.ask(ANN)
    clock.move_to(NOW + timedelta(seconds=2))
    clock.act()
    await world.send()
    await look(reconciler, timedelta(minutes=1))
    assert [row.state for row in world.rows(TOUCH)] == [State.UNKNOWN] * 2


async def test_other_words_to_the_same_number_are_in_nobodys_way(world, listed, reconciler):
    await an_unknown(world)
    close(world)
    await an_unknown(world, plan=2, purpose="callback", line_id="callback")
    await look(reconciler)
    assert world.touch(ANN).state == State.ACCEPTED
    assert world.touch(ANN, 2).state == State.UNKNOWN


async def test_a_provider_that_is_away_costs_no_look(world, listed, reconciler):
    listed.fault = ConnectionError("no list")
    await an_unknown(world)
    with pytest.raises(ConnectionError):
        await look(reconciler)
    assert "look up" in await reconciler.busy()
    assert world.touch(ANN).looked_up == 0
    listed.fault = None
    await reconciler.look_up_due()
    assert world.touch(ANN).state == State.ACCEPTED


async def test_the_loop_outlives_a_provider_that_is_away(world, listed, reconciler):
    listed.fault = ConnectionError("no list")
    await an_unknown(world)
    reconciler.edge.clock.move_to(NOW + LOOKS_AFTER[0])
    reconciler.edge.clock.act()
    running = asyncio.create_task(reconciler.run())
    async with asyncio.timeout(20):
        while not listed.asked:  # noqa: ASYNC110  nothing tells
            await asyncio.sleep(0.005)
        listed.fault = None
        while world.touch(ANN).state == State.UNKNOWN:
            reconciler.nudge()
            await asyncio.sleep(0.005)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert listed.closed


FORGOTTEN = {
    "the contact was forgotten": lambda world: world.edge.vault.destroy(ANN),
    "it has another number": lambda world: world.meet(ANN, number="+37060000008", revision=2),
}


@pytest.mark.parametrize("case", FORGOTTEN)
async def test_a_number_that_is_not_known_any_more_cannot_be_asked_for(
    world, listed, reconciler, case
):
    await an_unknown(world)
    FORGOTTEN[case](world)
    await look(reconciler, LOOKS_AFTER[2])
    assert listed.asked == []
    touch = world.touch(ANN)
    assert (touch.state, touch.looked_up) == (State.UNKNOWN, 3)


async def test_two_processes_that_look_at_the_same_time_count_as_one(world, listed, reconciler):
    listed.messages = []
    await an_unknown(world)
    other = Reconciler(world.edge, [Channel.SMS], listed)
    await look(other, timedelta(seconds=29))
    reconciler.edge.clock.move_to(NOW + LOOKS_AFTER[0])
    reconciler.edge.clock.act()
    [one], [two] = reconciler._due(), other._due()
    reconciler._settle(one, [])
    assert world.touch(ANN).looked_up == 1
    await look(reconciler, LOOKS_AFTER[1])
    other._settle(two, [])
    assert world.touch(ANN).looked_up == 2, "one that was slow takes nothing back"


async def test_each_process_looks_up_its_own_channels(world, listed):
    await an_unknown(world)
    await an_unknown(world, BEN, channel=Channel.WHATSAPP, purpose="callback", line_id="callback")
    await an_unknown(world, CAT, channel=Channel.EMAIL)
    whatsapp = Reconciler(world.edge, [Channel.WHATSAPP], listed)
    world.make_templates()
    await world.send(Channel.WHATSAPP)
    await look(whatsapp)
    assert {channel for channel, _ in listed.asked} == {Channel.WHATSAPP}


async def test_on_a_clock_that_runs_fast_the_wall_is_waited_for(world, listed):
    """Half a minute is half a minute, whatever the service takes for one."""

    class Fast:
        speed = 60.0

    reconciler = Reconciler(Fast(), [Channel.SMS], listed)
    assert reconciler._wait(0) == timedelta(minutes=30)
