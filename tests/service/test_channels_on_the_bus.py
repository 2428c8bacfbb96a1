"""The whole service on the bus: a request goes in, a message leaves, and the topics tell of it."""

import asyncio
from contextlib import asynccontextmanager
from uuid import uuid5

import pytest
from pydantic_core import from_json

from services.channels.app import build
from services.channels.store import METADATA
from shared.bus import make_engine
from shared.bus import running as bus_running
from shared.clock import utc_now
from shared.events import SmsRequested
from shared.privacy.master import make_key
from shared.privacy.vault import VAULT, Vault
from shared.process import working
from shared.settings import Settings
from shared.topics import TOPICS
from shared.words import Purpose
from tests.channels_world import ANN, NUMBERS, PATIENCE, Provider, a_script, a_triaged
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
async def running(settings):
    """The service, with a provider that is a list."""
    service = build(settings, utc_now)
    [sender] = [loop for loop in service.loops if hasattr(loop, "adapter")]
    sender.adapter = provider = Provider()
    async with bus_running(settings.kafka_url, service.members), working(service.loops):
        yield service, provider
    # A look at the database that was cut off ends in its thread.
    pools = [engine.pool for engine in service.engines]
    await until(lambda: not any(pool.checkedout() for pool in pools), "connections come back")
    for engine in service.engines:
        engine.dispose()


def told(event, offset=0):
    """As the bus brings it."""
    envelope = {"id": uuid5(event.subject, event.topic), "cause_id": CAMPAIGN, "time": utc_now()}
    return record(event.model_copy(update=envelope), offset)


async def test_a_request_on_the_bus_becomes_a_message_and_is_told_of(settings):
    vault = Vault(make_engine(settings.vault_url), settings.master_key())
    request = SmsRequested(
        subject=ANN,
        workspace_id=WORKSPACE,
        campaign_id=CAMPAIGN,
        plan=1,
        channel="sms",
        purpose=Purpose.CALLBACK,  # promised, so that it may leave at any hour
        line_id=Purpose.CALLBACK,
        language="en",
        campaign_version=1,
        triage_revision=1,
        heard=0,
        answer_until=utc_now() + PATIENCE,
    )
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


async def on_the_bus_at_last(kafka_url, topic):
    """When the relay has published it."""
    async with asyncio.timeout(20):
        while not await on_the_bus(kafka_url, topic):  # noqa: ASYNC110  it is asked for
            await asyncio.sleep(0.05)
