"""The machinery's tables. Every service schema has its own set; rows carry the consumer group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """What the machinery keeps beside a service's own tables, in the same transactions."""

    lane: sa.Table
    position: sa.Table
    inbox: sa.Table
    outbox: sa.Table
    timer: sa.Table
    parked: sa.Table


def make_tables(metadata: sa.MetaData) -> Tables:
    """The set for the metadata's schema: call once per schema, however many groups it serves."""
    return Tables(
        lane=_lane(metadata),
        position=_position(metadata),
        inbox=_inbox(metadata),
        outbox=_outbox(metadata),
        timer=_timer(metadata),
        parked=_parked(metadata),
    )


def _lane(metadata: sa.MetaData) -> sa.Table:
    """Locked by whoever works for these contacts: the only lock there is."""
    return sa.Table(
        "lane",
        metadata,
        _must("grp", sa.Text),
        _must("lane", sa.SmallInteger),
        _must("cluster_id", sa.Text),
        _may("caught_up_at", sa.DateTime(timezone=True)),
        _may("pruned_to", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("grp", "lane"),
    )


def _position(metadata: sa.MetaData) -> sa.Table:
    """The next offset to apply. Kafka's own committed offset is never read."""
    return sa.Table(
        "position",
        metadata,
        _must("grp", sa.Text),
        _must("lane", sa.SmallInteger),
        _must("topic", sa.Text),
        _must("next", sa.BigInteger),
        sa.PrimaryKeyConstraint("grp", "lane", "topic"),
    )


def _inbox(metadata: sa.MetaData) -> sa.Table:
    """Ids applied: an event that was published twice lies at two offsets."""
    return sa.Table(
        "inbox",
        metadata,
        _must("grp", sa.Text),
        _must("event_id", sa.Uuid),
        _must("seen_at", sa.DateTime(timezone=True), index=True),
        sa.PrimaryKeyConstraint("grp", "event_id"),
    )


def _outbox(metadata: sa.MetaData) -> sa.Table:
    """Said, but not yet acknowledged by the bus. `id` is the order of saying."""
    return sa.Table(
        "outbox",
        metadata,
        _must("id", sa.BigInteger, primary_key=True, autoincrement=True),
        _must("grp", sa.Text),
        _must("lane", sa.SmallInteger),
        _must("topic", sa.Text),
        _must("subject", sa.Uuid),
        _must("workspace_id", sa.Uuid),
        _may("campaign_id", sa.Uuid),
        _must("event_id", sa.Uuid),
        _must("cause_id", sa.Uuid),
        _must("said_at", sa.DateTime(timezone=True)),
        _must("version", sa.SmallInteger),
        _must("source", sa.Text),
        _must("body", sa.LargeBinary),
        sa.Index("outbox_next", "grp", "lane", "id"),
    )


def _timer(metadata: sa.MetaData) -> sa.Table:
    """One moment per contact and plan; it fires as the event `event_id`."""
    return sa.Table(
        "timer",
        metadata,
        _must("grp", sa.Text),
        _must("contact_id", sa.Uuid),
        _must("plan", sa.BigInteger),
        _must("workspace_id", sa.Uuid),
        _must("event_id", sa.Uuid),
        _must("cause_id", sa.Uuid),
        _must("lane", sa.SmallInteger),
        _must("due_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("grp", "contact_id", "plan"),
        sa.Index("timer_due", "grp", "lane", "due_at"),
    )


def _parked(metadata: sa.MetaData) -> sa.Table:
    """What could not be applied, and everything of that subject since, in order."""
    return sa.Table(
        "parked",
        metadata,
        _must("id", sa.BigInteger, primary_key=True, autoincrement=True),
        _must("grp", sa.Text),
        _must("lane", sa.SmallInteger),
        _must("subject", sa.Uuid),
        _must("event_id", sa.Uuid),
        _must("topic", sa.Text),
        _must("headers", pg.JSONB),
        _must("body", sa.LargeBinary),
        _must("cause", sa.Text),
        _must("parked_at", sa.DateTime(timezone=True)),
        sa.Index("parked_subject", "grp", "subject", "id"),
    )


def _must(name: str, kind: Any, **options: Any) -> sa.Column[Any]:  # noqa: ANN401  SQLAlchemy's
    return sa.Column(name, kind, nullable=False, **options)


def _may(name: str, kind: Any) -> sa.Column[Any]:  # noqa: ANN401  SQLAlchemy's
    return sa.Column(name, kind, nullable=True)


def append_rows(tx: sa.Connection, table: sa.Table, rows: Sequence[Row], **same: Any) -> None:  # noqa: ANN401  values of any column
    """Add rows by COPY, an order of magnitude cheaper than INSERT; nothing may be in conflict.

    Rows get their serial ids in the order given, which is what keeps the outbox in order. `same`
    holds for every row.
    """
    if not rows:
        return
    names = list(rows[0])
    columns = [table.c[name] for name in (*same, *names)]
    quote = tx.dialect.identifier_preparer
    target = f"{quote.format_table(table)} ({', '.join(column.name for column in columns)})"
    constants = tuple(same.values())
    cursor = tx.connection.cursor()
    with cursor.copy(f"COPY {target} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types([column.type.compile(tx.dialect).lower() for column in columns])
        for row in rows:
            copy.write_row((*constants, *(row[name] for name in names)))


def insert_rows(table: sa.Table, rows: Sequence[Row], **same: Any) -> pg.Insert:  # noqa: ANN401  values of any column
    """One statement for any number of rows (at least one), one array per column.

    `same` holds for every row. The caller adds its `on_conflict…` and executes it.
    """
    names = list(rows[0])
    columns: list[sa.ColumnElement[Any]] = []
    for name, value in same.items():
        columns.append(sa.bindparam(f"all_{name}", value, table.c[name].type))
    for name in names:
        values, kind = [row[name] for row in rows], pg.ARRAY(table.c[name].type)
        columns.append(sa.func.unnest(sa.bindparam(f"all_{name}", values, kind)))
    return pg.insert(table).from_select([*same, *names], sa.select(*columns))
