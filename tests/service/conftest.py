"""Real engines, one pair per test process; a fresh schema and fresh topics for each test.

`ENGINES=docker` takes containers, which need Docker, instead of the packages.
"""

import asyncio
import os
import time

import pytest
import sqlalchemy as sa
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy.pool import NullPool

from rekindle.engines import Engines, clear
from rekindle.topics import make_topics

GONE_SECONDS_MAX = 20


@pytest.fixture(scope="session")
def engines(tmp_path_factory):
    """PostgreSQL and Kafka, started for the first test that needs them."""
    if os.environ.get("ENGINES") == "docker":
        from tests.service.containers import containers  # noqa: PLC0415  a heavy import

        with containers() as both:
            yield both
        return
    folder = tmp_path_factory.mktemp("engines")
    with Engines(folder) as both:
        yield both
    clear(folder)


@pytest.fixture
def database(engines):
    """`database(name, metadata)` makes a role and a schema of that name, and its tables.

    It returns the URL as that role, which sees nothing else. All is dropped after the test.
    """
    root = sa.create_engine(engines.database_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    names = []

    def drop(name):
        with root.connect() as tx:
            ends = "select pg_terminate_backend(pid) from pg_stat_activity where usename = :name"
            tx.execute(sa.text(ends), {"name": name})
            tx.execute(sa.text(f'drop schema if exists "{name}" cascade'))
            tx.execute(sa.text(f'drop role if exists "{name}"'))

    def make(name, metadata):
        drop(name)
        names.append(name)
        return with_schema(engines.database_url, name, metadata)

    yield make
    for name in names:
        drop(name)


def with_schema(server_url, name, metadata):
    """The URL as a new role, which sees nothing but a schema of that name with these tables."""
    root = sa.create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with root.connect() as tx:
        tx.execute(sa.text(f'create role "{name}" login'))
        tx.execute(sa.text(f'create schema "{name}" authorization "{name}"'))
    url = sa.make_url(server_url).set(username=name)
    metadata.create_all(sa.create_engine(url, poolclass=NullPool))
    return url.render_as_string(hide_password=False)


@pytest.fixture
async def topics(engines):
    """`await topics(*names)` makes topics of twelve partitions, removed after the test."""
    made = set()

    async def make(*names):
        made.update(names)
        await make_topics(engines.kafka_url, names)

    yield make
    if made:
        await remove_topics(engines.kafka_url, made)


async def remove_topics(kafka_url, names):
    """Return when they are gone, so that the next test can make them anew."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    try:
        await admin.delete_topics(sorted(names))
        deadline = time.monotonic() + GONE_SECONDS_MAX
        while names & set(await admin.list_topics()):
            assert time.monotonic() < deadline, "Kafka does not remove its topics"
            await asyncio.sleep(0.02)
    finally:
        await admin.close()
