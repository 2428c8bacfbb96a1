"""A service that finds another bus, or less of it than it has read, refuses with one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiokafka.admin import AIOKafkaAdminClient

from services.triage.store import METADATA, TABLES
from shared.bus import make_engine
from shared.ids import LANES
from shared.privacy.master import make_key
from shared.topics import TOPICS
from tests.service.bus_world import rows, until

ROOT = Path(__file__).parents[2]
SECONDS_MAX = 100
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def url(database):
    return database("triage", METADATA)


@pytest.fixture
def engine(url):
    its = make_engine(url)
    yield its
    its.dispose()


@pytest.fixture
async def start(url, engines, topics, tmp_path):
    """`start()`: triage in a process of its own, as it is deployed."""
    await topics(*(topic.name for topic in TOPICS))
    make_key(tmp_path / "master.key")
    env = {
        "KAFKA_URL": engines.kafka_url,
        "TRIAGE_DATABASE_URL": url,
        "MASTER_KEY_FILE": str(tmp_path / "master.key"),
        "SESSION_SECONDS": "2",
    }
    began = []

    def begin():
        words = [sys.executable, "-m", "services.triage"]
        began.append(
            subprocess.Popen(
                words, cwd=ROOT, env=os.environ | env, stderr=subprocess.PIPE, text=True
            )
        )
        return began[-1]

    yield begin
    for process in began:
        process.kill()
        process.communicate()


@pytest.fixture
async def has_read(engine, start):
    """Triage has worked on this bus, and was stopped in order."""
    process = start()
    places = LANES * len([topic for topic in TOPICS if "triage" in topic.readers])
    await until(lambda: len(rows(engine, TABLES.position)) == places, "it works", SECONDS_MAX)
    process.terminate()
    said = process.communicate(timeout=SECONDS_MAX)[1]
    assert process.returncode == 0, said


def refusal(process):
    """What it says last of all; it says that once, and ends with an exit code that is not 0."""
    said = process.communicate(timeout=SECONDS_MAX)[1]
    assert process.returncode == 1, said
    assert "Traceback" not in said
    *before, last = said.splitlines()
    assert last not in before
    return last


async def test_another_bus_is_refused_with_the_remedy(engine, engines, start, has_read):
    with engine.begin() as tx:
        tx.execute(sa.update(TABLES.lane).values(cluster_id="another"))
    before = rows(engine, TABLES.position)
    assert refusal(start()) == (
        f"triage has read from the bus another; this one is {await cluster_of(engines)}. "
        "Name the old one in KAFKA_URL; a new bus goes with a new database."
    )
    assert rows(engine, TABLES.position) == before


async def test_a_bus_that_holds_less_than_was_read_is_refused_with_the_remedy(
    engine, start, has_read
):
    c = TABLES.position.c
    with engine.begin() as tx:
        its = sa.update(TABLES.position).where(c.topic == "contact.imported", c.lane == 3)
        tx.execute(its.values(next=1000))
    assert refusal(start()) == (
        "triage has read contact.imported lane 3 up to 1000, but the bus holds 0 to 0: events are "
        "missing. Restore them, or name the bus that has them in KAFKA_URL."
    )


async def cluster_of(engines):
    admin = AIOKafkaAdminClient(bootstrap_servers=engines.kafka_url)
    await admin.start()
    try:
        return (await admin.describe_cluster())["cluster_id"]
    finally:
        await admin.close()
