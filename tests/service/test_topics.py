"""Topics are complete when `make_topics` returns."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from rekindle.engines import EngineError
from rekindle.engines.folder import free_ports
from rekindle.topics import KEPT_FOR_EVER, admin_of, make_topics, topics_of


@pytest.fixture
def kafka_url(engines):
    return engines.kafka_url


async def described(kafka_url, names):
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    try:
        await admin.start()
        return await admin.describe_topics(names)
    finally:
        await admin.close()


async def test_topics_can_be_written_at_once_in_every_partition(kafka_url):
    names = [f"at.once.{n}" for n in range(25)]
    await make_topics(kafka_url, names)
    for topic in await described(kafka_url, names):
        assert len(topic["partitions"]) == 12
    async with AIOKafkaProducer(bootstrap_servers=kafka_url, request_timeout_ms=20_000) as producer:
        await asyncio.gather(*(producer.send_and_wait(name, b"", partition=11) for name in names))


async def state(kafka_url, name):
    async with admin_of(kafka_url) as admin:
        return (await topics_of(admin, [name]))[name]


async def test_a_topic_that_would_forget_is_told_to_keep_and_keeps_its_other_settings(kafka_url):
    await make_topics(kafka_url, ["old"], config={"retention.ms": "1000", "segment.ms": "77777"})
    await make_topics(kafka_url, ["old", "new"], config=KEPT_FOR_EVER)
    for name in ("old", "new"):
        assert not (await state(kafka_url, name)).differs(KEPT_FOR_EVER)
    assert (await state(kafka_url, "old")).config["segment.ms"] == "77777"


async def test_an_empty_topic_that_is_too_narrow_grows(kafka_url):
    await make_topics(kafka_url, ["thin"], partitions=1)
    await make_topics(kafka_url, ["thin"])
    assert (await state(kafka_url, "thin")).partitions == 12


async def test_two_makers_at_once_make_each_topic_once(kafka_url):
    await asyncio.gather(*(make_topics(kafka_url, ["raced"]) for _ in range(4)))
    (topic,) = await described(kafka_url, ["raced"])
    assert len(topic["partitions"]) == 12


async def test_another_number_of_partitions_is_refused_by_name(kafka_url):
    await make_topics(kafka_url, ["narrow"], partitions=3)
    async with AIOKafkaProducer(bootstrap_servers=kafka_url) as producer:
        await producer.send_and_wait("narrow", b"", partition=2)
    with pytest.raises(EngineError, match="The topic narrow has 3 partitions where 12 are needed"):
        await make_topics(kafka_url, ["narrow", "wide"])


async def test_a_setting_that_kafka_does_not_know_is_told_with_its_reason(kafka_url):
    with pytest.raises(EngineError, match=r"did not make the topic odd: .*no\.such\.setting"):
        await make_topics(kafka_url, ["odd"], config={"no.such.setting": "1"})


async def test_a_kafka_that_does_not_answer_is_named():
    url = f"127.0.0.1:{free_ports(1)[0]}"
    with pytest.raises(EngineError, match=f"Kafka at {url} did not make the topics"):
        await make_topics(url, ["any"])
