"""Triage of a whole file in memory: the same verdicts without a bus or a database."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol, TypeVar
from uuid import UUID

from services.triage.claims import claim_of
from services.triage.judging import NOT_SUPPRESSED, Judgement, judge
from services.triage.records import Record
from services.triage.standings import ALONE, standings
from shared.ids import NOBODY

NOBODYS: Mapping[UUID, Judgement] = MappingProxyType({})
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # the rows of one file are known since one moment


class Row(Record, Protocol):
    """One row of the file, as facts."""

    @property
    def row(self) -> int: ...
    @property
    def contact_id(self) -> UUID: ...


R = TypeVar("R", bound=Row)


def judge_all(
    rows: Sequence[R],
    set_up: Collection[str],
    now: datetime,
    *,
    alone: Mapping[UUID, Judgement] = NOBODYS,
    whom: Container[UUID] | None = None,
) -> Iterator[tuple[R, Judgement]]:
    """Each row with its verdict, in the order given; contact ids must differ.

    As on the bus before any script is signed, and without a suppression list. `set_up` are the
    preconditions of the contact rules that the sender meets. `alone` has verdicts that are known
    to hold unless others concern the row. Where it is said `whom` to judge, the others count only
    as their neighbours.
    """
    standing = standings(claim_of(row, row.contact_id, LONG_AGO, row.row, NOBODY) for row in rows)
    for row in rows:
        who = row.contact_id
        if whom is None or who in whom:
            its = standing[who]
            known = alone.get(who) if its is ALONE else None
            yield row, known or judge(row, its, NOT_SUPPRESSED, None, set_up, now)


def judge_alone(row: Record, set_up: Collection[str], now: datetime) -> Judgement:
    """The verdict if there were no other row."""
    return judge(row, ALONE, NOT_SUPPRESSED, None, set_up, now)
