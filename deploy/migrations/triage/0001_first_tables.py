"""First tables."""

import sqlalchemy as sa
from alembic import op

from deploy.migrations.machinery import create_machinery

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_people()
    _create_surroundings()
    create_machinery("triage")


def _create_people() -> None:
    op.create_table(
        "contact",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("box", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("refused", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id"),
        schema="triage",
    )
    op.create_index(
        op.f("ix_triage_contact_box"), "contact", ["box"], unique=False, schema="triage"
    )
    op.create_index(
        op.f("ix_triage_contact_number"), "contact", ["number"], unique=False, schema="triage"
    )
    op.create_index(
        op.f("ix_triage_contact_record"), "contact", ["record"], unique=False, schema="triage"
    )
    op.create_index(
        op.f("ix_triage_contact_workspace_id"),
        "contact",
        ["workspace_id"],
        unique=False,
        schema="triage",
    )
    op.create_table(
        "claim",
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
        schema="triage",
    )
    op.create_table(
        "suppression",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("channels", sa.String(), nullable=False),
        sa.Column("everything", sa.Boolean(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key", "contact_id"),
        schema="triage",
    )


def _create_surroundings() -> None:
    op.create_table(
        "import",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("import_id"),
        schema="triage",
    )
    op.create_index(
        op.f("ix_triage_import_workspace_id"),
        "import",
        ["workspace_id"],
        unique=False,
        schema="triage",
    )
    op.create_table(
        "campaign",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id"),
        schema="triage",
    )
    op.create_index(
        op.f("ix_triage_campaign_workspace_id"),
        "campaign",
        ["workspace_id"],
        unique=False,
        schema="triage",
    )
