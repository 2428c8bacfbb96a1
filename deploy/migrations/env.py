"""Alembic's environment: one schema at a time, as its own role. `rekindle migrate` calls it."""

import sqlalchemy as sa
from alembic import context

from rekindle.catalogue import schemas

config = context.config
schema: str = config.attributes["schema"]
engine = sa.create_engine(config.attributes["url"], poolclass=sa.NullPool)

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=config.attributes.get("metadata", schemas()[schema]),
        version_table="migration",
        version_table_schema=schema,
        include_schemas=True,
        include_name=lambda name, kind, _: kind != "schema" or name == schema,
    )
    with context.begin_transaction():
        context.run_migrations()
