"""Making every recorded decision again, beside only writing out what was said."""

import asyncio
import time
from pathlib import Path

from rekindle.case import Case
from rekindle.commands.audit import moment_of
from rekindle.place import Place, settings_of
from rekindle.replaying.gateways import gateways_come_out_the_same
from rekindle.replaying.sequences import sequences_come_out_the_same
from rekindle.replaying.verdicts import verdicts_come_out_the_same
from rekindle.stream import read_stream

REPLAYS = (
    verdicts_come_out_the_same,
    sequences_come_out_the_same,
    gateways_come_out_the_same,
)


def figures(data: Path) -> dict[str, float]:
    """Events a second of CPU of the stream in this folder, and how many differ."""
    with settings_of(Place(data)) as settings:
        recorded = asyncio.run(read_stream(settings.kafka_url))
    case = Case(recorded, moment_of(recorded))
    began = time.process_time()
    different = sum(1 for replay in REPLAYS for _ in replay(case))
    ours = len(recorded.events) / (time.process_time() - began)
    began = time.process_time()
    different += sum(its.body() != recorded.bodies[its.id] for its in recorded.events)
    bare = len(recorded.events) / (time.process_time() - began)
    return {
        "events_per_cpu_second": round(ours),
        "bare_events_per_cpu_second": round(bare),
        "different": different,
    }
