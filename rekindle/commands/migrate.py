"""`rekindle migrate`."""

from rekindle.migrating import migrate as migrate_all
from shared.settings import Settings


def migrate() -> None:
    """Bring the database that DATABASE_URL names to the present."""
    for schema in migrate_all(Settings()):
        print(f"{schema} is at its newest version")  # noqa: T201  the command's output
