"""First tables."""

import sqlalchemy as sa
from alembic import op

from deploy.migrations.machinery import create_machinery

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
        "offer",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "counts_from"),
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
    create_machinery("orchestrator")
