"""What is said against sending, while something is about to be sent: whoever came first, counts.

Each race is run as it is, and once more with its guard taken out: then the promise must break.
"""

import asyncio
import math
from contextlib import nullcontext
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from services.channels import looking
from services.channels.handlers import KNOWLEDGE
from services.channels.inbound import Heard, Receiving, receive
from services.channels.sender import Sender
from services.channels.store import ADDRESS, CONTACT
from shared.events import ContactSuppressed, MessageSent, OutcomeRecorded
from shared.outcomes import Outcome
from shared.words import Channel, Refusal
from tests.channels_world import ANN, BEN, NUMBERS, until
from tests.examples import NOW, WHO
from tests.service.bus_world import waits_for_a_lock

pytest_plugins = ("tests.channels_fixtures",)

SHARED = "+37060000009"
HOLDS, BREAKS = nullcontext, partial(pytest.raises, AssertionError)


@pytest.fixture(params=["locked", "unlocked"])
def promise(request, monkeypatch):
    """Holds while a gateway locks contacts and addresses; breaks when it only reads them."""
    if request.param == "locked":
        return HOLDS
    monkeypatch.setattr(looking, "lock_contacts", partial(read_rows, CONTACT, "contact_id"))
    monkeypatch.setattr(looking, "lock_addresses", partial(read_rows, ADDRESS, "hash"))
    return BREAKS


def read_rows(table, key, tx, keys):
    rows = tx.execute(sa.select(table).where(table.c[key].in_(keys)))
    return {row._mapping[key]: row for row in rows}


@pytest.fixture
def shared_number(world, clock):
    """Ann and Ben have one number, and a message to Ben is due."""
    world.meet(ANN, BEN, number=SHARED, revision=2)
    world.ask(BEN)
    clock.move_to(clock.now + timedelta(seconds=1))
    clock.act()


async def meet(world, first, second):
    """Do `second` while `first` is not committed. What it gave, and who committed first."""
    committed = []

    def do_second():
        gave = second()
        committed.append("second")
        return gave

    with world.edge.engine.begin() as tx:
        first(tx)
        other = asyncio.create_task(asyncio.to_thread(do_second))
        await until(lambda: other.done() or waits_for_a_lock(world.edge.engine))
        if not other.done():
            committed.append("first")
    return await other, committed[0]


def taking_in(world, heard):
    """The webhook's transaction, up to its commit."""
    return lambda tx: Receiving(world.edge, tx, heard).receive()


COMING_IN = {
    "a stop": (Heard(Channel.SMS, "SM7", NUMBERS[ANN], "STOP"), Refusal.SUPPRESSED),
    "a question by mail": (
        Heard(Channel.EMAIL, "<7@x>", "contact1@customer.example", "And the price?"),
        Refusal.NEWER_REPLY,
    ),
}
STOP, _ = COMING_IN["a stop"]
DECLINED = OutcomeRecorded(
    **{**WHO, "subject": ANN}, revision=1, code=Outcome.DECLINED, reason="no", ended_at=NOW
)


@pytest.mark.parametrize("case", COMING_IN)
async def test_a_reservation_waits_for_what_is_being_taken_in_and_obeys_it(world, promise, case):
    heard, refusal = COMING_IN[case]
    world.ask(ANN)
    going, _ = await meet(world, taking_in(world, heard), world.reserve)
    with promise():
        assert going == []
        [sent] = world.said(MessageSent)
        assert sent.refusal is refusal


async def test_a_stop_that_waited_for_a_reservation_is_told_as_later(world, clock):
    world.ask(ANN)
    with world.edge.engine.begin() as tx:
        world.taking().reserve(tx, 1)
        stop = asyncio.create_task(asyncio.to_thread(receive, world.edge, STOP))
        await until(lambda: waits_for_a_lock(world.edge.engine))
        clock.move_to(clock.now + timedelta(seconds=1))
    await stop
    [suppressed] = world.said(ContactSuppressed)
    assert suppressed.time > world.touch(ANN).reserved_at


@pytest.mark.usefixtures("shared_number")
async def test_a_reservation_waits_for_a_stop_from_whoever_shares_the_number(world, promise):
    heard = Heard(Channel.SMS, "SM7", SHARED, "STOP")
    going, _ = await meet(world, taking_in(world, heard), world.reserve)
    with promise():
        assert going == []


@pytest.mark.usefixtures("shared_number")
async def test_a_reservation_waits_for_a_decline_of_whoever_shares_the_number(world, promise):
    going, _ = await meet(world, lambda tx: KNOWLEDGE(tx, [DECLINED], NOW), world.reserve)
    with promise():
        assert going == []
        [sent] = world.said(MessageSent)
        assert (sent.subject, sent.refusal) == (BEN, Refusal.SUPPRESSED)


@pytest.mark.usefixtures("shared_number")
@pytest.mark.parametrize("against", ["a stop", "a decline"])
async def test_what_is_said_against_it_waits_for_a_reservation(world, promise, against):
    """So whatever is reserved was reserved before it was known."""
    heard = Heard(Channel.SMS, "SM7", SHARED, "STOP")
    second = {
        "a stop": lambda: receive(world.edge, heard),
        "a decline": lambda: world.hear(DECLINED),
    }[against]
    _, first_to_commit = await meet(world, lambda tx: world.taking().reserve(tx, 8), second)
    assert world.touch(BEN).state == "reserved"
    with promise():
        assert first_to_commit == "first"


class Frozen(Sender):
    """Stands still between its commit and its calls, while the contact asks to be left alone."""

    def _reserve(self):
        reserved, committed_at = super()._reserve()
        if reserved:
            receive(self.edge, STOP)
        return reserved, committed_at - 1.01


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [pytest.param(1.0, HOLDS, id="a limit"), pytest.param(math.inf, BREAKS, id="no limit")],
)
async def test_a_gateway_that_wakes_after_its_commit_says_nothing_any_more(
    running_world, monkeypatch, seconds, kept
):
    world = running_world
    monkeypatch.setattr("services.channels.sender.LATE_SECONDS", seconds)
    monkeypatch.setattr(
        world, "sender", lambda channel: Frozen(world.edge, world.taking(channel), world.provider)
    )
    world.ask(ANN)
    called = await world.send()
    with kept():
        assert called == []
        [sent] = world.said(MessageSent)
        assert sent.refusal is Refusal.LATE
