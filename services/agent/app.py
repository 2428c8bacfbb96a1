"""The agent's composition root."""

from services.agent.brain import EmbeddedBrain
from services.agent.handlers import Agent
from services.agent.store import METADATA, TABLES
from shared.bus import Lanes, Member, make_engine
from shared.clock import Clock
from shared.service import Service
from shared.settings import Settings


def build(settings: Settings, clock: Clock) -> Service:
    """The service, ready to start. Raises MasterKeyError when no sealed field could be opened."""
    engine = make_engine(settings.database_of("agent"))
    vault = settings.make_vault()
    lanes = Lanes("agent", TABLES, Agent(EmbeddedBrain(), vault), clock, source="agent")
    member = Member(lanes, engine, settings.kafka_url, settings.session_seconds)
    return Service("agent", METADATA, [member], engines=[engine, vault.engine])
