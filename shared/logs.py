"""Logs: a line of JSON for each thing told, in which nobody's data can stand.

Our own sentences are made of ids, counts and what `described` lets through, and are told in full.
Libraries also put into theirs whatever they stumble over, so of these only the pattern is told, and
of an error never its text. The bus's client is the exception: it sees sealed events alone.
"""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb

from shared.bus import described

OURS = ("shared", "services", "rekindle")
TOLD_IN_FULL = (*OURS, "aiokafka")
IDS = ("group", "topic", "subject", "event_id", "trace_id")  # what `extra` may hold
FRAMES_MAX = 20


class Line(logging.Formatter):
    """One record as a line of JSON. `service` says whose it is."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self.service,
            "logger": record.name,
            "message": _message(record),
        }
        line |= {name: str(value) for name in IDS if (value := getattr(record, name, None))}
        if record.exc_info and record.exc_info[1]:
            line["errors"] = [_told(error) for error in _leaves(record.exc_info[1])]
        return json.dumps(line, ensure_ascii=False)


def as_json(service: str) -> None:
    """From now on this process logs as lines of JSON on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Line(service))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in TOLD_IN_FULL:
        logging.getLogger(name).setLevel(logging.INFO)


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in TOLD_IN_FULL:
        return record.getMessage()
    pattern = str(record.msg).strip()  # asyncio's goes on with what the task held
    return pattern.splitlines()[0] if pattern else ""


def _told(error: BaseException) -> dict[str, object]:
    frames = extract_tb(error.__traceback__)[-FRAMES_MAX:]
    where = [f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
    return {"what": described(error), "where": where}


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors that a group is made of."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error
