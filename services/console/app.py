"""Console's composition root."""

from services.console.api import Console, make_app
from services.console.handlers import Imports
from services.console.store import METADATA, TABLES
from shared.bus import Lanes, Member, make_engine
from shared.clock import Clock
from shared.service import Service
from shared.settings import Settings
from shared.web import HttpServer


def build(settings: Settings, clock: Clock) -> Service:
    """The service, ready to start."""
    engine = make_engine(settings.database_of("console"))
    lanes = Lanes("console", TABLES, Imports(), clock, source="console")
    member = Member(lanes, engine, settings.kafka_url, settings.session_seconds)
    app = make_app(Console(engine, clock, settings.token()))
    server = HttpServer(app, settings.console_host, settings.console_port, "console")
    return Service("console", METADATA, [member], [server], [engine])
