"""Look-ups of unknown touches; delivered outweighs failed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    none_yet = sa.Column("looked_up", sa.Integer(), nullable=False, server_default="0")
    op.add_column("touch", none_yet, schema="channels")
    op.alter_column("touch", "looked_up", server_default=None, schema="channels")
    op.create_index(
        "touch_unknown",
        "touch",
        ["settled_at"],
        unique=False,
        schema="channels",
        postgresql_where=sa.text("state = 'unknown'"),
    )
    # Failed and delivered had one rank; what had failed was closed.
    op.execute(
        "update channels.touch set status_rank = status_rank + 1 "
        "where status_rank = 4 or (status_rank = 3 and closed_at is null)"
    )
