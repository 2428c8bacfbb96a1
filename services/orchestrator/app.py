"""The orchestrator's composition root."""

from services.orchestrator.ailing import ailing
from services.orchestrator.campaigns import GROUP
from services.orchestrator.handlers import HANDLER
from services.orchestrator.store import METADATA, TABLES
from shared.bus import Lanes, Member, make_engine
from shared.clock import Clock
from shared.service import Service
from shared.settings import Settings


def build(settings: Settings, clock: Clock) -> Service:
    """The service, ready to start."""
    engine = make_engine(settings.database_of(GROUP))
    lanes = Lanes(GROUP, TABLES, HANDLER, clock)
    member = Member(lanes, engine, settings.kafka_url, settings.session_seconds)
    return Service(GROUP, METADATA, [member], engines=[engine], ailing=ailing)
