"""Booking's composition root."""

from services.booking.handlers import Calendar
from services.booking.slots import WorkingHours
from services.booking.store import METADATA, TABLES, queues
from shared.bus import Lanes, Member, make_engine
from shared.clock import Clock
from shared.service import Service
from shared.settings import Settings


def build(settings: Settings, clock: Clock) -> Service:
    """The service, ready to start."""
    hours = WorkingHours(
        settings.calendar_zone,
        settings.calendar_opens_hour,
        settings.calendar_closes_hour,
        settings.call_minutes,
    )
    engine = make_engine(settings.database_of("booking"))
    lanes = Lanes("booking", TABLES, Calendar(hours), clock, source="booking")
    member = Member(lanes, engine, settings.kafka_url, settings.session_seconds)
    return Service("booking", METADATA, [member], engines=[engine], queues=queues)
