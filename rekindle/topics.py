"""Topics are made, and seen complete, before any service starts."""

import asyncio
from collections.abc import Iterable, Mapping

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from rekindle.engines import EngineError
from shared.clock import elapsed_seconds

COMPLETE_SECONDS_MAX = 30.0
BROKERS_CHOICE = -1  # of the number of replicas
KEPT_FOR_EVER = {"retention.ms": "-1"}


async def make_topics(
    kafka_url: str,
    names: Iterable[str],
    partitions: int = 12,
    config: Mapping[str, str] | None = None,
) -> None:
    """Create the topics of `names` that are missing, with the settings `config`.

    Returns once each has `partitions` partitions with a leader; a broker answers the creation
    earlier. Existing topics stay as they are. Raises EngineError where one has another number of
    partitions, for a contact's partition would then differ from topic to topic.
    """
    wanted = set(names)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    try:
        await admin.start()
        missing = wanted - set(await admin.list_topics())
        await _create(admin, sorted(missing), partitions, config or {})
        await _wait_until_complete(admin, wanted, partitions)
    except (KafkaError, OSError) as error:
        raise EngineError(
            f"Kafka at {kafka_url} did not make the topics ({type(error).__name__}): see that it "
            "runs and is reachable."
        ) from error
    finally:
        await admin.close()


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


async def _wait_until_complete(
    admin: AIOKafkaAdminClient, names: set[str], partitions: int
) -> None:
    end = elapsed_seconds() + COMPLETE_SECONDS_MAX
    while incomplete := names - await _complete(admin, names, partitions):
        if elapsed_seconds() > end:
            raise EngineError(
                f"Kafka has not completed the topics {', '.join(sorted(incomplete))} in "
                f"{COMPLETE_SECONDS_MAX:.0f} seconds: see its log, then start again."
            )
        await asyncio.sleep(0.02)


async def _complete(admin: AIOKafkaAdminClient, names: set[str], partitions: int) -> set[str]:
    """The topics whose every partition has a leader."""
    complete = set()
    for topic in await admin.describe_topics(sorted(names)):
        led = [part for part in topic["partitions"] if part["leader"] >= 0]
        if len(led) < len(topic["partitions"]) or not led:
            continue
        if len(led) != partitions:
            raise EngineError(
                f"The topic {topic['topic']} has {len(led)} partitions where {partitions} are "
                "needed: use a Kafka on which Rekindle makes its topics, or remove this one."
            )
        complete.add(topic["topic"])
    return complete
