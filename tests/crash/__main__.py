"""`python -m tests.crash`: kill everything for a while, then judge.

The last line is one JSON object. It ends with 0 when every promise held and the run was hard
enough to count; else it leaves its data and logs, and says where.
"""

import argparse
import asyncio
import json
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from rekindle.engines import Engines, clear
from tests.crash.chaos import Struck
from tests.crash.evidence import Evidence
from tests.crash.judge import FULL_SECONDS, judge
from tests.crash.soak import Soak, say

FAULTS_SHOWN = 20


def words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--seconds", type=int, default=FULL_SECONDS, help="of killing")
    parser.add_argument("--seed", type=int, help="of the chaos; a new one when there is none")
    return parser.parse_args()


def main() -> int:
    given = words()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    folder = Path(tempfile.mkdtemp(prefix="rekindle-crash-"))
    say(f"seed {seed}, {given.seconds} s of killing, data in {folder}")
    began = time.monotonic()
    with Engines(folder / "engines") as engines:
        soak = Soak(folder, engines, given.seconds, seed)
        struck, evidence = asyncio.run(soak.run())
    verdict = judge(evidence, struck.chaos(given.seconds))
    faults = [*soak.faults, *verdict.faults]
    report(struck, evidence, faults, time.monotonic() - began)
    if faults:
        say(f"Data and logs are in {folder}; the same chaos again: --seed {seed}")
    else:
        clear(folder / "engines")
        shutil.rmtree(folder)
    say(json.dumps(asdict(verdict.figures)))
    return bool(faults)


def report(struck: Struck, evidence: Evidence, faults: list[str], seconds: float) -> None:
    say(f"\nKills by the last point that was passed ({struck.kills.total()}):")
    for point, count in struck.kills.most_common():
        say(f"  {count:4} {point}")
    say(f"Touches between reserve and settle when their process was killed: {struck.open_touches}")
    told = [one.body for one in evidence.on("message.sent")]
    ever = {body["touch_id"] for body in told if body["result"] == "unknown"}
    still = dict(Counter(touch.channel for touch in evidence.unknown))
    say(f"Touches of which nobody knew whether they left: {len(ever)}, and in the end {still}")
    say(f"Guests that came and left: {struck.guests}")
    for one in struck.fell:
        say(f"Ended by itself: {one}")
    say(f"{seconds:.0f} s in all")
    for fault in faults[:FAULTS_SHOWN]:
        say(f"✗ {fault}")
    if more := faults[FAULTS_SHOWN:]:
        say(f"… and {len(more)} more")


if __name__ == "__main__":
    sys.exit(main())
