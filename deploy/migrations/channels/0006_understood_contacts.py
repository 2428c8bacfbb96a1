"""How far each contact was understood, instead of which of its replies."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("inbound_unread", table_name="inbound", schema="channels")
    op.drop_column("inbound", "understood", schema="channels")
    op.add_column(
        "contact",
        sa.Column("understood", sa.Integer(), server_default=sa.text("0"), nullable=False),
        schema="channels",
    )
    op.execute("UPDATE channels.contact SET understood = replies")
