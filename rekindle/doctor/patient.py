"""Who is examined: the servers that the environment names, or what runs on a folder."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from rekindle.engines import endpoint, running
from rekindle.place import Place, named_servers
from shared.settings import Settings


class Fault(NamedTuple):
    """What is wrong, and a command that mends it."""

    what: str
    remedy: str


class NotAskedError(Exception):
    """There is nothing to examine here; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; without faults it is well, unless it was not made."""

    check: str
    state: Literal["well", "ill", "not asked"]
    faults: tuple[Fault, ...] = ()
    why: str = ""  # it was not made


@dataclass(frozen=True, slots=True)
class Patient:
    """A deployment. `named` servers are not ours to start; embedded ones may be at rest."""

    settings: Settings
    folder: Path
    named: bool
    awake: bool  # there are engines to ask
    serving: bool  # services run here, so that their ports are taken by themselves

    def ask_engines(self) -> None:
        """Raises NotAskedError where there are none."""
        if not self.awake:
            sentence = f"nothing runs on {self.folder}; `rekindle up` starts it"
            raise NotAskedError(sentence)


Check = Callable[[Patient], Iterator[Fault]]


def patient_of(folder: Path) -> Patient:
    """The servers that KAFKA_URL and DATABASE_URL name, else those that run on the folder."""
    named = named_servers()
    serving = bool(endpoint(folder) or os.environ.get("INTERNAL_URLS"))
    if named:
        return Patient(Settings(), folder, named, awake=True, serving=serving)
    found = running(folder)
    settings = Place(folder).settings(*(found or ("", "")))
    return Patient(settings, folder, named, awake=bool(found), serving=serving)
