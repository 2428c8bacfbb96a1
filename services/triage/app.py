"""Triage's composition root."""

from services.triage.handlers import GROUP, HANDLER
from services.triage.rejudging import Rejudging
from services.triage.store import METADATA, TABLES
from shared.bus import Lanes, Member, make_engine
from shared.clock import Clock
from shared.service import Service
from shared.settings import Settings


def build(settings: Settings, clock: Clock) -> Service:
    """The service, ready to start."""
    engine = make_engine(settings.database_of("triage"))
    lanes = Lanes(GROUP, TABLES, HANDLER, clock)
    member = Member(lanes, engine, settings.kafka_url, settings.session_seconds)
    return Service("triage", METADATA, [member], [Rejudging(engine, clock)], [engine])
