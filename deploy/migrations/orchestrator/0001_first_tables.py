"""First tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id"),
        schema="orchestrator",
    )
    op.create_table(
        "inbox",
        sa.Column("grp", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("grp", "event_id"),
        schema="orchestrator",
    )
    op.create_index(
        op.f("ix_orchestrator_inbox_seen_at"),
        "inbox",
        ["seen_at"],
        unique=False,
        schema="orchestrator",
    )
    op.create_table(
        "lane",
        sa.Column("grp", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("cluster_id", sa.Text(), nullable=False),
        sa.Column("caught_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pruned_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("grp", "lane"),
        schema="orchestrator",
    )
    op.create_table(
        "offer",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "counts_from"),
        schema="orchestrator",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("grp", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="orchestrator",
    )
    op.create_index(
        "outbox_next", "outbox", ["grp", "lane", "id"], unique=False, schema="orchestrator"
    )
    op.create_table(
        "parked",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("grp", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="orchestrator",
    )
    op.create_index(
        "parked_subject", "parked", ["grp", "subject", "id"], unique=False, schema="orchestrator"
    )
    op.create_table(
        "position",
        sa.Column("grp", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("grp", "lane", "topic"),
        schema="orchestrator",
    )
    op.create_table(
        "sequence",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("may_join", sa.Boolean(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id"),
        schema="orchestrator",
    )
    op.create_index(
        op.f("ix_orchestrator_sequence_campaign_id"),
        "sequence",
        ["campaign_id"],
        unique=False,
        schema="orchestrator",
    )
    op.create_index(
        "sequence_waiting",
        "sequence",
        ["workspace_id", "campaign_id"],
        unique=False,
        schema="orchestrator",
    )
    op.create_table(
        "timer",
        sa.Column("grp", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("plan", sa.BigInteger(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("grp", "contact_id", "plan"),
        schema="orchestrator",
    )
    op.create_index(
        "timer_due", "timer", ["grp", "lane", "due_at"], unique=False, schema="orchestrator"
    )
