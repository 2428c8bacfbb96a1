"""The bus itself, asked on a connection of its own.

A reader's connection is no place for questions: its long poll makes them wait half a second.
"""

import asyncio
from collections.abc import Collection, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.bus.arrivals import Place
from shared.bus.faults import TopicsMissingError
from shared.ids import LANES

ANSWER_SECONDS_MAX = 5


class Bus:
    """What the members of one process ask the bus; questions of one moment travel together."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._consumer: AIOKafkaConsumer | None = None
        self._starting = asyncio.Lock()
        self._wanted: set[TopicPartition] = set()
        self._asking: asyncio.Task[dict[TopicPartition, int]] | None = None
        self._asked: set[asyncio.Task[dict[TopicPartition, int]]] = set()  # and not answered yet

    async def identify(self, topics: Sequence[str]) -> str:
        """The cluster's id. Raises TopicsMissingError when topics are not there, or not whole."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._url)
        try:
            await admin.start()
            found = await admin.describe_topics(list(topics)) if topics else []
            whole = {its["topic"] for its in found if len(its["partitions"]) == LANES}
            if missing := sorted(set(topics) - whole):
                sentence = f"no topics with {LANES} partitions: {', '.join(missing)}"
                raise TopicsMissingError(sentence)
            return str((await admin.describe_cluster())["cluster_id"])
        finally:
            await admin.close()

    async def extent(self, places: Sequence[Place]) -> dict[Place, tuple[int, int]]:
        """The first offset that the bus holds of each place, and the one after the last."""
        consumer = await self._started()
        partitions = {place: TopicPartition(*place) for place in places}
        first = await consumer.beginning_offsets(list(partitions.values()))
        end = await consumer.end_offsets(list(partitions.values()))
        return {place: (first[its], end[its]) for place, its in partitions.items()}

    async def ends(self, topics: Sequence[str], lanes: Collection[int]) -> dict[Place, int]:
        """The offset after the last of each place, as it is at some moment after this call."""
        mine = [TopicPartition(topic, lane) for topic in topics for lane in lanes]
        if not mine:
            return {}
        self._wanted.update(mine)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
            self._asked.add(self._asking)
            self._asking.add_done_callback(self._asked.discard)
        found = await asyncio.shield(self._asking)  # it is the others' question, too
        return {Place(its.topic, its.partition): found[its] for its in mine}

    async def stop(self) -> None:
        """The connection is closed, and questions that nobody waits for any more open no other."""
        for question in self._asked:
            question.cancel()
        if self._asked:
            await asyncio.wait(self._asked)
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    async def _ask(self) -> dict[TopicPartition, int]:
        """One request for everybody who has asked until it leaves."""
        try:
            consumer = await self._started()
        finally:
            wanted, self._wanted, self._asking = list(self._wanted), set(), None
        ends: dict[TopicPartition, int] = await consumer.end_offsets(wanted)
        return ends

    async def _started(self) -> AIOKafkaConsumer:
        async with self._starting:
            if self._consumer is None:
                consumer = AIOKafkaConsumer(
                    bootstrap_servers=self._url, request_timeout_ms=ANSWER_SECONDS_MAX * 1000
                )
                try:
                    await consumer.start()
                except BaseException:
                    await consumer.stop()
                    raise
                self._consumer = consumer
            return self._consumer


async def ends_of(url: str, topics: Sequence[str], lanes: int = LANES) -> dict[Place, int]:
    """The offset after the last of every place of these topics, on a connection for this alone.

    Raises KafkaError or OSError where the bus does not answer or lacks a topic.
    """
    places = [TopicPartition(topic, lane) for topic in topics for lane in range(lanes)]
    if not places:
        return {}
    consumer = AIOKafkaConsumer(bootstrap_servers=url, request_timeout_ms=ANSWER_SECONDS_MAX * 1000)
    try:
        await consumer.start()
        ends = await consumer.end_offsets(places)
        return {Place(*place): end for place, end in ends.items()}
    finally:
        await consumer.stop()
