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


@pytest.fixture
def connected(settings):
    """`connected(schema)` is a connection as that schema's role."""
    engines = []

    def connect(schema):
        # With another search path the server names every table with its schema.
        options = {"options": "-c search_path=public"}
        engines.append(sa.create_engine(settings.database_of(schema), connect_args=options))
        return engines[-1].connect()

    yield connect
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_migrated_schema_is_what_the_code_means(connected, schema) -> None:
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _: kind != "schema" or name == schema,
        "include_object": lambda _, name, kind, *__: (kind, name) != ("table", "migration"),
    }
    with connected(schema) as tx:
        context = MigrationContext.configure(tx, opts=options)
        assert compare_metadata(context, tables_of(schema)) == []


def test_the_roles_have_the_password_of_the_server(settings, connected) -> None:
    url = sa.make_url(settings.database_url)
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as tx:
        ask = sa.text("select rolname from pg_authid where rolpassword is not null")
        assert list(tx.scalars(ask)) == []
        secret = url.set(password="o'clock: 9%").render_as_string(hide_password=False)
        migrate(settings.model_copy(update={"database_url": secret}))
        assert set(tx.scalars(ask)) == set(SCHEMAS)


def test_a_service_cannot_reach_the_tables_of_another(connected) -> None:
    with (
        connected("booking") as tx,
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
    ):
        tx.execute(sa.text("select * from vault.contact_key"))


def test_a_database_that_is_away_is_a_sentence() -> None:
    away = Settings(database_url="postgresql+psycopg://postgres:@127.0.0.1:1/postgres")
    with pytest.raises(MigrationError, match="does not answer"):
        migrate(away)
