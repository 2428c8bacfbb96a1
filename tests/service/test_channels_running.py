"""The loops and the process: what holds while several things happen at once, and on the way out."""

import asyncio
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from services.channels.adapters.base import Accepted
from services.channels.app import build, check_destinations, installed
from services.channels.mail_in import MailListener
from services.channels.reconciling import Reconciler
from services.channels.sender import CALLS_MAX
from services.channels.store import TABLES, TOUCH
from services.channels.templates import Templates
from services.channels.touching import State
from shared.clock import utc_now
from shared.events import MessageSent
from shared.privacy.master import make_key
from shared.settings import Settings
from shared.web import PortTakenError
from shared.words import Channel, Result
from tests.channels_world import ANN, BEN, CAT, until

pytest_plugins = ("tests.channels_fixtures",)


async def test_two_senders_of_one_channel_never_send_the_same(world):
    contacts = [ANN, BEN, CAT]
    for contact in contacts:
        world.ask(contact)
    both = await asyncio.gather(*(asyncio.to_thread(world.reserve) for _ in range(2)))
    ids = [one.outgoing.touch_id for reserved in both for one in reserved]
    assert len(ids) == len(set(ids)) == len(contacts)


async def test_the_loop_sends_what_it_is_told_to_expect(world):
    sender = world.sender()
    running = asyncio.create_task(sender.run())
    await until(lambda: sender._loop is not None)
    world.ask(ANN)
    sender.expect()
    await until(lambda: world.said(MessageSent))
    await until(lambda: not sender._called)
    assert await sender.busy() == ""
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_sender_that_is_told_to_stop_ends_what_it_began(world):
    answered = asyncio.Event()

    async def slow(message):
        world.provider.calls.append(message)
        await answered.wait()
        return Accepted("SM7")

    world.provider.send = slow
    world.ask(ANN)
    sender = world.sender()
    running = asyncio.create_task(sender.run())
    await until(lambda: world.provider.calls)
    assert "1 open calls" in await sender.busy()
    world.ask(BEN)
    running.cancel()
    await asyncio.sleep(0)
    answered.set()
    await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()
    assert world.touch(ANN).state == State.ACCEPTED
    assert [sent.result for sent in world.said(MessageSent)] == [Result.ACCEPTED]
    assert world.waiting() == [BEN], "nothing new is begun on the way out"


async def test_a_sender_that_is_told_to_stop_waits_for_what_hangs_by_the_wall(world, monkeypatch):
    """Where the clock stands still, nobody moves it any more."""

    async def hang(message):
        world.provider.calls.append(message)
        await asyncio.Event().wait()

    monkeypatch.setattr("services.channels.calls.CALL_SECONDS_MAX", 0.2)
    world.provider.send = hang
    world.ask(ANN)
    sender = world.sender()
    running = asyncio.create_task(sender.run())
    await until(lambda: world.provider.calls)
    assert "1 open calls" in await sender.busy(), "nobody has said that it hangs"
    world.edge.clock.hanging = [world.touch(ANN).id]
    assert await sender.busy() == ""
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()
    assert world.touch(ANN).state == State.UNKNOWN


class Nobody:
    """A provider that is never asked anything."""

    async def close(self):
        """Nothing to give back."""


LOOPS = {
    "look-ups": lambda edge: Reconciler(edge, [Channel.SMS], Nobody()),
    "templates": lambda edge: Templates(edge, Nobody()),
}


@pytest.mark.parametrize("name", LOOPS)
async def test_a_loop_that_is_woken_and_told_to_stop_at_one_moment_stops(world, name):
    world.make_templates()
    loop = LOOPS[name](world.edge)
    running = asyncio.create_task(loop.run())
    await until(lambda: loop._woken._waiters)
    loop.nudge()
    running.cancel()
    async with asyncio.timeout(30):
        await asyncio.wait([running])
    assert running.cancelled()


async def test_no_more_calls_are_open_than_may_be(world):
    open_now, most = 0, 0
    go_on = asyncio.Event()

    async def counted(message):
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        if open_now == CALLS_MAX:
            go_on.set()
        await go_on.wait()
        open_now -= 1
        return Accepted(message.touch_id.hex)

    world.provider.send = counted
    contacts = [UUID(int=100 + n) for n in range(CALLS_MAX + 4)]
    for n, contact in enumerate(contacts):
        world.meet(contact, number=f"+3706100{n:04}")
        world.ask(contact)
    running = asyncio.create_task(world.sender().run())
    await until(lambda: len(world.said(MessageSent)) == len(contacts))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert most == CALLS_MAX


async def test_a_database_that_fails_for_a_moment_costs_a_pause_and_no_message(world):
    sender = world.sender()
    real, failures = world.edge.vault.keys, iter([True] * 7)

    def failing(*args, **more):
        if next(failures, False):
            raise sa.exc.OperationalError("select", {}, psycopg.OperationalError())
        return real(*args, **more)

    world.edge.vault.keys = failing
    world.ask(ANN)
    running = asyncio.create_task(sender.run())
    await until(lambda: world.said(MessageSent))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(world.provider.calls) == 1


async def test_a_port_that_is_taken_is_told_in_a_sentence(world):
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(PortTakenError, match=str(port)):
            await MailListener(world.edge, "127.0.0.1", port, "reply.example").run()


# -- the composition root


@pytest.fixture
def settings(tmp_path):
    make_key(tmp_path / "master.key")
    return Settings(master_key_file=tmp_path / "master.key")


def test_one_process_serves_every_channel_unless_it_is_told_otherwise(settings):
    groups = [member.lanes.group for member in build(settings, utc_now).members]
    assert groups == ["channels", "channels.whatsapp", "channels.sms", "channels.email"]
    one = build(settings.model_copy(update={"channels": "sms"}), utc_now)
    assert [member.lanes.group for member in one.members] == ["channels", "channels.sms"]
    assert not any(isinstance(loop, MailListener) for loop in one.loops)
    assert sorted(lanes.group for lanes in one.groups) == sorted(groups)  # each can be repaired


@pytest.mark.parametrize(("words", "named"), [("", "CHANNELS is empty"), ("fax", "'fax'")])
def test_a_channel_that_does_not_exist_is_named(settings, words, named):
    with pytest.raises(ValueError, match=named):
        installed(settings.model_copy(update={"channels": words}))


@pytest.mark.parametrize(
    "changes",
    [
        {"twilio_url": ""},
        {"twilio_url": "https://api.twilio.example"},
        {"smtp_host": "mail.example"},
        {"smtp_host": "10.0.0.7"},
    ],
)
def test_nothing_leaves_this_machine_unless_somebody_says_so(settings, changes):
    outside = settings.model_copy(update=changes)
    with pytest.raises(ValueError, match="LIVE_SENDS"):
        build(outside, utc_now)
    check_destinations(outside.model_copy(update={"live_sends": True}), Channel)


def test_passwords_do_not_show_in_what_settings_say_of_themselves(settings):
    secret = settings.model_copy(update={"twilio_token": "hush", "smtp_password": "hush"})
    assert "hush" not in repr(secret)


async def test_a_touch_is_reserved_with_a_timer_in_one_transaction(world):
    world.ask(ANN)
    world.reserve()
    [touch], [timer] = world.rows(TOUCH), world.rows(TABLES.timer)
    assert (touch.contact_id, touch.plan) == (timer.contact_id, timer.plan)
