"""The event machinery: one batch, one transaction. See the README beside this file."""

from shared.bus.arrivals import Place
from shared.bus.bus import ends_of
from shared.bus.database import make_engine
from shared.bus.faults import BusChangedError, BusError, HandlerBrokenError, Temporary, described
from shared.bus.freshness import lags, lane_ages_seconds, view_ages_seconds
from shared.bus.lanes import Lanes
from shared.bus.member import Member
from shared.bus.outbox import tell, tell_all
from shared.bus.positions import forget
from shared.bus.repair import Parked, Retried, parked_drop, parked_list, parked_retry
from shared.bus.running import running, until_told_to_stop
from shared.bus.steps import Handler, Several, Steps
from shared.bus.tables import Tables, append_rows, insert_rows, make_tables
from shared.bus.timers import arm, arm_from, disarm

__all__ = [
    "BusChangedError",
    "BusError",
    "Handler",
    "HandlerBrokenError",
    "Lanes",
    "Member",
    "Parked",
    "Place",
    "Retried",
    "Several",
    "Steps",
    "Tables",
    "Temporary",
    "append_rows",
    "arm",
    "arm_from",
    "described",
    "disarm",
    "ends_of",
    "forget",
    "insert_rows",
    "lags",
    "lane_ages_seconds",
    "make_engine",
    "make_tables",
    "parked_drop",
    "parked_list",
    "parked_retry",
    "running",
    "tell",
    "tell_all",
    "until_told_to_stop",
    "view_ages_seconds",
]
