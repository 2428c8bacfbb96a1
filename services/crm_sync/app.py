"""crm_sync's composition root."""

from services.crm_sync.handlers import WRITE_BACK
from services.crm_sync.importing import GROUP
from services.crm_sync.store import METADATA, TABLES
from shared.bus import Lanes, Member, make_engine
from shared.clock import Clock
from shared.service import Service
from shared.settings import Settings


def build(settings: Settings, clock: Clock) -> Service:
    """The service, ready to start: it publishes what imports say, and writes outcomes back."""
    engine = make_engine(settings.database_of("crm_sync"))
    lanes = Lanes(GROUP, TABLES, WRITE_BACK, clock, source="crm_sync")
    member = Member(lanes, engine, settings.kafka_url, settings.session_seconds)
    return Service("crm_sync", METADATA, [member], engines=[engine])
