"""Triage's composition root."""

from services.triage.handlers import GROUP, handler
from services.triage.journal import judged_by
from services.triage.rejudging import Rejudging
from services.triage.setup import set_up
from services.triage.store import METADATA, TABLES
from shared.bus import Lanes, Member, make_engine
from shared.clock import Clock
from shared.rules.loading import rules_in_force
from shared.service import Service
from shared.settings import Settings


def build(settings: Settings, clock: Clock) -> Service:
    """The service, ready to start. Raises RuleDataError, or ValueError for a setting."""
    engine = make_engine(settings.database_of("triage"))
    ready = set_up(settings, rules_in_force())
    lanes = Lanes(GROUP, TABLES, handler(ready), clock)
    member = Member(lanes, engine, settings.kafka_url, settings.session_seconds)
    return Service(
        "triage", METADATA, [member], [Rejudging(engine, clock, judged_by(ready))], [engine]
    )
