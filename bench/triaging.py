"""How fast a messy list is triaged without bus and database.

`python -m bench.triaging` prints one JSON object. The bare loop parses the CSV and asks
libphonenumber of each number whether it is valid in the country of its row, in one process. Ours is
measured in CPU seconds of all its processes, and by the wall, since it is spread over the cores.
"""

import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from phonenumbers import NumberParseException, is_valid_number, parse

from bench.importing import write_list
from rekindle.offline import triage_file
from services.crm_sync.places import read_country
from shared.rules.loading import rules_in_force

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROWS = 25_000


def figures() -> dict[str, float]:
    """Rows a second, ours and the bare loop's; `ratio` is that of the wall times."""
    rules_in_force()  # which is done once, however long the list is
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "long.csv"
        write_list(file, ROWS)
        cpu, wall = _seconds(lambda: triage_file(file, NOON, "US"))
        bare_cpu, bare_wall = _seconds(lambda: _bare(file))
    return {
        "rows_per_cpu_second": round(ROWS / cpu),
        "bare_rows_per_cpu_second": round(ROWS / bare_cpu),
        "cpu_ratio": round(bare_cpu / cpu, 3),
        "rows_per_second": round(ROWS / wall),
        "ratio": round(bare_wall / wall, 3),
    }


def _bare(file: Path) -> None:
    homes: dict[str, str] = {}
    with file.open(newline="", encoding="utf-8", errors="replace") as lines:
        for row in csv.DictReader(lines):
            named, number = row["Country/Region"] or "", row["Mobile Phone Number"]
            if named not in homes:
                homes[named] = read_country(named) or "US"
            with suppress(NumberParseException):
                is_valid_number(parse(number or "", homes[named]))


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """What it takes: CPU seconds of this process and of those that it began, and wall seconds."""
    before, began = os.times(), time.monotonic()
    work()
    return sum(os.times()[:4]) - sum(before[:4]), time.monotonic() - began


if __name__ == "__main__":
    sys.stdout.write(json.dumps({**figures(), "load": os.getloadavg()[0]}) + "\n")
