"""`make bench`: every figure beside what a bare loop does in the same run, where there is one.

Prints a table and writes `.rekindle/bench.json`: {name: {value, unit, ceiling, ratio, target, met,
missed_because}}. Figures of a busy machine mean little; ratios mean more.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread

import psutil
from rich.console import Console
from rich.table import Table

from bench import (
    duplicates,
    gateways,
    importing,
    machinery,
    replay,
    rules,
    triaging,
    understanding,
)
from rekindle.engines import clear

SAMPLE_SECONDS = 0.5


@dataclass(frozen=True)
class Figure:
    """One measurement. `target` is met from above when `more` is better, else from below."""

    value: float
    unit: str
    target: float
    more: bool = True
    ceiling: float | None = None
    missed_because: str = ""

    @property
    def met(self) -> bool:
        return self.value >= self.target if self.more else self.value <= self.target

    def as_json(self) -> dict[str, object]:
        its = asdict(self)
        its.pop("more")
        ratio = {"ratio": round(self.value / self.ceiling, 2)} if self.ceiling else {}
        if not self.ceiling:
            its.pop("ceiling")
        reason = "" if self.met else self.missed_because
        return {**its, **ratio, "met": self.met, "missed_because": reason}


def main() -> None:
    figures = {
        **of_machinery(),
        **of_triage(),
        **of_duplicates(),
        **of_importing(),
        **of_gateways(),
        **of_rules(),
        **of_understanding(),
        **of_demo(),
    }
    load = os.getloadavg()[0]
    table = Table(title=f"load {load:.1f}, {os.cpu_count()} cores", title_justify="left")
    for column in ("what", "value", "unit", "ceiling", "ratio", "target", "met"):
        table.add_column(column)
    for name, figure in figures.items():
        its = figure.as_json()
        cells = (its.get(key, "") for key in ("value", "unit", "ceiling", "ratio", "target", "met"))
        table.add_row(name, *map(str, cells))
    Console().print(table)
    file = Path(".rekindle") / "bench.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({name: its.as_json() for name, its in figures.items()}, indent=1))


def of_machinery() -> dict[str, Figure]:
    its = machinery.figures()
    rate, bare = its["machinery_events_per_cpu_second"], its["bare_events_per_cpu_second"]
    slow = "the machine: the bare loop shows what it gives today"
    return {
        "machinery": Figure(
            rate, "events/s of process CPU", 5_000, ceiling=bare, missed_because=slow
        ),
        "machinery_ratio": Figure(its["ratio"], "of the bare loop", 0.5),
    }


def of_triage() -> dict[str, Figure]:
    """Reading and judging a messy list, beside parsing its CSV and checking its numbers alone."""
    its = triaging.figures()
    because = (
        "37 columns more are read, and four channels are judged by the contact rules, which is a "
        "fifth of it; the numbers are a sixth, consents an eighth, the account a tenth"
    )
    bare = its["bare_rows_per_cpu_second"]
    return {
        "triage_offline": Figure(
            its["rows_per_cpu_second"], "rows/s of CPU", 6_000, ceiling=bare, missed_because=because
        ),
        "triage_offline_ratio": Figure(
            its["ratio"],
            f"of a bare loop over CSV and numbers, in wall time on {os.cpu_count()} cores",
            0.3,
            missed_because=because,
        ),
    }


def of_duplicates() -> dict[str, Figure]:
    """On an invented list; `python -m bench.duplicates FILE KEY` scores any other."""
    its = duplicates.score(duplicates.invented(), duplicates.KEY)
    return {
        "duplicates_precision": Figure(its["precision"], "of the pairs found", 0.99),
        "duplicates_recall": Figure(its["recall"], f"of {its['pairs']:,} pairs", 0.95),
    }


def of_importing() -> dict[str, Figure]:
    """50,000 messy rows from the file to verdicts on the bus, by two processes."""
    its = importing.figures()
    slow = "two events of a contact are decoded, encoded, stored and published beside its verdict"
    waits = "the engines share the two cores with both services"
    return {
        "import_50k": Figure(its["seconds"], "s", 15, more=False, missed_because=waits),
        "triage_durable": Figure(
            its["triaged_per_cpu_second"], "contacts/s of process CPU", 6_000, missed_because=slow
        ),
        "import_50k_memory": Figure(
            its["megabytes"], "MB PSS, the larger process", 350, more=False
        ),
    }


def of_gateways() -> dict[str, Figure]:
    """A thousand messages out to a provider nearby, and as many in, by one process each."""
    its = gateways.figures()
    client = "three fifths of the time are Twilio's client, the rest is reserving and settling"
    apart = "each message is a transaction of its own: some twenty statements, one after the other"
    return {
        "provider_calls": Figure(
            its["calls_per_second"],
            "calls/s",
            1_000,
            ceiling=its["bare_calls_per_second"],
            missed_because=client,
        ),
        "webhooks": Figure(
            its["webhooks_per_second"],
            "requests/s",
            1_500,
            ceiling=its["bare_webhooks_per_second"],
            missed_because=apart,
        ),
        "webhooks_p99": Figure(
            its["webhooks_p99_ms"], "ms at 500 requests/s", 50, more=False, missed_because=apart
        ),
    }


def of_rules() -> dict[str, Figure]:
    its = rules.figures()
    because = (
        "every check runs on every channel, so that a verdict names all that stands against it"
    )
    return {
        "rules": Figure(
            its["contacts_per_cpu_second"],
            "contacts/s of process CPU, four channels each",
            20_000,
            ceiling=its["bare_contacts_per_cpu_second"],
            missed_because=because,
        )
    }


def of_understanding() -> dict[str, Figure]:
    cases = [
        understanding.read(row) for row in understanding.rows(Path("bench/data/replies.jsonl"))
    ]
    score = understanding.score(cases)
    return {"understanding_intent": Figure(score["accuracy"], "of 421 replies, tuned on", 0.7)}


def of_demo() -> dict[str, Figure]:
    """The demo in a folder of its own, with the memory of the whole stack; then its replay."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        words = [sys.executable, "-m", "rekindle", "demo", "--json", "--data", str(data)]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        over, peak = Event(), [0]
        watcher = Thread(target=watch, args=(process.pid, over, peak))
        watcher.start()
        output, _ = process.communicate()
        over.set()
        watcher.join()
        again = replay.figures(data)
        clear(data)
    because = "the services' own CPU: a touch is some twelve small transactions in one process"
    return {
        "demo": Figure(json.loads(output)["seconds"], "s", 90, more=False, missed_because=because),
        "demo_peak_memory": Figure(round(peak[0] / 2**20), "MB PSS, whole stack", 900, more=False),
        "replay": Figure(
            again["events_per_cpu_second"],
            "events/s of CPU",
            25_000,
            ceiling=again["bare_events_per_cpu_second"],
            missed_because="every verdict asks the contact rules again about four channels",
        ),
        "replay_differences": Figure(again["different"], "decisions", 0, more=False),
    }


def watch(pid: int, over: Event, peak: list[int]) -> None:
    """Note the highest sum of the proportional set sizes of a process and all it started."""
    while not over.wait(SAMPLE_SECONDS):
        try:
            root = psutil.Process(pid)
            family = [root, *root.children(recursive=True)]
            peak[0] = max(peak[0], sum(one.memory_full_info().pss for one in family))
        except psutil.Error:
            continue


if __name__ == "__main__":
    main()
