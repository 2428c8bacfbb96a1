"""Contacts whose work is overdue."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sequence",
        sa.Column("held", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="orchestrator",
    )
    op.create_index(
        "sequence_held",
        "sequence",
        ["campaign_id"],
        unique=False,
        schema="orchestrator",
        postgresql_where=sa.text("held"),
    )
