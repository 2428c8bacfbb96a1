"""Where to read: the database's positions, held against what the bus really has."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import sqlalchemy as sa
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError
from sqlalchemy.dialects import postgresql as pg

from shared.bus.arrivals import Place, Record, Run
from shared.bus.faults import BusChangedError
from shared.bus.lanes import Lanes
from shared.ids import LANES


@dataclass
class Reading:
    """From where this process has read each place. Forgotten with every new assignment."""

    _next: dict[Place, int] = field(default_factory=dict)
    _sought: set[Place] = field(default_factory=set)

    def forget(self) -> None:
        self._next.clear()

    def cut(self, records: Iterable[Record]) -> tuple[list[Run], list[Place]]:
        """Cut a batch by place; a place that does not go on where we stopped is astray."""
        by_place: dict[Place, list[Record]] = defaultdict(list)
        for record in records:
            by_place[Place(record.topic, record.partition)].append(record)
        runs, astray = [], []
        for place, its in by_place.items():
            start, at = self._next.pop(place, None), its[0].offset
            # A hole straight after a seek is the log's own: a compacted or a control record.
            if start is None or at < start or (at > start and place not in self._sought):
                astray.append(place)
                continue
            run = Run(place, start, its)
            runs.append(run)
            self._next[place] = run.end
            self._sought.discard(place)
        return runs, astray

    def seek(self, consumer: AIOKafkaConsumer, place: Place, at: int) -> None:
        """Read this place from there on, unless it was revoked meanwhile."""
        with suppress(IllegalStateError):
            consumer.seek(TopicPartition(*place), at)
            self._next[place] = at
            self._sought.add(place)


Extent = Mapping[Place, tuple[int, int]]  # the first offset that the bus holds, and its end


def find(tx: sa.Connection, lanes: Lanes, held: Extent) -> dict[Place, int]:
    """The database's positions; a place heard for the first time starts at its first record."""
    numbers = {place.lane for place in held}
    lanes.lock(tx, numbers)
    known = lanes.positions(tx, numbers)
    new = {place: first for place, (first, _) in held.items() if place not in known}
    lanes.move(tx, new)
    return {place: (known | new)[place] for place in held}


def check(group: str, positions: Mapping[Place, int], held: Extent) -> None:
    """See that the bus has what is yet to be read; raises BusChangedError when it has not.

    `held` was asked for after the positions were read: others may have read on in between.
    """
    for place, at in positions.items():
        first, end = held[place]
        if not first <= at <= end:
            sentence = (
                f"{group} has read {place.topic} lane {place.lane} up to {at}, but the bus "
                f"holds {first} to {end}: events are missing. Restore them, or name the bus that "
                "has them in KAFKA_URL."
            )
            raise BusChangedError(sentence)


def settle(tx: sa.Connection, lanes: Lanes, cluster_id: str) -> None:
    """Make the group's lane rows, all of them: who locks every lane must find every row.

    Raises BusChangedError when they belong to another bus, where positions mean nothing.
    """
    lane = lanes.tables.lane
    rows = [{"grp": lanes.group, "lane": n, "cluster_id": cluster_id} for n in range(LANES)]
    tx.execute(pg.insert(lane).on_conflict_do_nothing(), rows)
    mine = sa.select(lane.c.cluster_id).where(lane.c.grp == lanes.group).distinct()
    for known in tx.scalars(mine):
        if known != cluster_id:
            sentence = (
                f"{lanes.group} has read from the bus {known}; this one is {cluster_id}. "
                "Name the old one in KAFKA_URL; a new bus goes with a new database."
            )
            raise BusChangedError(sentence)


def forget(tx: sa.Connection, lanes: Lanes) -> None:
    """Read a new bus from its beginning; the inbox drops what was applied already.

    Raises BusChangedError when the inbox was pruned: it would no longer know them all.
    """
    lanes.lock(tx, range(LANES))
    lane = lanes.tables.lane
    pruned = sa.select(sa.func.max(lane.c.pruned_to)).where(lane.c.grp == lanes.group)
    if (since := tx.scalar(pruned)) is not None:
        sentence = (
            f"{lanes.group} no longer knows which events it applied before {since:%Y-%m-%d}: "
            "reading a bus from its beginning could apply them twice."
        )
        raise BusChangedError(sentence)
    for table in (lanes.tables.position, lane):
        tx.execute(sa.delete(table).where(table.c.grp == lanes.group))
