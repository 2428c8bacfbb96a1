"""What else a record claims."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "further",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "contact_id"),
        schema="triage",
    )
    op.create_index(
        op.f("ix_triage_further_contact_id"),
        "further",
        ["contact_id"],
        unique=False,
        schema="triage",
    )
    for name in ("boxes", "numbers", "short_names"):
        column = sa.Column(name, sa.String(), nullable=False, server_default="")
        op.add_column("contact", column, schema="triage")
    shared = sa.Column("shared_box", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("contact", shared, schema="triage")
