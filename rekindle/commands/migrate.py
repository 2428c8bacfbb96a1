"""`rekindle migrate`."""

import asyncio

from rekindle.migrating import migrate as migrate_all
from rekindle.topics import KEPT_FOR_EVER, make_topics
from shared.settings import Settings
from shared.topics import BY_NAME


def migrate() -> None:
    """Bring the database that DATABASE_URL names and the bus of KAFKA_URL to the present."""
    settings = Settings()
    for schema in migrate_all(settings):
        print(f"{schema} is at its newest version")  # noqa: T201  the command's output
    asyncio.run(make_topics(settings.kafka_url, BY_NAME, config=KEPT_FOR_EVER))
    print(f"{len(BY_NAME)} topics are complete")  # noqa: T201  the command's output
