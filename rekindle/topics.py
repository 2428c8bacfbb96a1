"""Topics are made, and seen complete, before any service starts."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from rekindle.engines import EngineError
from shared.bus import ends_of
from shared.clock import elapsed_seconds
from shared.ids import LANES

COMPLETE_SECONDS_MAX = 30.0
BROKERS_CHOICE = -1  # of the number of replicas
KEPT_FOR_EVER = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}
OF_THE_TOPIC = 1  # where a setting was made, in Kafka's words; others are defaults


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as it is."""

    partitions: int
    whole: bool  # each has a leader
    config: Mapping[str, str]
    own: Collection[str]  # those of its settings that are no defaults

    def differs(self, config: Mapping[str, str]) -> bool:
        return any(self.config.get(name) != value for name, value in config.items())


async def make_topics(
    kafka_url: str,
    names: Iterable[str],
    partitions: int = LANES,
    config: Mapping[str, str] | None = None,
) -> None:
    """Create the topics of `names` that are missing, and give all of them the settings `config`.

    Returns once each has `partitions` partitions with a leader and these settings; a broker answers
    earlier. An empty topic that has fewer gets them. Raises EngineError where one has another
    number and holds events, for a contact's partition would then differ from topic to topic.
    """
    wanted = set(names)
    try:
        async with admin_of(kafka_url) as admin:
            known = await topics_of(admin, wanted)
            await _create(admin, sorted(wanted - known.keys()), partitions, config or {})
            growing = await _grow(admin, kafka_url, known, partitions)
            await _configure(admin, known, config or {})
            _refuse_other_numbers(known, growing, partitions)
            await _wait_until_complete(admin, wanted, partitions, config or {})
    except (KafkaError, OSError) as error:
        raise EngineError(
            f"Kafka at {kafka_url} did not make the topics ({type(error).__name__}): see that it "
            "runs and is reachable."
        ) from error


@asynccontextmanager
async def admin_of(kafka_url: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Kafka's administration. Raises KafkaError where it does not answer."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def topics_of(admin: AIOKafkaAdminClient, names: Collection[str]) -> dict[str, TopicState]:
    """Those of these topics that there are."""
    there = sorted(set(await admin.list_topics()) & set(names))
    if not there:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in there]
    settings: dict[str, dict[str, tuple[str, int]]] = {}
    for answer in await admin.describe_configs(resources):
        for _, _, _, name, entries in answer.resources:
            settings[name] = {key: (value, source) for key, value, _, source, *_ in entries}
    found = {}
    for topic in await admin.describe_topics(there):
        name, its = topic["topic"], settings[topic["topic"]]
        parts = topic["partitions"]
        found[name] = TopicState(
            len(parts),
            bool(parts) and all(part["leader"] >= 0 for part in parts),
            {key: value for key, (value, _) in its.items()},
            [key for key, (_, source) in its.items() if source == OF_THE_TOPIC],
        )
    return found


async def _create(
    admin: AIOKafkaAdminClient, names: list[str], partitions: int, config: Mapping[str, str]
) -> None:
    new = [NewTopic(name, partitions, BROKERS_CHOICE, {}, dict(config)) for name in names]
    if not new:
        return
    response = await admin.create_topics(new)
    for name, code, reason in response.topic_errors:
        failure = for_code(code)
        if code and failure is not TopicAlreadyExistsError:  # then another process was faster
            raise EngineError(f"Kafka did not make the topic {name}: {reason or failure.__name__}")


async def _grow(
    admin: AIOKafkaAdminClient, kafka_url: str, known: Mapping[str, TopicState], partitions: int
) -> set[str]:
    """Which topics get more partitions.

    A client that asked for a missing topic may have made it, with Kafka's default of one.
    """
    growing = set()
    narrow = [name for name, its in known.items() if its.whole and its.partitions < partitions]
    for name in narrow:
        ends = await ends_of(kafka_url, [name], known[name].partitions)
        if not any(ends.values()):
            await admin.create_partitions({name: NewPartitions(partitions)})
            growing.add(name)
    return growing


def _refuse_other_numbers(
    known: Mapping[str, TopicState], growing: Collection[str], partitions: int
) -> None:
    for name, its in known.items():
        if its.whole and its.partitions != partitions and name not in growing:
            raise EngineError(
                f"The topic {name} has {its.partitions} partitions where {partitions} are needed, "
                "and holds events: use a Kafka on which Rekindle makes its topics, or remove this "
                "one."
            )


async def _configure(
    admin: AIOKafkaAdminClient, known: Mapping[str, TopicState], config: Mapping[str, str]
) -> None:
    """Kafka replaces all of a topic's own settings at once, so the others are said again."""
    for name, its in known.items():
        if its.differs(config):
            whole = {key: its.config[key] for key in its.own} | dict(config)
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, whole)])


async def _wait_until_complete(
    admin: AIOKafkaAdminClient, names: set[str], partitions: int, config: Mapping[str, str]
) -> None:
    end = elapsed_seconds() + COMPLETE_SECONDS_MAX
    while incomplete := names - await _complete(admin, names, partitions, config):
        if elapsed_seconds() > end:
            raise EngineError(
                f"Kafka has not completed the topics {', '.join(sorted(incomplete))} in "
                f"{COMPLETE_SECONDS_MAX:.0f} seconds: see its log, then start again."
            )
        await asyncio.sleep(0.02)


async def _complete(
    admin: AIOKafkaAdminClient, names: set[str], partitions: int, config: Mapping[str, str]
) -> set[str]:
    """The topics with so many partitions, each with a leader, and with these settings."""
    return {
        name
        for name, its in (await topics_of(admin, names)).items()
        if its.whole and its.partitions == partitions and not its.differs(config)
    }
