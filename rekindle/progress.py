"""What has happened so far, while it happens: counts from the end of a few topics."""

from dataclasses import dataclass, field
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.bus.arrivals import from_record, opened
from shared.events import (
    ContactSuppressed,
    ContactTriaged,
    Event,
    MessageSent,
    OutcomeRecorded,
    ReplyReceived,
)
from shared.ids import LANES
from shared.outcomes import Outcome
from shared.words import Result

KINDS: dict[str, type[Event]] = {
    kind.topic: kind
    for kind in (ContactTriaged, MessageSent, ReplyReceived, OutcomeRecorded, ContactSuppressed)
}
POLL_MILLISECONDS = 500


@dataclass
class Progress:
    """Counts of things, each once; `catch_up` reads what is new."""

    kafka_url: str
    touches: set[UUID] = field(default_factory=set)
    replies: set[UUID] = field(default_factory=set)
    outcomes: dict[UUID, tuple[int, Outcome]] = field(default_factory=dict)
    _persons: dict[UUID, UUID] = field(default_factory=dict)
    _suppressed: set[UUID] = field(default_factory=set)
    _consumer: AIOKafkaConsumer | None = None

    @property
    def booked(self) -> int:
        return sum(code is Outcome.BOOKED for _, code in self.outcomes.values())

    @property
    def suppressed(self) -> int:
        """People, not records: several may be one person's."""
        return len({self._persons.get(contact, contact) for contact in self._suppressed})

    async def catch_up(self) -> None:
        """Read up to where the topics end now."""
        consumer = await self._started()
        places = list(consumer.assignment())
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=POLL_MILLISECONDS)).values():
                for record in records:
                    self._count(opened(from_record(record), KINDS).event)

    async def close(self) -> None:
        if self._consumer:
            await self._consumer.stop()

    async def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            self._consumer = AIOKafkaConsumer(
                bootstrap_servers=self.kafka_url, auto_offset_reset="earliest"
            )
            await self._consumer.start()
            places = [TopicPartition(topic, lane) for topic in KINDS for lane in range(LANES)]
            self._consumer.assign(places)
        return self._consumer

    def _count(self, event: Event | None) -> None:
        match event:
            case MessageSent(result=Result.REFUSED) | None:
                return
            case ContactTriaged():
                self._persons[event.subject] = event.duplicate_of or event.subject
            case MessageSent():
                self.touches.add(event.touch_id)
            case ReplyReceived():
                self.replies.add(event.id)
            case ContactSuppressed():
                self._suppressed.add(event.subject)
            case OutcomeRecorded():
                known, _ = self.outcomes.get(event.subject, (0, None))
                if event.revision > known:
                    self.outcomes[event.subject] = (event.revision, event.code)
            case _:
                return
