"""The whole service on the bus: a request goes in, a message leaves, and the topics tell of it."""

import asyncio
from contextlib import asynccontextmanager
from uuid import UUID, uuid5

import pytest
import sqlalchemy as sa
from pydantic_core import from_json

from services.channels.app import build
from services.channels.store import METADATA, REQUEST
from shared.bus import make_engine
from shared.bus import running as bus_running
from shared.bus.relay import Relay
from shared.events import SmsRequested
from shared.health import Health
from shared.privacy.master import make_key
from shared.privacy.vault import VAULT, Vault
from shared.process import working
from shared.settings import Settings
from shared.topics import TOPICS
from shared.words import Purpose
from tests.channels_world import (
    ANN,
    BEN,
    CAT,
    NUMBERS,
    PATIENCE,
    Backup,
    Provider,
    a_script,
    a_triaged,
    office_hours,
)
from tests.examples import CAMPAIGN, WORKSPACE, a_campaign
from tests.service.bus_world import on_the_bus, publish, record, until


@pytest.fixture
async def settings(engines, database, topics, tmp_path):
    await topics(*(topic.name for topic in TOPICS))
    make_key(tmp_path / "master.key")
    return Settings(
        kafka_url=engines.kafka_url,
        channels_database_url=database("channels", METADATA),
        vault_url=database("vault", VAULT),
        master_key_file=tmp_path / "master.key",
        channels="sms",
        webhooks_port=0,
        session_seconds=6,
    )


@asynccontextmanager
async def running(settings, *groups):
    """The service, or only its members of these groups, with a provider that is a list."""
    service = build(settings, office_hours)
    [sender] = [loop for loop in service.loops if hasattr(loop, "adapter")]
    sender.adapter = provider = Provider()
    members = [one for one in service.members if not groups or one.lanes.group in groups]
    loops = [] if groups == ("channels",) else service.loops
    async with bus_running(settings.kafka_url, members), working(loops):
        yield service, provider
    # A look at the database that was cut off ends in its thread.
    pools = [engine.pool for engine in service.engines]
    await until(lambda: not any(pool.checkedout() for pool in pools), "connections come back")
    for engine in service.engines:
        engine.dispose()


def told(event, offset=0):
    """As the bus brings it."""
    name = f"{event.topic}/{getattr(event, 'plan', 0)}"
    envelope = {"id": uuid5(event.subject, name), "cause_id": CAMPAIGN, "time": office_hours()}
    return record(event.model_copy(update=envelope), offset)


DAN = UUID(int=4)


def asked(contact, plan=1, **changes):
    request = SmsRequested(
        subject=contact,
        workspace_id=WORKSPACE,
        campaign_id=CAMPAIGN,
        plan=plan,
        channel="sms",
        purpose=Purpose.CALLBACK,  # promised, so that it may leave at any hour
        line_id=Purpose.CALLBACK,
        language="en",
        campaign_version=1,
        triage_revision=1,
        heard=0,
        answer_until=office_hours() + PATIENCE,
    )
    return request.model_copy(update=changes)


async def test_a_request_on_the_bus_becomes_a_message_and_is_told_of(settings):
    vault = Vault(make_engine(settings.vault_url), settings.master_key())
    request = asked(ANN)
    async with running(settings) as (service, provider):
        # The request comes first: the gateway waits until it knows as much as whoever asked.
        await publish(settings.kafka_url, told(request))
        await until(service.loops[0]._first_due, "the request is stored")
        await publish(settings.kafka_url, told(a_campaign(script=a_script())))
        await publish(settings.kafka_url, told(a_triaged(vault, ANN)))
        await until(lambda: provider.calls, "a message leaves")
        [call] = provider.calls
        assert call.to == NUMBERS[ANN]

        await on_the_bus_at_last(settings.kafka_url, "decision.made")
        [sent] = await on_the_bus(settings.kafka_url, "message.sent")
    vault.engine.dispose()
    body = from_json(sent.value)
    assert (body["result"], body["touch_id"]) == ("accepted", str(call.touch_id))
    assert dict(sent.headers)["ce_causeid"] == dict(told(request).headers)["ce_id"]


async def test_a_gateway_whose_knowledge_is_old_sends_nothing_and_says_so(settings, monkeypatch):
    """The process that hears of opt-outs is gone; the one that sends is not."""
    for limit in ("services.channels.reserving.VIEW_SECONDS_MAX", "shared.health.VIEW_SECONDS_MAX"):
        monkeypatch.setattr(limit, OLD_SECONDS)
    vault = Vault(make_engine(settings.vault_url), settings.master_key())
    async with running(settings, "channels.sms") as (service, provider):
        health = Health(service)

        async def complaints():
            return {one.sentence for one in await health.complaints() if one.name == "view"}

        async with running(settings, "channels"):
            await publish(settings.kafka_url, told(a_campaign(script=a_script())))
            await publish(settings.kafka_url, *(told(a_triaged(vault, one)) for one in (ANN, BEN)))
            await publish(settings.kafka_url, told(asked(ANN)))
            await until(lambda: provider.calls, "a message leaves")
            assert await complaints() == set()

        async with asyncio.timeout(20):
            while not (found := await complaints()):  # noqa: ASYNC110  it is asked for
                await asyncio.sleep(0.1)
        [sentence] = found
        assert sentence.startswith("view of channels ")
        assert "gateways refuse to send" in sentence
        await publish(settings.kafka_url, told(asked(BEN)))
        await until(lambda: waits(service), "it waits for fresh knowledge")
        assert len(provider.calls) == 1

        async with running(settings, "channels"):
            await until(lambda: len(provider.calls) == 2, "the next message leaves")
            assert await complaints() == set()
    vault.engine.dispose()


OLD_SECONDS = 7.0  # the view is renewed every five


def waits(service):
    """Whether a request waits until enough is known."""
    ask = sa.select(sa.func.count()).where(REQUEST.c.waits_since.is_not(None))
    with service.engines[0].connect() as tx:
        return tx.scalar(ask)


async def test_a_restored_database_sends_nothing_twice_and_gives_up_what_nobody_told_of(
    settings, monkeypatch
):
    """Cat's message is in the backup. Ann's was sent since and told of, Ben's was only sent."""
    vault = Vault(make_engine(settings.vault_url), settings.master_key())
    engine = make_engine(settings.channels_database_url)
    async with running(settings) as (_, provider):
        await publish(settings.kafka_url, told(a_campaign(script=a_script())))
        await publish(settings.kafka_url, *(told(a_triaged(vault, one)) for one in (ANN, BEN, CAT)))
        await publish(settings.kafka_url, told(asked(CAT)))
        await told_on_the_bus(settings, 1)
    backup = Backup(engine)

    async with running(settings) as (_, provider):
        await publish(settings.kafka_url, told(asked(ANN)))
        await told_on_the_bus(settings, 2)
        monkeypatch.setattr(Relay, "publish", nothing_to_publish)
        await publish(settings.kafka_url, told(asked(BEN)))
        await until(lambda: len(provider.calls) == 2, "both messages leave")
    monkeypatch.undo()
    backup.restore()

    async with running(settings) as (_, provider):
        results = await told_on_the_bus(settings, 3)
        assert [results[one] for one in (ANN, BEN)] == ["accepted", "unknown"]
        assert provider.calls == []
        await publish(settings.kafka_url, told(a_triaged(vault, DAN, number="+37060000004")))
        await publish(settings.kafka_url, told(asked(DAN)))
        await until(lambda: provider.calls, "what is asked for since is sent")
    assert [call.to for call in provider.calls] == ["+37060000004"]
    vault.engine.dispose()
    engine.dispose()


async def nothing_to_publish(_):
    return 0


async def told_on_the_bus(settings, messages):
    """Of each contact, what became of the message, once so many are told of."""
    async with asyncio.timeout(20):
        while len(found := await on_the_bus(settings.kafka_url, "message.sent")) < messages:  # noqa: ASYNC110  it is asked for
            await asyncio.sleep(0.05)
    return {UUID(one.key.decode()): from_json(one.value)["result"] for one in found}


async def on_the_bus_at_last(kafka_url, topic):
    """When the relay has published it."""
    async with asyncio.timeout(20):
        while not await on_the_bus(kafka_url, topic):  # noqa: ASYNC110  it is asked for
            await asyncio.sleep(0.05)
