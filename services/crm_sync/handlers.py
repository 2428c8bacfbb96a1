"""What crm_sync hears, and what it does then."""

from services.crm_sync import store
from services.crm_sync.writeback import Standing, none_yet, on_outcome
from shared.bus import Steps
from shared.bus.steps import Handlers
from shared.events import OutcomeRecorded

HANDLERS: Handlers[Standing | None] = {OutcomeRecorded: on_outcome}

WRITE_BACK = Steps(HANDLERS, store.load_outcomes, store.save_outcomes, new=none_yet)
