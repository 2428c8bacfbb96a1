"""Brings a database to the present: a role and a schema per service, then each one's migrations.

Alembic runs once per schema, as that schema's own role, with a folder of migrations and a version
table of its own: services migrate apart, and none can reach another's tables.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from rekindle.catalogue import SERVICES
from shared.settings import Settings

FOLDER = Path(__file__).parent.parent / "deploy" / "migrations"
SCHEMAS = ("vault", *SERVICES)


class MigrationError(RuntimeError):
    """The database could not be brought to the present; the sentence says what to do."""


def migrate(settings: Settings) -> list[str]:
    """Migrate all schemas; their names. Raises MigrationError when the database is away."""
    try:
        make_roles(settings)
        for schema in SCHEMAS:
            command.upgrade(config_of(settings, schema), "head")
    except OperationalError as error:
        sentence = (
            "The database does not answer: see that DATABASE_URL names a running PostgreSQL "
            "and a role that may create others."
        )
        raise MigrationError(sentence) from error
    return list(SCHEMAS)


def make_roles(settings: Settings) -> None:
    """A role that owns a schema of its name, for each schema that lies on this server.

    Where DATABASE_URL has a password, it is theirs, too.
    """
    password = make_url(settings.database_url).password
    engine = sa.create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as tx:
        known = set(tx.scalars(sa.text("select rolname from pg_roles")))
        for schema in SCHEMAS:
            if schema not in known:
                tx.execute(sa.text(f"create role {schema} login"))
            if password:
                quoted = tx.scalar(sa.select(sa.func.quote_literal(str(password))))
                tx.execute(sa.text(f"alter role {schema} password {quoted}".replace(":", r"\:")))
            tx.execute(sa.text(f"create schema if not exists {schema} authorization {schema}"))
    engine.dispose()


def config_of(settings: Settings, schema: str) -> Config:
    """Alembic's configuration for one schema."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(FOLDER / schema).replace("%", "%%"))
    config.attributes["url"] = settings.database_of(schema)
    config.attributes["schema"] = schema
    return config
