"""The embedded engines: real PostgreSQL and real Apache Kafka, as child processes.

Both come from packages, listen on this machine only and keep their data in one folder, which one
process at a time holds. They end with that process, however it ends, and start again on what is
there.
"""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from rekindle.engines.fetch import default_cache, jars
from rekindle.engines.folder import EngineError, hold, is_held, make_folder
from rekindle.engines.home import remove
from rekindle.engines.kafka import Kafka
from rekindle.engines.postgres import Postgres

__all__ = [
    "EngineError",
    "Engines",
    "Kafka",
    "Postgres",
    "clear",
    "default_cache",
    "endpoint",
    "jars",
    "running",
]


@dataclass
class Engines:
    """Both engines on one folder; as a context manager they run inside the `with`.

    `port` is Kafka's (0: a free one); PostgreSQL has a socket only. `durable` makes Kafka survive
    power loss, too, as PostgreSQL always does.
    """

    folder: Path = Path(".rekindle")
    cache: Path = field(default_factory=default_cache)
    port: int = 0
    durable: bool = False
    _lock: BinaryIO | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.kafka = Kafka(self.folder / "kafka", self.cache, self.port, self.durable)
        self.postgres = Postgres(self.folder / "postgres")

    @property
    def kafka_url(self) -> str:
        return self.kafka.url

    @property
    def database_url(self) -> str:
        return self.postgres.url

    def start(self) -> Self:
        """Return when both can be used. Raises EngineError and leaves nothing running."""
        self.folder = make_folder(self.folder)
        self._lock = hold(self.folder)
        try:
            self._note.unlink(missing_ok=True)
            self.kafka.launch()
            self.postgres.start()  # while Java starts
            self.kafka.wait()
            self._write_note()
        except OSError as error:
            self.stop()
            sentence = f"The engines did not start in {self.folder}: {error.strerror}."
            raise EngineError(sentence) from error
        except BaseException:  # Ctrl-C too: leave nothing behind
            self.stop()
            raise
        return self

    def stop(self) -> None:
        if self._lock:
            self._note.unlink(missing_ok=True)
            self.kafka.stop()
            self.postgres.stop()
            self._lock.close()
            self._lock = None

    def announce(self, internal_url: str) -> None:
        """Tell other commands where the services that work on these engines may be asked."""
        self._write_note(internal_url=internal_url)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def _note(self) -> Path:
        return self.folder / "engines.json"

    def _write_note(self, **more: str) -> None:
        """Tell other commands where the engines are; whole or not at all."""
        facts = more | {
            "kafka_url": self.kafka_url,
            "database_url": self.database_url,
            "pid": os.getpid(),
        }
        half = self._note.with_suffix(".half")
        half.touch(mode=0o600)
        half.write_text(json.dumps(facts), "utf-8")
        half.replace(self._note)


def running(folder: Path) -> tuple[str, str] | None:
    """The addresses of Kafka and PostgreSQL that a living process runs on `folder`, if one does."""
    facts = _noted(folder)
    return (facts["kafka_url"], facts["database_url"]) if facts else None


def endpoint(folder: Path) -> str | None:
    """Where the services may be asked that a living process runs on `folder`, if one does."""
    return _noted(folder).get("internal_url")


def _noted(folder: Path) -> dict[str, Any]:
    """What a living process has noted in `folder`; empty where there is none."""
    try:
        facts: dict[str, Any] = json.loads((folder / "engines.json").read_text("utf-8"))
    except (OSError, ValueError):  # cut off by a power loss
        return {}
    return facts if is_held(folder) else {}


def clear(folder: Path) -> None:
    """Remove the engines' data in `folder`, PostgreSQL's also where it lies elsewhere.

    Raises EngineError while a process runs the engines.
    """
    folder = make_folder(folder)
    with hold(folder):
        remove(folder / "postgres")
        shutil.rmtree(folder / "kafka", ignore_errors=True)
        (folder / "engines.json").unlink(missing_ok=True)
