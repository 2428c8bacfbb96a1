"""Every fault that the doctor knows of database and bus, provoked and mended by its remedy."""

import asyncio

import pytest
import sqlalchemy as sa
from alembic import command

from rekindle.doctor import Patient, servers
from rekindle.doctor.machine import clock
from rekindle.doctor.patient import NotAskedError
from rekindle.engines.folder import free_ports
from rekindle.migrating import SCHEMAS, config_of, make_roles, migrate
from rekindle.topics import KEPT_FOR_EVER, make_topics
from shared.privacy.master import key_from_seed, make_key
from shared.privacy.vault import Vault
from shared.settings import Settings
from shared.topics import BY_NAME
from tests.service.bus_world import contact
from tests.service.command_line import rekindle
from tests.service.conftest import remove_topics

ALL = (servers.database, servers.migrations, servers.vault, servers.bus, servers.topics, clock)
MISSING = {"message.sent", "reply.received"}


@pytest.fixture(scope="module")
def root(engines):
    its = sa.create_engine(
        engines.database_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    yield its
    with its.connect() as tx:
        for schema in SCHEMAS:
            tx.execute(sa.text(f"drop schema if exists {schema} cascade"))
            tx.execute(sa.text(f"drop role if exists {schema}"))
    asyncio.run(remove_topics(engines.kafka_url, set(BY_NAME)))


@pytest.fixture
def settings(engines, tmp_path, root):
    make_key(tmp_path / "master.key")
    return Settings(
        kafka_url=engines.kafka_url,
        database_url=engines.database_url,
        master_key_file=tmp_path / "master.key",
    )


@pytest.fixture
def patient(settings, tmp_path):
    return Patient(settings, tmp_path, named=True, awake=True, serving=False)


def faults(patient, *checks):
    return [fault for check in checks for fault in check(patient)]


def mend(found, patient):
    """By their one remedy."""
    [remedy] = {fault.remedy for fault in found}
    program, *words = remedy.split()
    assert program == "rekindle"
    done = rekindle(
        *words,
        cwd=patient.folder,
        KAFKA_URL=patient.settings.kafka_url,
        DATABASE_URL=patient.settings.database_url,
    )
    assert done.returncode == 0, done.stderr


async def spoil(kafka_url):
    """One topic is missing, one was made by a client that asked for it, one forgets."""
    await make_topics(kafka_url, BY_NAME.keys() - MISSING, config=KEPT_FOR_EVER)
    await make_topics(kafka_url, ["reply.received"], partitions=1)
    await make_topics(kafka_url, ["decision.made"], config={"retention.ms": "1000"})


def test_servers_that_are_new_or_of_yesterday_or_spoilt_are_brought_to_the_present(
    patient, settings
):
    [lost] = faults(patient, servers.database)
    assert 'role "vault" does not exist' in lost.what
    make_roles(settings)
    command.upgrade(config_of(settings, "channels"), "0001")
    behind = faults(patient, servers.migrations)
    assert {fault.what.split()[0] for fault in behind} == set(SCHEMAS)
    asyncio.run(spoil(settings.kafka_url))
    spoilt = faults(patient, servers.topics)
    assert [fault.what for fault in spoilt] == [
        "there is no topic message.sent",
        "reply.received has 1 partitions instead of 12",
        "decision.made forgets events that must be kept for ever",
    ]
    mend([lost, *behind, *spoilt], patient)
    assert faults(patient, *ALL) == []


def test_a_database_of_tomorrow_is_told(patient, settings, root):
    migrate(settings)
    with root.connect() as tx:
        known = tx.scalar(sa.text("select version_num from booking.migration"))
        tx.execute(sa.text("update booking.migration set version_num = '9999'"))
        [found] = faults(patient, servers.migrations)
        tx.execute(sa.text("update booking.migration set version_num = :known"), {"known": known})
    assert "booking was migrated to 9999 by a newer version" in found.what


def test_a_master_key_that_opens_nothing_is_told(patient, settings):
    migrate(settings)
    url = settings.database_of("vault")
    vault = Vault(sa.create_engine(url, poolclass=sa.NullPool), key_from_seed(1))
    vault.create([contact(1)])
    [found] = faults(patient, servers.vault)
    assert "is not the one under which the contacts were sealed" in found.what
    good = settings.master_key_file.with_name("BACKUP")
    good.touch(mode=0o600)
    good.write_text(key_from_seed(1).secret.hex())
    settings.master_key_file.write_text(good.read_text())
    assert faults(patient, servers.vault) == []


def test_servers_that_are_away_are_told_and_nothing_is_asked_of_them(patient, settings):
    port = free_ports(1)[0]
    away = settings.model_copy(
        update={
            "kafka_url": f"127.0.0.1:{port}",
            "database_url": f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres",
        }
    )
    its = Patient(away, patient.folder, named=True, awake=True, serving=False)
    [database] = faults(its, servers.database)
    [bus] = faults(its, servers.bus)
    assert database.remedy == "docker compose up --detach postgres"
    assert bus.remedy == "docker compose up --detach kafka"
    for check in (servers.migrations, servers.vault, servers.topics, clock):
        with pytest.raises(NotAskedError, match="does not answer"):
            faults(its, check)
