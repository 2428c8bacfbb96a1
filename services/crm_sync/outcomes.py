"""`outcomes.csv`: how each contact ended, in a form that a CRM can import."""

import csv
from collections.abc import Sequence
from datetime import UTC
from typing import Any, TextIO
from uuid import UUID

import sqlalchemy as sa

from services.crm_sync.store import outcomes_of
from shared.events import Person
from shared.privacy.sealed import Sealed, unseal
from shared.privacy.vault import Vault

HEADER = ("crm_id", "code", "reason", "time")
# A spreadsheet takes what begins so for a formula; the import takes the apostrophe off again.
FORMULA_STARTS = ("=", "+", "-", "@")


def write_outcomes_csv(engine: sa.Engine, vault: Vault, workspace_id: UUID, file: TextIO) -> int:
    """Write one line per ended contact, the earliest first, times in UTC; how many there are.

    A contact without an id in the CRM, or who was forgotten, has an empty one.
    """
    lines = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    lines.writerow(HEADER)
    count = 0
    with engine.connect() as tx:
        for portion in outcomes_of(tx, workspace_id):
            ids = _crm_ids(vault, portion)
            for row in portion:
                moment = row.ended_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                lines.writerow(map(guarded, (ids[row.contact_id], row.code, row.reason, moment)))
            count += len(portion)
    return count


def guarded(text: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _crm_ids(vault: Vault, rows: Sequence[sa.Row[Any]]) -> dict[UUID, str]:
    """What the CRM calls these contacts; one query for all of them."""
    keys = vault.keys([row.contact_id for row in rows])
    ids = dict.fromkeys((row.contact_id for row in rows), "")
    for row in rows:
        if row.person and (key := keys.get(row.contact_id)):
            ids[row.contact_id] = unseal(Sealed[Person](row.person), Person, key).crm_id
    return ids
