"""The folder in which Rekindle keeps its data here: engines, keys, and what a demo leaves."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rekindle.engines import EngineError, Engines, clear, running
from rekindle.engines.folder import make_folder
from shared.privacy.master import MasterKey, key_from_seed, make_key
from shared.settings import Settings

DEFAULT = Path(".rekindle")
DEMO, USER = "demo", "user"
ENGINE_FOLDERS = ("kafka", "postgres")


@dataclass(frozen=True, slots=True)
class Place:
    """One folder. `made_by` says who filled it: a demo's data may be replaced by the next demo."""

    folder: Path = DEFAULT

    @property
    def demo(self) -> Path:
        """What the demo leaves for people."""
        return self.folder / "demo"

    @property
    def sandbox(self) -> Path:
        """Where a demo's sandbox keeps its ledger."""
        return self.folder / "sandbox"

    @property
    def key_file(self) -> Path:
        return self.folder / "master.key"

    @property
    def empty(self) -> bool:
        """Nobody has kept any data here."""
        return not self._maker()

    def claim_for_demo(self, seed: int) -> None:
        """Start afresh. Raises EngineError when the data here is nobody's demo."""
        if self._maker() not in ("", DEMO):
            sentence = (
                f"{self.folder} holds data that no demo made; a demo would replace it. "
                "Choose another folder with --data."
            )
            raise EngineError(sentence)
        clear(self.folder)
        for folder in (self.demo, self.sandbox):
            shutil.rmtree(folder, ignore_errors=True)
        self._mark(DEMO)
        self.key_file.unlink(missing_ok=True)
        self.key_file.touch(mode=0o600)
        self.key_file.write_text(key_from_seed(seed).secret.hex() + "\n")

    def claim(self, *, over_demo: bool) -> MasterKey:
        """For real use: goes on with what is here; makes the master key where there is none.

        Raises EngineError on a demo's data unless `over_demo`: its key is nobody's secret.
        """
        make_folder(self.folder)
        if self._maker() == DEMO and not over_demo:
            sentence = (
                f"{self.folder} holds a demo, whose key is no secret. Choose another folder with "
                "--data, or remove this one."
            )
            raise EngineError(sentence)
        if not self._maker():
            self._mark(USER)
        return make_key(self.key_file)

    def keep(self) -> None:
        """There is data of the user's here now: no demo may replace it any more."""
        self._mark(USER)

    def settings(self, kafka_url: str, database_url: str, **more: object) -> Settings:
        """The settings of services that work on the engines of this place."""
        return Settings(
            kafka_url=kafka_url,
            database_url=database_url,
            master_key_file=self.key_file,
            **more,
        )

    def _maker(self) -> str:
        """Who made the data here; empty where there is none."""
        mark = self.folder / "made_by"
        if mark.exists():
            return mark.read_text().strip()
        return USER if any((self.folder / name).exists() for name in ENGINE_FOLDERS) else ""

    def _mark(self, maker: str) -> None:
        (self.folder / "made_by").write_text(maker + "\n")


def named_servers() -> bool:
    """Whether the environment names servers to work on instead of a folder's engines."""
    return {"KAFKA_URL", "DATABASE_URL"} <= os.environ.keys()


@contextmanager
def settings_of(place: Place, *, durable: bool = False) -> Iterator[Settings]:
    """The settings for the servers that the environment names, else for this place's engines.

    Raises EngineError where there is neither.
    """
    if named_servers():
        yield Settings()
        return
    if place.empty:
        raise EngineError(
            f"{place.folder} holds no data: name its folder with --data, or the servers of a "
            "running system in KAFKA_URL and DATABASE_URL."
        )
    with engines_of(place, durable=durable) as (kafka_url, database_url):
        yield place.settings(kafka_url, database_url)


@contextmanager
def engines_of(place: Place, *, durable: bool = False) -> Iterator[tuple[str, str]]:
    """The engines' addresses: those that run on this place, else started for the while."""
    found = running(place.folder)
    if found:
        yield found
        return
    with Engines(place.folder, durable=durable) as engines:
        yield engines.kafka_url, engines.database_url
