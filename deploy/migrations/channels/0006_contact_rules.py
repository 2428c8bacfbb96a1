"""What the contact rules ask of a contact and of a touch; the country is one of the facts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "contact",
        sa.Column("facts", postgresql.JSONB(), server_default="{}", nullable=False),
        schema="channels",
    )
    op.drop_column("contact", "country", schema="channels")
    op.add_column(
        "touch",
        sa.Column("is_answer", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="channels",
    )
