"""An import in a process of its own: `python -m tests.crash.importing FILE`.

What it works on, and where it is to be cut, says its environment.
"""

import os
import sys
from pathlib import Path

from services.crm_sync.importing import Importer
from shared import crash
from shared.settings import Settings
from tests.journey.processes import WORKSPACE_ID


def main(file: str) -> None:
    crash.watch(os.environ)
    settings = Settings()
    with Importer.of(settings, settings.make_clock()) as importer:
        importer.import_file(Path(file), WORKSPACE_ID, region="US")


if __name__ == "__main__":
    main(*sys.argv[1:])
