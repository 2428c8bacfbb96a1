"""A database that was restored from a backup: what it once knew, and what nobody knows any more."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.channels.adapters.base import Accepted, Unknown
from services.channels.store import (
    ADDRESS,
    CONTACT,
    INBOUND,
    REQUEST,
    RESTORE,
    TABLES,
    TOUCH,
)
from services.channels.touching import State
from shared.clock import elapsed_seconds
from shared.events import ContactSuppressed, DecisionMade, MessageSent, ReplyReceived
from shared.words import Channel, Refusal, Result
from tests.channels_world import ANN, BEN, CAT, NUMBERS, Backup, Twilio
from tests.examples import NOW

pytest_plugins = ("tests.channels_fixtures",)

HOUR = timedelta(hours=1)


def after_the_restore(world, backup):
    """The backup is put back, and our own words since are heard."""
    known = {row["event_id"] for row in backup.rows[TABLES.outbox]}
    own = (MessageSent, ReplyReceived, ContactSuppressed)
    since = [event for event in world.said() if event.id not in known and isinstance(event, own)]
    backup.restore()
    for event in since:
        world.hear(event)


async def test_what_was_sent_since_the_backup_is_not_sent_again(world):
    backup = Backup(world.edge.engine)
    request = world.ask(ANN)
    await world.send()
    after_the_restore(world, backup)
    world.ask_again(request)
    assert world.waiting() == []
    assert await world.send() == []
    assert world.touch(ANN).state == State.ACCEPTED


async def test_a_request_that_waits_in_the_backup_and_was_sent_since_is_done_with(world):
    world.ask(ANN)
    backup = Backup(world.edge.engine)
    await world.send()
    after_the_restore(world, backup)
    assert world.waiting() == []
    assert await world.send() == []


async def test_what_was_asked_for_before_the_restore_and_never_told_of_is_unknown(world):
    """Ben's message may have left, with the process that never told of it."""
    backup = Backup(world.edge.engine)
    world.ask(ANN)
    await world.send()
    lost = world.ask(BEN)
    assert len(world.reserve()) == 1
    after_the_restore(world, backup)
    world.ask_again(lost)
    assert await world.send() == []
    assert world.touch(BEN).state == State.UNKNOWN
    [sent] = world.said(MessageSent)
    assert (sent.subject, sent.result, sent.reserved_at) == (BEN, Result.UNKNOWN, NOW)
    [decision] = world.said(DecisionMade)
    assert decision.verdict == "lose"
    assert world.waiting() == []


async def test_what_is_asked_for_after_the_restore_is_sent(world, clock):
    backup = Backup(world.edge.engine)
    world.ask(ANN)
    await world.send()
    after_the_restore(world, backup)
    clock.move_to(NOW + HOUR)
    clock.act()
    world.ask(BEN)
    assert [call.to for call in await world.send()] == [NUMBERS[BEN]]


async def test_what_was_refused_since_the_backup_stays_refused(world):
    """It is told of, so it is accounted for, and its request is not lost."""
    backup = Backup(world.edge.engine)
    refused = world.ask(BEN, heard=0, answer_until=NOW)
    world.ask(ANN)
    await world.send()
    after_the_restore(world, backup)
    world.ask_again(refused)
    assert await world.send() == []
    assert world.said(MessageSent) == []
    assert world.touch(BEN).state == State.REFUSED


async def test_a_refusal_alone_is_no_proof_of_a_restore(world):
    world.ask(ANN, answer_until=NOW)
    await world.send()
    [refused] = world.said(MessageSent)
    world.hear(refused)
    world.ask(BEN)
    assert world.rows(RESTORE) == []
    assert len(await world.send()) == 1


async def test_our_own_words_prove_nothing_to_a_database_that_knows_them(world):
    world.provider.answer = Unknown("no answer in time")
    world.ask(ANN)
    await world.send()
    world.provider.answer = None
    world.ask(BEN)
    await world.send()
    await Twilio(world).message("STOP", number=NUMBERS[CAT])
    own = (MessageSent, ReplyReceived, ContactSuppressed)
    before = [world.rows(table) for table in (TOUCH, INBOUND, CONTACT, ADDRESS)]
    told = world.said()
    for event in told:
        if isinstance(event, own):
            world.hear(event)
    assert [world.rows(table) for table in (TOUCH, INBOUND, CONTACT, ADDRESS)] == before
    assert world.said() == told
    assert world.rows(RESTORE) == []


async def test_a_touch_that_is_reserved_in_the_backup_gets_the_result_that_was_told(world):
    world.ask(ANN)
    [reserved] = world.reserve()
    backup = Backup(world.edge.engine)
    world.settle(reserved, Accepted("SM1"))
    after_the_restore(world, backup)
    assert world.touch(ANN).state == State.ACCEPTED
    assert world.said(MessageSent) == [], "it is in the log already"
    assert len(world.rows(RESTORE)) == 1


async def test_a_touch_whose_timer_fires_before_its_result_is_heard_ends_as_it_was_told(world):
    world.ask(ANN)
    [reserved] = world.reserve()
    backup = Backup(world.edge.engine)
    world.settle(reserved, Accepted("SM1"))
    [accepted] = world.said(MessageSent)
    backup.restore()
    world.fire(NOW + HOUR)
    world.hear(accepted)
    assert world.touch(ANN).state == State.ACCEPTED
    assert [sent.result for sent in world.said(MessageSent)] == [Result.UNKNOWN, Result.ACCEPTED]


async def test_replies_and_opt_outs_since_the_backup_are_known_again(world):
    world.ask(ANN)
    await world.send()
    backup = Backup(world.edge.engine)
    twilio = Twilio(world)
    await twilio.message("How much is it?", number=NUMBERS[ANN], sid="SM77")
    await twilio.message("STOP", number=NUMBERS[BEN])
    after_the_restore(world, backup)
    assert world.touch(ANN).closed_at == NOW

    await twilio.message("How much is it?", number=NUMBERS[ANN], sid="SM77")
    assert world.said(ReplyReceived) == [], "the provider brings it again, and it is known"
    await twilio.message("Are you there?", number=NUMBERS[ANN])
    assert [reply.number for reply in world.said(ReplyReceived)] == [2]

    world.ask(BEN)
    assert await world.send() == []
    assert world.said(MessageSent)[-1].refusal is Refusal.SUPPRESSED


async def test_a_stranger_s_reply_since_the_backup_is_known_again(world):
    backup = Backup(world.edge.engine)
    twilio = Twilio(world)
    await twilio.message("Who is this?", number="+37069999999")
    [before] = world.said(ReplyReceived)
    after_the_restore(world, backup)
    await twilio.message("Who is this?", number="+37069999999")
    [reply] = world.said(ReplyReceived)
    assert (reply.subject, reply.number) == (before.subject, 2)


async def test_nothing_is_decided_before_all_that_was_said_is_heard(running_world):
    world = running_world
    world.ask(ANN, answer_until=world.edge.now())
    with world.edge.engine.begin() as tx:
        before = sa.func.clock_timestamp() - timedelta(seconds=5)
        its = sa.update(TABLES.lane).where(TABLES.lane.c.lane == 5)
        tx.execute(its.values(caught_up_at=before))
    world.began = elapsed_seconds() - 4
    assert await world.send() == []
    assert world.said(MessageSent) == [], "not even that it is too late"
    assert world.waiting() == [ANN]
    with world.edge.engine.begin() as tx:
        tx.execute(sa.update(TABLES.lane).values(caught_up_at=sa.func.clock_timestamp()))
    assert await world.send() == []
    assert world.said(MessageSent)[0].refusal is Refusal.LATE


async def test_what_was_known_before_the_server_started_is_no_knowledge(running_world):
    world = running_world
    world.ask(ANN, answer_until=world.edge.now())
    with world.edge.engine.begin() as tx:
        before = sa.func.pg_postmaster_start_time() - timedelta(seconds=1)
        tx.execute(sa.update(TABLES.lane).values(caught_up_at=before))
    assert await world.send() == []
    assert (world.said(MessageSent), world.waiting()) == ([], [ANN])


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
async def test_a_lost_message_counts_as_sent(world, clock, channel):
    """Its contact has an open touch, so that nothing else leaves meanwhile."""
    backup = Backup(world.edge.engine)
    world.ask(CAT)
    await world.send()
    lost = world.ask(ANN)
    after_the_restore(world, backup)
    world.ask_again(lost)
    await world.send()
    clock.move_to(NOW + HOUR)
    clock.act()
    world.ask(ANN, plan=2, channel=channel)
    assert await world.send(channel) == []
    assert world.said(MessageSent)[-1].refusal is Refusal.ADDRESS_BUSY
    assert world.rows(REQUEST) == []
