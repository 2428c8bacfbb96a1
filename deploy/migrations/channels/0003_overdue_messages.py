"""How late the messages of a campaign may be."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "campaign",
        sa.Column("overdue_hours", sa.Integer(), server_default=sa.text("6"), nullable=False),
        schema="channels",
    )
