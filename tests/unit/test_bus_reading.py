"""From where this process has read: what counts as a run, and what must be read again."""

from types import SimpleNamespace

import pytest
from aiokafka.errors import IllegalStateError

from shared.bus.arrivals import Place, Run
from shared.bus.positions import Reading

HERE, THERE = Place("heard", 1), Place("heard", 2)


class Consumer:
    def __init__(self, revoked=()):
        self.revoked, self.sought = revoked, {}

    def seek(self, partition, at):
        if tuple(partition) in self.revoked:
            raise IllegalStateError
        self.sought[tuple(partition)] = at


@pytest.fixture
def reading():
    its = Reading()
    for place in (HERE, THERE):
        its.seek(Consumer(), place, 10)
    return its


def records(place, *offsets):
    return [SimpleNamespace(topic=place.topic, partition=place.lane, offset=n) for n in offsets]


def test_records_that_go_on_where_we_stopped_are_a_run(reading):
    first, second = records(HERE, 10, 11), records(HERE, 12)
    assert reading.cut(first) == ([Run(HERE, 10, first)], [])
    assert reading.cut(second) == ([Run(HERE, 12, second)], [])


def test_a_batch_is_cut_by_place(reading):
    here, there = records(HERE, 10), records(THERE, 10, 11)
    assert reading.cut([*there, *here]) == ([Run(THERE, 10, there), Run(HERE, 10, here)], [])


def test_a_hole_straight_after_a_seek_is_the_log_s_own(reading):
    its = records(HERE, 14)
    assert reading.cut(its) == ([Run(HERE, 10, its)], [])


def test_a_hole_later_on_is_astray(reading):
    reading.cut(records(HERE, 10))
    assert reading.cut(records(HERE, 12)) == ([], [HERE])


def test_what_lies_before_the_place_we_sought_is_astray(reading):
    assert reading.cut(records(HERE, 9)) == ([], [HERE])


def test_a_place_that_went_astray_stays_astray_until_it_is_sought(reading):
    reading.cut(records(HERE, 9))
    assert reading.cut(records(HERE, 10)) == ([], [HERE])
    reading.seek(Consumer(), HERE, 10)
    assert reading.cut(records(HERE, 10))[1] == []


def test_nothing_counts_after_the_assignment_changed(reading):
    reading.forget()
    assert reading.cut(records(HERE, 10)) == ([], [HERE])


def test_a_place_that_was_revoked_meanwhile_is_not_read(reading):
    reading.forget()
    reading.seek(Consumer(revoked=[tuple(HERE)]), HERE, 10)
    assert reading.cut(records(HERE, 10)) == ([], [HERE])


def test_a_seek_is_the_consumer_s_too():
    consumer = Consumer()
    Reading().seek(consumer, HERE, 3)
    assert consumer.sought == {tuple(HERE): 3}
