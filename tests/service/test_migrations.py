"""The migrations make exactly the tables that the code means."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from rekindle.catalogue import tables_of
from rekindle.engines import Postgres, clear
from rekindle.migrating import SCHEMAS, MigrationError, migrate
from shared.settings import Settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A server of its own that was migrated, twice."""
    folder = tmp_path_factory.mktemp("migrations")
    postgres = Postgres(folder / "postgres").start()
    settings = Settings(database_url=postgres.url)
    migrate(settings)
    migrate(settings)
    yield settings
    postgres.stop()
    clear(folder)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_migrated_schema_is_what_the_code_means(settings, schema) -> None:
    engine = sa.create_engine(settings.database_of(schema))
    with engine.connect() as tx:
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == schema,
            "include_object": lambda _, name, kind, *__: (kind, name) != ("table", "migration"),
        }
        context = MigrationContext.configure(tx, opts=options)
        assert compare_metadata(context, tables_of(schema)) == []
    engine.dispose()


def test_a_service_cannot_reach_the_tables_of_another(settings) -> None:
    engine = sa.create_engine(settings.database_of("booking"))
    with engine.connect() as tx, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        tx.execute(sa.text("select * from vault.contact_key"))
    engine.dispose()


def test_a_database_that_is_away_is_a_sentence() -> None:
    away = Settings(database_url="postgresql+psycopg://postgres:@127.0.0.1:1/postgres")
    with pytest.raises(MigrationError, match="does not answer"):
        migrate(away)
