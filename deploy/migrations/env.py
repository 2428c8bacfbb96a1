"""Alembic's environment: one schema at a time, as its own role. `rekindle migrate` calls it."""

from typing import Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from rekindle.catalogue import tables_of


def plain_text(kind: str, item: object, _: object) -> str | Literal[False]:
    """What SQLModel calls its text is a plain string; a migration needs no SQLModel."""
    return "sa.String()" if kind == "type" and isinstance(item, AutoString) else False


config = context.config
schema: str = config.attributes["schema"]
# With another search path the server names every table with its schema, as the code does.
path = {"options": "-c search_path=public"}
engine = sa.create_engine(config.attributes["url"], poolclass=sa.NullPool, connect_args=path)

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=tables_of(schema),
        version_table="migration",
        version_table_schema=schema,
        include_schemas=True,
        render_item=plain_text,
        include_name=lambda name, kind, _: kind != "schema" or name == schema,
    )
    with context.begin_transaction():
        context.run_migrations()
