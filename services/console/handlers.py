"""What console hears."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from services.console import store
from shared.events import Answer, Event, ImportEnded


@dataclass(frozen=True, slots=True)
class Imports:
    """Remember the imports that ended."""

    hears: Collection[type[Event]] = (ImportEnded,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], _: datetime) -> list[Answer]:
        for event in inputs:
            if isinstance(event, ImportEnded):
                store.save_import(tx, event)
        return []
