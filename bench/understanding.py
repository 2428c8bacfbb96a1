"""How well the embedded brain reads: scores on labelled replies.

    python bench/understanding.py REPLIES.jsonl [--negatives FILE …]

REPLIES holds one object per line: `channel, lang, text, headers?, context{now, tz, asked,
offered_slots?, pending_slot?}, intent, accept[], also[], slots{when?, slot_choice?}`, with local
times. A negatives file holds objects with `text`, or plain lines: messages that must not suppress.
The last line of the output is one JSON object with all figures.
"""

import argparse
import json
import re
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from services.agent.brain import EmbeddedBrain
from services.agent.reading import Context, Message, Reading
from shared.rules.optout import Asked
from shared.words import Channel, Intent, Suppression

BRAIN = EmbeddedBrain()
LASTING = {Intent.OPT_OUT, Intent.ERASURE_REQUEST}
QUOTED = re.compile(r"\n(?:>|On .{5,80} wrote:|--\s*\n)")
RIGHT_WITHIN = timedelta(minutes=15)
TOPICS = {"pricing": "price", "features": "product"}


@dataclass(frozen=True)
class Case:
    row: dict[str, Any]
    reading: Reading
    milliseconds: float

    @property
    def right(self) -> bool:
        return self.reading.intent in self.row["accept"]

    @property
    def wants_suppression(self) -> bool:
        return bool(LASTING & {self.row["intent"], *self.row["also"]})

    @property
    def may_suppress(self) -> bool:
        return bool(LASTING & {*self.row["accept"], *self.row["also"]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("replies", type=Path)
    parser.add_argument("--negatives", type=Path, nargs="*", default=[])
    parser.add_argument("--show", action="store_true", help="print what was read wrongly")
    options = parser.parse_args()
    cases = [read(row) for row in rows(options.replies)]
    figures = {"brain": EmbeddedBrain.name, **score(cases)}
    for path in options.negatives:
        figures[path.stem] = false_alarms(path)
    if options.show:
        show(cases)
    for name, figure in figures.items():
        print(f"{name:24} {figure}", file=sys.stderr)
    print(json.dumps(figures))


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read(row: dict[str, Any]) -> Case:
    message = Message(
        text=QUOTED.split(row["text"])[0],
        channel=Channel(row["channel"]),
        automatic=bool((row.get("headers") or {}).get("Auto-Submitted")),
    )
    context = context_of(row)
    began = time.perf_counter()
    reading = BRAIN.read(message, context)
    return Case(row, reading, 1000 * (time.perf_counter() - began))


def context_of(row: dict[str, Any]) -> Context:
    its = row["context"]
    zone = ZoneInfo(its["tz"])
    offered = its.get("offered_slots") or ([its["pending_slot"]] if "pending_slot" in its else [])
    return Context(
        now=local(its["now"], zone),
        zones=(its["tz"],),
        country="US" if its["tz"].startswith("America/") else "",
        language=row["lang"],
        asked=Asked(its["asked"]),
        slots=tuple(local(one, zone) for one in offered),
        answers=frozenset({"price", "product", "billing", "terms", "privacy", "security", "data"})
        | {"integrations", "plans", "identity", "how"},
    )


def local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def score(cases: list[Case]) -> dict[str, Any]:
    taken = sorted(case.milliseconds for case in cases)
    suppress = Suppression.SUPPRESS
    return {
        "replies": len(cases),
        "accuracy": share(case.right for case in cases),
        "macro_f1": macro_f1(cases),
        "by_language": by(cases, "lang"),
        "by_channel": by(cases, "channel"),
        "suppressions": sum(case.wants_suppression for case in cases),
        "missed_suppressions": sum(
            case.wants_suppression and case.reading.suppression is Suppression.GO for case in cases
        ),
        "held_instead": sum(
            case.wants_suppression and case.reading.suppression is Suppression.HOLD
            for case in cases
        ),
        "false_suppressions": sum(
            not case.may_suppress and case.reading.suppression is suppress for case in cases
        ),
        "false_holds": sum(
            not case.may_suppress and case.reading.suppression is Suppression.HOLD for case in cases
        ),
        "slot_right": share(slot_right(case) for case in cases if "slot_choice" in slots(case)),
        "when_right": share(when_right(case) for case in cases if "when" in slots(case)),
        "topic_right": share(topic_right(case) for case in cases if "topic" in slots(case)),
        "ms_p50": round(statistics.median(taken), 2),
        "ms_p99": round(taken[int(len(taken) * 0.99)], 2),
    }


def share(right: Iterable[bool]) -> float:
    answers = list(right)
    return round(sum(answers) / len(answers), 3) if answers else 0.0


def by(cases: list[Case], field: str) -> dict[str, float]:
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.row[field]].append(case)
    return {name: share(case.right for case in its) for name, its in sorted(groups.items())}


def macro_f1(cases: list[Case]) -> float:
    """Over the intents that occur; a reading that is accepted counts as the one that is wanted."""
    hits, read_as, wanted = Counter[str](), Counter[str](), Counter[str]()
    for case in cases:
        found = case.row["intent"] if case.right else case.reading.intent
        read_as[found] += 1
        wanted[case.row["intent"]] += 1
        hits[found] += case.right
    scores = [2 * hits[one] / (read_as[one] + wanted[one]) for one in wanted]
    return round(sum(scores) / len(scores), 3)


def slots(case: Case) -> dict[str, Any]:
    return case.row["slots"]


def slot_right(case: Case) -> bool:
    """0 is none of them."""
    choice, offered = slots(case)["slot_choice"], context_of(case.row).slots
    return case.reading.slot == (offered[choice - 1] if choice else None)


def when_right(case: Case) -> bool:
    """A chosen slot is a time too."""
    zone = ZoneInfo(case.row["context"]["tz"])
    when = case.reading.when
    start = when.start if when else case.reading.slot
    if start is None:
        return False
    wanted = slots(case)["when"]
    if wanted["kind"] == "instant":
        return abs(start - local(wanted["at"], zone)) <= RIGHT_WITHIN
    return local(wanted["from"], zone) <= start <= local(wanted["to"], zone)


def topic_right(case: Case) -> bool:
    wanted = slots(case)["topic"]
    return case.reading.answer == TOPICS.get(wanted, wanted)


def false_alarms(path: Path) -> dict[str, int]:
    """How many messages that are no opt-out are read as one, or held as a doubt."""
    context = Context(now=datetime(2026, 3, 10, 14, tzinfo=UTC), zones=("Europe/London",))
    found = Counter[Suppression]()
    for line in path.read_text("utf-8").splitlines():
        text = json.loads(line)["text"] if path.suffix == ".jsonl" else line
        found[BRAIN.read(Message(text, Channel.SMS), context).suppression] += 1
    return {
        "messages": found.total(),
        "suppressed": found[Suppression.SUPPRESS],
        "held": found[Suppression.HOLD],
    }


def show(cases: list[Case]) -> None:
    for case in cases:
        wrong = [] if case.right else [f"{case.row['intent']} read as {case.reading.intent}"]
        if "slot_choice" in slots(case) and not slot_right(case):
            wrong.append(f"slot {case.reading.slot}")
        if "when" in slots(case) and not when_right(case):
            wrong.append(f"when {case.reading.when} not {slots(case)['when']}")
        if not case.may_suppress and case.reading.suppression is not Suppression.GO:
            wrong.append(case.reading.suppression)
        if case.wants_suppression and case.reading.suppression is Suppression.GO:
            wrong.append("MISSED")
        if wrong:
            print(case.row["id"], case.row["lang"], "; ".join(wrong), "|", case.row["text"])


if __name__ == "__main__":
    main()
