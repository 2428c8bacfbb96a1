"""Triage of a whole file in memory: the same verdicts without a bus or a database."""

from collections.abc import Collection, Container, Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar
from uuid import UUID

from services.triage.claims import claim_of
from services.triage.judging import NOT_SUPPRESSED, Judgement, judge
from services.triage.records import Record
from services.triage.standings import standings
from shared.ids import NOBODY

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
    whom: Container[UUID] | None = None,
) -> Iterator[tuple[R, Judgement]]:
    """Each row with its verdict, in the order given; contact ids must differ.

    As on the bus before any script is signed, and without a suppression list. `set_up` are the
    preconditions of the contact rules that the sender meets. Where it is said `whom` to judge, the
    others count only as their neighbours.
    """
    standing = standings(claim_of(row, row.contact_id, LONG_AGO, row.row, NOBODY) for row in rows)
    for row in rows:
        if whom is None or row.contact_id in whom:
            yield row, judge(row, standing[row.contact_id], NOT_SUPPRESSED, None, set_up, now)
