"""Writes the migration that a changed table needs: `python -m deploy.revise SCHEMA WORDS…`.

It compares the schema's tables in the code with a database that was migrated to the present.
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from rekindle.engines import Postgres
from rekindle.migrating import FOLDER, config_of, make_roles
from shared.settings import Settings

REMARK = re.compile(r"^ *# ### .*\n", re.MULTILINE)


def revise(schema: str, title: str) -> Path:
    """The next migration of a schema, to be read before it is kept."""
    folder = FOLDER / schema
    folder.mkdir(exist_ok=True)
    number = f"{len(list(folder.glob('*.py'))) + 1:04}"
    with TemporaryDirectory() as data:
        postgres = Postgres(Path(data) / "postgres").start()
        try:
            settings = Settings(database_url=postgres.url)
            make_roles(settings)
            config = config_of(settings, schema)
            command.upgrade(config, "head")
            command.revision(config, title, autogenerate=True, rev_id=number)
        finally:
            postgres.stop()
    [file] = folder.glob(f"{number}_*.py")
    file.write_text(REMARK.sub("", file.read_text()))
    for words in (("format",), ("check", "--fix")):
        subprocess.run([sys.executable, "-m", "ruff", *words, "-q", str(file)], check=True)
    return file


if __name__ == "__main__":
    sys.stdout.write(f"{revise(sys.argv[1], ' '.join(sys.argv[2:]))}\n")
