"""How long a long messy list takes until every row has a verdict that is on the bus.

`python -m bench.importing` starts engines of its own and prints one JSON object. crm_sync and
triage are processes of their own and nobody else reads, so the figure is theirs and the engines'.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import sqlalchemy as sa

from rekindle.engines import Engines, clear
from rekindle.migrating import migrate
from rekindle.place import Place
from rekindle.topics import make_topics
from sandbox.exports import Export, as_csv
from shared.settings import Settings
from shared.topics import TOPICS

ROWS, ROWS_OF_ONE = 50_000, 2_500
LOOK_SECONDS, SECONDS_MAX = 0.1, 300.0
# Every row has been judged, and all that was said of it has left.
LEFT = sa.text(
    "select :rows - (select count(*) from triage.contact where revision > 0)"
    " + (select count(*) from triage.outbox)"
)


def figures() -> dict[str, float]:
    """Seconds from the file to the last verdict, and what the two processes cost for it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder) / "data")
        place.claim(over_demo=False)
        with Engines(place.folder) as engines:
            found = _measured(place, place.settings(engines.kafka_url, engines.database_url))
        clear(place.folder)
    return found


def long_list(rows: int) -> bytes:
    """So many rows: as many invented exports as it takes, each with ids of its own."""
    return as_csv(
        [
            {**row, "Record ID": f"{seed}-{row['Record ID']}"}
            for seed in range(rows // ROWS_OF_ONE)
            for row in Export(seed).make()
        ]
    )


def _measured(place: Place, settings: Settings) -> dict[str, float]:
    migrate(settings)
    asyncio.run(make_topics(settings.kafka_url, [topic.name for topic in TOPICS]))
    file = place.folder / "long.csv"
    file.write_bytes(long_list(ROWS))
    with _process("services.triage", place, settings) as triage:
        idle, began = _cpu_seconds(triage), time.monotonic()
        words = ("import", str(file), "--data", str(place.folder))
        with _process("rekindle", place, settings, *words) as crm_sync:
            memory = _until_judged(settings, (triage, crm_sync))
            seconds = time.monotonic() - began
        busy = _cpu_seconds(triage) - idle
    return {
        "seconds": round(seconds, 1),
        "triaged_per_cpu_second": round(ROWS / busy),
        "megabytes": round(memory / 2**20),
    }


def _until_judged(settings: Settings, processes: Sequence[psutil.Popen]) -> int:
    """Returns when every row has its verdict and all is said; the highest memory of a process.

    Raises TimeoutError when that takes too long.
    """
    engine = sa.create_engine(settings.database_of("triage"), isolation_level="AUTOCOMMIT")
    end, memory = time.monotonic() + SECONDS_MAX, 0
    with engine.connect() as tx:
        while tx.scalar(LEFT, {"rows": ROWS}):
            if time.monotonic() > end:
                raise TimeoutError(f"{ROWS} rows were not judged within {SECONDS_MAX:.0f} s")
            memory = max(memory, *map(_memory, processes))
            time.sleep(LOOK_SECONDS)
    engine.dispose()
    return memory


def _memory(process: psutil.Popen) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:  # it has ended: the importer is done before the last row is judged
        return 0


def _cpu_seconds(process: psutil.Popen) -> float:
    its = process.cpu_times()
    return float(its.user + its.system)


@contextmanager
def _process(module: str, place: Place, settings: Settings, *words: str) -> Iterator[psutil.Popen]:
    """A process of its own on these engines, until the caller leaves."""
    env = {
        "KAFKA_URL": settings.kafka_url,
        "DATABASE_URL": settings.database_url,
        "MASTER_KEY_FILE": str(settings.master_key_file),
    }
    with (place.folder / f"{module}.log").open("ab") as out:
        process = psutil.Popen(
            [sys.executable, "-m", module, *words],
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
        process.wait()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(figures()) + "\n")
