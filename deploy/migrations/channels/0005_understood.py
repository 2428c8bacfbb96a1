"""How far each contact was understood; what came in before is taken to be."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "contact",
        sa.Column("understood", sa.Integer(), server_default=sa.text("0"), nullable=False),
        schema="channels",
    )
    op.execute("UPDATE channels.contact SET understood = replies")
