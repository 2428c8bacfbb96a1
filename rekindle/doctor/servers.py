"""Database and bus: they answer, and hold what the services mean."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from aiokafka.errors import KafkaError
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from cryptography.exceptions import InvalidTag

from rekindle.doctor.patient import Fault, NotAskedError, Patient
from rekindle.migrating import SCHEMAS, config_of
from rekindle.topics import KEPT_FOR_EVER, TopicState, admin_of, topics_of
from shared.ids import LANES
from shared.privacy.master import MasterKeyError
from shared.privacy.vault import KEYS, Vault
from shared.topics import BY_NAME

ANSWER_SECONDS_MAX = 5
MIGRATE = "rekindle migrate"


def database(patient: Patient) -> Iterator[Fault]:
    """The server answers, and lets every service in."""
    patient.ask_engines()
    for schema in SCHEMAS:
        try:
            with connected(patient, schema):
                pass
        except sa.exc.OperationalError as error:
            reason = " ".join(str(error.orig).split())
            what = f"the database does not let {schema} in: {reason}"
            yield Fault(what, _way_in(schema, reason))
            return


def _way_in(schema: str, reason: str) -> str:
    """What helps against a refusal of the server, whose words are PostgreSQL's own."""
    if "does not exist" in reason:
        return MIGRATE
    if "password" in reason:
        name = "VAULT_URL" if schema == "vault" else f"{schema.upper()}_DATABASE_URL"
        return f"export {name}=postgresql+psycopg://{schema}:PASSWORD@HOST/postgres"
    return "docker compose up --detach postgres"


def migrations(patient: Patient) -> Iterator[Fault]:
    """Every schema is what this version of the code means."""
    patient.ask_engines()
    for schema in SCHEMAS:
        newest = ScriptDirectory.from_config(config_of(patient.settings, schema))
        with answering(patient, schema) as tx:
            options = {"version_table": "migration", "version_table_schema": schema}
            present = MigrationContext.configure(tx, opts=options).get_current_revision()
        known = {one.revision for one in newest.walk_revisions()}
        if present == newest.get_current_head():
            continue
        if present and present not in known:
            what = f"{schema} was migrated to {present} by a newer version than this one"
            yield Fault(what, "git pull && make setup")
        else:
            yield Fault(f"{schema} is not at its newest version", MIGRATE)


def vault(patient: Patient) -> Iterator[Fault]:
    """Our master key opens what lies in the vault."""
    patient.ask_engines()
    try:
        master = patient.settings.master_key()
    except MasterKeyError as error:
        raise NotAskedError("there is no master key to try") from error
    ask = sa.select(KEYS.c.contact_id).where(KEYS.c.wrapped.is_not(None)).limit(1)
    with answering(patient, "vault") as tx:
        if (contact := tx.scalar(ask)) is None:
            return
        try:
            Vault(tx.engine, master).keys([contact])
        except InvalidTag:
            file = patient.settings.master_key_file
            what = f"the master key at {file} is not the one under which the contacts were sealed"
            yield Fault(what, f"cp BACKUP {file} && chmod 600 {file}")


def bus(patient: Patient) -> Iterator[Fault]:
    """It answers."""
    patient.ask_engines()
    try:
        asyncio.run(_topics(patient))
    except (KafkaError, OSError) as error:
        what = f"Kafka at {patient.settings.kafka_url} does not answer ({type(error).__name__})"
        yield Fault(what, "docker compose up --detach kafka")


def topics(patient: Patient) -> Iterator[Fault]:
    """Each topic is there, in twelve partitions, and kept for ever."""
    patient.ask_engines()
    try:
        found = asyncio.run(_topics(patient))
    except (KafkaError, OSError) as error:
        raise NotAskedError("the bus does not answer") from error
    for name in BY_NAME:
        if name not in found:
            yield Fault(f"there is no topic {name}", MIGRATE)
        elif found[name].partitions != LANES:
            what = f"{name} has {found[name].partitions} partitions instead of {LANES}"
            yield Fault(what, MIGRATE)
        elif found[name].differs(KEPT_FOR_EVER):
            yield Fault(f"{name} forgets events that must be kept for ever", MIGRATE)


async def _topics(patient: Patient) -> dict[str, TopicState]:
    async with asyncio.timeout(ANSWER_SECONDS_MAX), admin_of(patient.settings.kafka_url) as admin:
        return await topics_of(admin, BY_NAME)


@contextmanager
def connected(patient: Patient, schema: str) -> Iterator[sa.Connection]:
    """A connection as the schema's role. Raises OperationalError where the server refuses it."""
    engine = sa.create_engine(
        patient.settings.database_of(schema),
        poolclass=sa.NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": ANSWER_SECONDS_MAX},
    )
    with engine.connect() as tx:
        yield tx


@contextmanager
def answering(patient: Patient, schema: str) -> Iterator[sa.Connection]:
    """The same, for what lies in the schema: another check tells of a server that is away."""
    try:
        with connected(patient, schema) as tx:
            yield tx
    except sa.exc.OperationalError as error:
        raise NotAskedError("the database does not answer") from error
    except sa.exc.ProgrammingError as error:
        raise NotAskedError("the database is not migrated") from error
