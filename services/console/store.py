"""What console keeps: workspaces, campaigns as they stand, who signed what, imports that ended."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.bus import make_tables
from shared.events import CampaignChanged
from shared.events.imported import ImportEnded
from shared.signing import is_signed

METADATA = sa.MetaData(schema="console")
MOMENT: Any = sa.DateTime(timezone=True)


class ConsoleRow(SQLModel, registry=registry(metadata=METADATA)):
    """Console's base."""


class WorkspaceRow(ConsoleRow, table=True):
    __tablename__ = "workspace"

    id: UUID = Field(primary_key=True)
    name: str = Field(unique=True)


class CampaignRow(ConsoleRow, table=True):
    """The newest version of a campaign; earlier ones stay on the bus."""

    __tablename__ = "campaign"

    id: UUID = Field(primary_key=True)
    workspace_id: UUID = Field(index=True)
    key: str
    version: int
    document: dict[str, Any] = Field(sa_column=sa.Column(pg.JSONB, nullable=False))


class SignatureRow(ConsoleRow, table=True):
    """A person signed a line; rows are only ever added."""

    __tablename__ = "signature"

    campaign_id: UUID = Field(primary_key=True)
    line_id: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    version: int  # of the campaign, as it was signed first
    signer: str
    signed_at: datetime = Field(sa_type=MOMENT)


class ImportRow(ConsoleRow, table=True):
    """An import that is complete."""

    __tablename__ = "import"

    id: UUID = Field(primary_key=True)
    workspace_id: UUID = Field(index=True)
    source: str
    records: int
    changed: int


TABLES = make_tables(METADATA)
WORKSPACE: sa.Table = WorkspaceRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
CAMPAIGN: sa.Table = CampaignRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
SIGNATURE: sa.Table = SignatureRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
IMPORT: sa.Table = ImportRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it


def save_workspace(tx: sa.Connection, workspace_id: UUID, name: str) -> None:
    tx.execute(pg.insert(WORKSPACE).on_conflict_do_nothing(), {"id": workspace_id, "name": name})


def find_workspaces(tx: sa.Connection) -> list[tuple[UUID, str]]:
    """All of them, by name."""
    rows = tx.execute(sa.select(WORKSPACE).order_by(WORKSPACE.c.name))
    return [(row.id, row.name) for row in rows]


def lock_campaign(tx: sa.Connection, campaign_id: UUID) -> CampaignChanged | None:
    """The campaign as it stands, locked until the transaction ends."""
    ask = sa.select(CAMPAIGN.c.document).where(CAMPAIGN.c.id == campaign_id).with_for_update()
    document = tx.scalar(ask)
    return CampaignChanged.model_validate(document) if document else None


def save_campaign(tx: sa.Connection, key: str, campaign: CampaignChanged) -> None:
    """Write the campaign and the signatures that it carries."""
    row = {
        "id": campaign.subject,
        "workspace_id": campaign.workspace_id,
        "key": key,
        "version": campaign.version_number,
        "document": campaign.model_dump(mode="json"),
    }
    insert = pg.insert(CAMPAIGN).values(row)
    new = {"version": insert.excluded.version, "document": insert.excluded.document}
    tx.execute(insert.on_conflict_do_update(index_elements=("id",), set_=new))
    if signatures := [
        _signature_row(campaign, line) for line in campaign.script if is_signed(line)
    ]:
        tx.execute(pg.insert(SIGNATURE).on_conflict_do_nothing(), signatures)


def _signature_row(campaign: CampaignChanged, line: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "campaign_id": campaign.subject,
        "version": campaign.version_number,
        "line_id": line.id,
        "channel": line.channel,
        "language": line.language,
        "digest": line.signature.digest,
        "signer": line.signature.signer,
        "signed_at": line.signature.signed_at,
    }


def save_import(tx: sa.Connection, event: ImportEnded) -> None:
    row = {
        "id": event.import_id,
        "workspace_id": event.workspace_id,
        "source": event.source,
        "records": event.records,
        "changed": event.changed,
    }
    insert = pg.insert(IMPORT).values(row)
    new = {"records": insert.excluded.records, "changed": insert.excluded.changed}
    tx.execute(insert.on_conflict_do_update(index_elements=("id",), set_=new))
