"""A member in a process of its own is stopped politely, or not at all politely."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared.bus import make_engine
from shared.bus.running import LEAVE_SECONDS_MAX
from tests.service.bus_world import (
    METADATA,
    TABLES,
    contact,
    heard,
    notes,
    on_the_bus,
    publish,
    record,
    rows,
    until,
)

ANN = contact(1)
ROOT = Path(__file__).parents[2]
TOPICS = ("test.heard", "test.also", "test.workspace", "test.said")


@pytest.fixture
def url(database):
    return database("diary", METADATA)


@pytest.fixture
def engine(url):
    its = make_engine(url)
    yield its
    its.dispose()


@pytest.fixture
async def start(url, engines, topics):
    """`start(*flags)`: a process that is ended after the test."""
    await topics(*TOPICS)
    started = []

    def begin(*flags):
        words = [sys.executable, "-m", "tests.service.bus_process", url, engines.kafka_url, *flags]
        started.append(subprocess.Popen(words, cwd=ROOT))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


async def test_a_member_leaves_quickly_when_it_is_told_to(engine, engines, start):
    process = start()
    await publish(engines.kafka_url, record(heard(ANN, 1), 0))
    await until(lambda: notes(engine), "it works")
    assert seconds_to_leave(process) < LEAVE_SECONDS_MAX
    assert process.returncode == 0


async def test_a_member_leaves_in_time_although_the_bus_does_not_answer(engine, engines, start):
    process = start()
    await publish(engines.kafka_url, record(heard(ANN, 1), 0))
    await until(lambda: notes(engine), "it works")
    os.kill(engines.kafka.pid, signal.SIGSTOP)
    try:
        assert seconds_to_leave(process) < LEAVE_SECONDS_MAX + 3  # of the client's ten
    finally:
        os.kill(engines.kafka.pid, signal.SIGCONT)
    assert process.returncode == 0


async def test_what_was_committed_before_a_kill_is_said_once_by_the_next_process(
    engine, engines, start
):
    process = start("silent")
    await publish(engines.kafka_url, *[record(heard(ANN, n), n) for n in range(5)])
    await until(lambda: len(rows(engine, TABLES.outbox)) == 5, "it decided and was not published")
    process.kill()
    process.wait()
    assert await on_the_bus(engines.kafka_url, "test.said") == []
    start()
    await until(lambda: not rows(engine, TABLES.outbox), "it was published")
    said = await on_the_bus(engines.kafka_url, "test.said")
    assert [json.loads(one.value)["number"] for one in said] == list(range(5))
    assert notes(engine) == [("test.heard", n) for n in range(5)]


async def test_a_kill_amid_the_work_loses_and_doubles_nothing(engine, engines, start):
    await publish(engines.kafka_url, *[record(heard(ANN, n), n) for n in range(300)])
    for applied in (1, 150):
        process = start()
        await until(lambda least=applied: len(notes(engine)) >= least, "some were applied")
        process.kill()
        process.wait()
        await publish(
            engines.kafka_url, *[record(heard(ANN, 300 * applied + n), 0) for n in range(100)]
        )
    start()
    await until(lambda: len(notes(engine)) == 500, "all were applied")
    await until(lambda: not rows(engine, TABLES.outbox), "all was published")
    assert [number for _, number in notes(engine)][:300] == list(range(300))
    said = {json.loads(r.value)["number"] for r in await on_the_bus(engines.kafka_url, "test.said")}
    assert len(said) == len(set(notes(engine))) == 500


def seconds_to_leave(process):
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    return time.monotonic() - began
