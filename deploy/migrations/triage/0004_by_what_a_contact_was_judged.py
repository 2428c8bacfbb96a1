"""By what a contact was judged."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "contact",
        sa.Column("judged_by", sa.String(), nullable=False, server_default=""),
        schema="triage",
    )
