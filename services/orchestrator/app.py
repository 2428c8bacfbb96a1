"""The orchestrator's composition root."""

from services.orchestrator.campaigns import GROUP, Campaigns
from services.orchestrator.handlers import HANDLERS
from services.orchestrator.store import METADATA, TABLES, load, new, save
from shared.bus import Lanes, Member, Several, Steps, make_engine
from shared.clock import Clock
from shared.service import Service
from shared.settings import Settings


def build(settings: Settings, clock: Clock) -> Service:
    """The service, ready to start."""
    engine = make_engine(settings.database_of(GROUP))
    handler = Several(Steps(HANDLERS, load, save, new), Campaigns())
    lanes = Lanes(GROUP, TABLES, handler, clock)
    member = Member(lanes, engine, settings.kafka_url, settings.session_seconds)
    return Service(GROUP, METADATA, [member], engines=[engine])
