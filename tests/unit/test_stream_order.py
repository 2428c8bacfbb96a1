"""In which order a stream is read that several clocks have written."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

from rekindle.stream import _Reading
from shared.bus.envelope import headers_of
from shared.ids import lane_of
from tests.examples import NOW, a_contact_triaged, a_message_sent

SECOND = timedelta(seconds=1)


def record(event, n, seconds):
    """The `n`th of its topic, by a clock that says so many seconds after `NOW`."""
    envelope = headers_of(
        topic=event.topic,
        id=UUID(int=n),
        source="test",
        time=NOW + seconds * SECOND,
        subject=event.subject,
        workspace_id=event.workspace_id,
        campaign_id=event.campaign_id,
        cause_id=event.cause_id,
        version=event.version,
    )
    return SimpleNamespace(
        topic=event.topic,
        partition=lane_of(event.subject),
        offset=n,
        key=str(event.subject).encode(),
        value=event.body(),
        headers=[(name, value.encode()) for name, value in envelope.items()],
    )


def read(*records):
    reading = _Reading()
    for its in records:
        reading.take(its)
    assert not reading.unreadable
    return [(its.topic, (its.time - NOW).seconds) for its in reading.recorded().events]


def test_topics_are_put_together_by_time():
    triaged = [record(a_contact_triaged(), n, seconds) for n, seconds in ((1, 1), (2, 5))]
    assert read(*triaged, record(a_message_sent(), 3, 3)) == [
        ("contact.triaged", 1),
        ("message.sent", 3),
        ("contact.triaged", 5),
    ]


def test_a_topic_keeps_its_own_order_when_a_clock_is_behind():
    triaged = [record(a_contact_triaged(), n, seconds) for n, seconds in ((1, 5), (2, 2), (3, 6))]
    assert read(*triaged, record(a_message_sent(), 4, 3)) == [
        ("message.sent", 3),
        ("contact.triaged", 5),
        ("contact.triaged", 2),
        ("contact.triaged", 6),
    ]
