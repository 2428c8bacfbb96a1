"""Without room, connections or speed a service waits, says why, loses nothing, and goes on."""

import asyncio
import os
import resource
import shutil
import subprocess
import tempfile
from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from rekindle.engines import postgres
from rekindle.engines.home import nobody, remove
from shared.bus import Lanes, Member, make_engine, running
from shared.events.base import Woke
from shared.health import Health
from shared.service import Service
from tests.service.bus_world import (
    METADATA,
    NOON,
    TABLES,
    WORKSPACE,
    Diary,
    Said,
    contact,
    heard,
    notes,
    on_the_bus,
    publish,
    record,
    rows,
    until,
)
from tests.service.conftest import with_schema

TOPICS = ("test.heard", "test.also", "test.workspace", "test.said")
PEOPLE = [contact(n) for n in range(10)]
SAID_EACH = 200  # about 60 kB in the outbox
DISK_BYTES = 6_000_000
QUOTA_BYTES = 1_100_000  # of one file: less than all that is said, more than a file of the log
COMPLAIN_SECONDS_MAX = 60


def talks_a_lot(tx, event):
    if isinstance(event, Woke):
        return []
    who = {"subject": event.subject, "workspace_id": WORKSPACE}
    return [Said(**who, number=n) for n in range(SAID_EACH)]


@pytest.fixture
def root(engines):
    its = sa.create_engine(engines.database_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with its.connect() as tx:
        yield lambda *statements: [tx.execute(sa.text(one)) for one in statements]


@pytest.fixture
async def engine(database, topics):
    await topics(*TOPICS)
    engine = make_engine(database("diary", METADATA))
    yield engine
    engine.dispose()


@asynccontextmanager
async def at_work(engine, engines):
    """A service that hears of ten people, and has a lot to say to each."""
    lanes = Lanes("diary", TABLES, Diary(talks_a_lot), lambda: NOON)
    member = Member(lanes, engine, engines.kafka_url, session_seconds=6)
    async with running(engines.kafka_url, [member]):
        yield Health(Service("diary", METADATA, [member], engines=[engine]))


async def hears(engines):
    events = [heard(who, 1) for who in PEOPLE]
    await publish(engines.kafka_url, *(record(event, 0) for event in events))


async def complains(health, name, words):
    """It says so in time."""
    async with asyncio.timeout(COMPLAIN_SECONDS_MAX):
        while not told(await health.complaints(), name, words):  # noqa: ASYNC110  it is asked for
            await asyncio.sleep(0.1)


def told(complaints, name, words):
    return any(one.name == name and words in one.sentence for one in complaints)


async def goes_on(engine, engines, health):
    """All that was to be done is done once, and nothing is wrong any more."""
    engine = sa.create_engine(engine.url, poolclass=NullPool)  # the service's may have been cut
    await until(lambda: len(notes(engine)) == len(PEOPLE), "all was heard", 60)
    await until(lambda: not rows(engine, TABLES.outbox), "all was said", 60)
    said = Counter(one.headers for one in await on_the_bus(engines.kafka_url, "test.said"))
    assert (len(said), set(said.values())) == (len(PEOPLE) * SAID_EACH, {1})
    assert rows(engine, TABLES.parked) == []
    async with asyncio.timeout(COMPLAIN_SECONDS_MAX):
        while await health.complaints():  # noqa: ASYNC110  it is asked for
            await asyncio.sleep(0.1)


@pytest.fixture
def small_disk(root):
    """The tables of the schema lie on a disk of their own, a small one; its folder."""
    folder = Path(tempfile.mkdtemp(prefix="rekindle-disk-", dir="/tmp"))  # where the server may go
    options = f"size={DISK_BYTES},mode=0700,uid={nobody()}"
    mount = [str(shutil.which("mount")), "-t", "tmpfs", "-o", options, "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        folder.rmdir()
        pytest.skip("only root may mount a small disk")
    moves = "all in tablespace pg_default owned by diary set tablespace small"
    root(f"create tablespace small location '{folder}'", f"alter table {moves}")
    root(f"alter index {moves}")
    yield folder
    root("drop schema diary cascade", "drop tablespace small")
    subprocess.run([str(shutil.which("umount")), str(folder)], check=True)
    folder.rmdir()


async def test_a_full_disk_is_waited_out(engine, engines, small_disk):
    ballast = small_disk / "ballast"
    async with at_work(engine, engines) as health:
        with ballast.open("wb") as file:
            file.write(bytes(shutil.disk_usage(small_disk).free - 50_000))
        await hears(engines)
        await complains(health, "database", "No space left on device")
        assert notes(engine) == []
        ballast.unlink()
        await goes_on(engine, engines, health)


@contextmanager
def files_of_at_most(size):
    """What is started inside may not write past this size in any file, as under a quota."""
    its = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, its[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, its)


@pytest.fixture
def server(monkeypatch):
    """A server of its own, which writes its log in small files."""
    monkeypatch.setattr(postgres, "INITDB", (*postgres.INITDB, "--wal-segsize=1"))
    folder = Path(tempfile.mkdtemp(prefix="rekindle-quota-", dir="/tmp"))  # short, for its socket
    server = postgres.Postgres(folder / "server").start()
    yield server
    server.stop()
    remove(folder / "server")
    folder.rmdir()


async def test_a_quota_that_is_used_up_is_waited_out(topics, engines, server, monkeypatch):
    await topics(*TOPICS)
    monkeypatch.setattr(f"{__name__}.SAID_EACH", 4 * SAID_EACH)
    engine = make_engine(with_schema(server.url, "diary", METADATA))
    server.stop()
    with files_of_at_most(QUOTA_BYTES):
        server.start()
    async with at_work(engine, engines) as health:
        await hears(engines)
        await complains(health, "database", "File too large")
        assert len(notes(engine)) < len(PEOPLE)
        server.stop()
        server.start()
        await goes_on(engine, engines, health)
    engine.dispose()


async def test_connections_that_others_hold_are_waited_for(engine, engines, root):
    async with at_work(engine, engines) as health:
        root("alter role diary connection limit 1")
        cut = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'diary'"
        own = sa.create_engine(engine.url, poolclass=NullPool)

        def held():
            """The only connection that is left, by somebody else."""
            root(cut)
            try:
                return own.connect()
            except sa.exc.OperationalError:  # the service was quicker
                return None

        with await until(held, "the last connection is taken"):
            await hears(engines)
            await complains(health, "database", "too many connections")
            assert [one.stops for one in await health.complaints()].count(True) == 1
        root("alter role diary connection limit -1")
        await goes_on(engine, engines, health)


async def test_a_database_that_stands_still_is_waited_for(engine, engines, monkeypatch):
    """Somebody holds a lock."""
    monkeypatch.setattr("shared.bus.database.SLOW_SECONDS", 1.0)
    async with at_work(engine, engines) as health:
        with sa.create_engine(engine.url, poolclass=NullPool).begin() as tx:
            tx.execute(sa.text("lock table diary.note in exclusive mode"))
            await hears(engines)
            await complains(health, "database", "waits for the database")
        await goes_on(engine, engines, health)
