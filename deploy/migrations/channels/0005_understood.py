"""Whether what somebody sent us was understood; what came in before is taken to be."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "inbound",
        sa.Column("understood", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        schema="channels",
    )
    op.alter_column("inbound", "understood", server_default=sa.false(), schema="channels")
    op.create_index(
        "inbound_unread",
        "inbound",
        ["address_hash"],
        unique=False,
        schema="channels",
        postgresql_where=sa.text("NOT understood"),
    )
