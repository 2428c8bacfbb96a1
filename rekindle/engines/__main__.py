"""`python -m rekindle.engines` fetches what the package registry does not bring: Kafka's jars."""

import sys

from rekindle.engines.fetch import VERSION, default_cache, jars
from rekindle.engines.folder import EngineError


def main() -> int:
    try:
        folder = jars(default_cache())
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Apache Kafka {VERSION}: {len(list(folder.iterdir()))} jars in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
