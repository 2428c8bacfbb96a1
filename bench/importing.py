"""How long a long messy list takes until every row has a verdict that is on the bus.

`python -m bench.importing [ROWS]` starts engines of its own and prints one JSON object. crm_sync
and triage are processes of their own and nobody else reads, so the figure is theirs and the
engines'. With very many rows it shows whether memory stays where it was after a fifth of them.
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
LOOK_SECONDS, SECONDS_MAX_A_ROW = 0.1, 0.006
BEGINNING = 0.2  # the share of the rows after which memory should grow no more
# Every row has been judged, and all that was said of it has left.
LEFT = sa.text(
    "select :rows - (select count(*) from triage.contact where revision > 0)"
    " + (select count(*) from triage.outbox)"
)


def figures(rows: int = ROWS) -> dict[str, float]:
    """Seconds from the file to the last verdict, and what the two processes cost for it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder) / "data")
        place.claim(over_demo=False)
        with Engines(place.folder) as engines:
            found = _measured(place, place.settings(engines.kafka_url, engines.database_url), rows)
        clear(place.folder)
    return found


def write_list(file: Path, rows: int) -> None:
    """So many rows: as many invented exports as it takes, each with ids of its own."""
    with file.open("wb") as out:
        for seed in range(rows // ROWS_OF_ONE):
            its = as_csv(
                [{**row, "Record ID": f"{seed}-{row['Record ID']}"} for row in Export(seed).make()]
            )
            out.write(its.partition(b"\n")[2] if seed else its)


def _measured(place: Place, settings: Settings, rows: int) -> dict[str, float]:
    migrate(settings)
    asyncio.run(make_topics(settings.kafka_url, [topic.name for topic in TOPICS]))
    file = place.folder / "long.csv"
    write_list(file, rows)
    with _process("services.triage", place, settings) as triage:
        idle, began = _cpu_seconds(triage), time.monotonic()
        words = ("import", str(file), "--data", str(place.folder))
        with _process("rekindle", place, settings, *words) as crm_sync:
            early, memory = _until_judged(settings, rows, (triage, crm_sync))
            seconds = time.monotonic() - began
        busy = _cpu_seconds(triage) - idle
    return {
        "rows": rows,
        "seconds": round(seconds, 1),
        "triaged_per_cpu_second": round(rows / busy),
        "megabytes_of_the_first_fifth": round(early / 2**20),
        "megabytes": round(memory / 2**20),
    }


def _until_judged(
    settings: Settings, rows: int, processes: Sequence[psutil.Popen]
) -> tuple[int, int]:
    """Returns when every row has its verdict and all is said; the highest memory of a process.

    First that until a fifth of the rows was judged. Raises TimeoutError when it takes too long.
    """
    engine = sa.create_engine(settings.database_of("triage"), isolation_level="AUTOCOMMIT")
    end, early, memory = time.monotonic() + rows * SECONDS_MAX_A_ROW, 0, 0
    with engine.connect() as tx:
        while left := tx.scalar(LEFT, {"rows": rows}):
            if time.monotonic() > end:
                raise TimeoutError(f"{left:,} of {rows:,} rows are not judged yet")
            memory = max(memory, *map(_memory, processes))
            if left > rows * (1 - BEGINNING):
                early = memory
            time.sleep(LOOK_SECONDS * max(1, rows / ROWS))
    engine.dispose()
    return early, memory


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
    its = figures(*map(int, sys.argv[1:]))
    sys.stdout.write(json.dumps({**its, "load": os.getloadavg()[0]}) + "\n")
