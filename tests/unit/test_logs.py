"""Logs are lines of JSON, and hold ids and our own words alone."""

import asyncio
import json
import logging
import subprocess
import sys

import pytest

from shared import logs
from shared.ids import named

SECRET = "Ann of 5 Mill Lane"


def line(name, pattern, *words, error=None, **extra):
    """The record as it is logged."""
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.WARNING, "", 0, pattern, words, info)
    record.__dict__.update(extra)
    return json.loads(logs.Line("triage").format(record))


def fail():
    raise KeyError(SECRET)


def fault():
    with pytest.raises(KeyError) as info:
        fail()
    return info.value


def test_our_own_words_are_told_in_full_with_ids() -> None:
    told = line("shared.bus.member", "%s waits", "triage", group="triage", subject=named("a"))
    assert told["message"] == "triage waits"
    assert (told["level"], told["service"], told["group"]) == ("warning", "triage", "triage")
    assert told["subject"] == str(named("a"))
    assert told["time"].endswith("+00:00")


def test_what_is_no_id_is_not_told() -> None:
    assert SECRET not in json.dumps(line("shared.bus.member", "hears", name_of_person=SECRET))


@pytest.mark.parametrize("name", ["mail.log", "httpx", "sharedness"])
def test_a_librarys_words_are_told_without_what_they_were_filled_with(name) -> None:
    told = line(name, "%r sender: %s", "peer", SECRET)
    assert told["message"] == "%r sender: %s"
    assert SECRET not in json.dumps(told)


def test_of_an_error_only_kind_and_place_are_told() -> None:
    told = line("uvicorn.error", "it failed", error=ExceptionGroup("two", [fault(), fault()]))
    assert [its["what"].partition(" (")[0] for its in told["errors"]] == ["KeyError in fail"] * 2
    assert "in fail" in told["errors"][0]["where"][-1]
    assert SECRET not in json.dumps(told)


async def test_a_task_that_nobody_waited_for_tells_nothing_of_its_error(caplog) -> None:
    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": fault(), "held": SECRET}
    )
    told = logs.Line("triage").format(caplog.records[-1])
    assert "never retrieved" in told
    assert SECRET not in told


def test_a_process_that_ends_by_a_fault_says_where_and_tells_nobodys_data() -> None:
    code = (
        "from shared import process\n"
        "from shared.service import Service\n"
        "import sqlalchemy as sa\n"
        f"async def fail(*_): raise KeyError({SECRET!r})\n"
        "process.serve = fail\n"
        "process.main(lambda settings, clock: Service('triage', sa.MetaData()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    told = json.loads(done.stderr)
    assert (told["level"], told["service"]) == ("critical", "triage")
    assert told["errors"][0]["what"].startswith("KeyError in fail")
    assert SECRET not in done.stderr
