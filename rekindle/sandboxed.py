"""The sandbox from outside: a process that is started, asked and moved over HTTP."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import httpx

from rekindle.engines import EngineError
from rekindle.engines.folder import free_ports
from shared.clock import elapsed_seconds

START_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who may be written to, by all addresses."""

    key: str
    language: str
    zone: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Idle:
    """What it is in the middle of, when it acts next, and the touches whose calls hang for ever."""

    busy: str
    next_due: datetime | None
    hanging: frozenset[UUID]


@dataclass
class SandboxClient:
    """The driver's side of the sandbox's controls."""

    url: str
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=120))

    async def settle(self, residents: Sequence[Resident]) -> None:
        """Say who lives there."""
        people = [
            {
                "key": one.key,
                "language": one.language,
                "zone": one.zone,
                "addresses": list(one.addresses),
            }
            for one in residents
        ]
        (await self.client.post(f"{self.url}/control/residents", json=people)).raise_for_status()

    async def move_to(self, moment: datetime) -> None:
        """Let the sandbox do what is due by this moment."""
        body = {"now": moment.isoformat()}
        (await self.client.post(f"{self.url}/control/time", json=body)).raise_for_status()

    async def idle(self) -> Idle:
        """How it stands."""
        its = (await self.client.get(f"{self.url}/control/idle")).json()
        due = its["next_due"]
        return Idle(
            busy=its["busy"],
            next_due=datetime.fromisoformat(due) if due else None,
            hanging=frozenset(map(UUID, its["hanging"])),
        )

    async def next_due(self) -> datetime | None:
        return (await self.idle()).next_due

    async def lie(self, shares: Mapping[str, float]) -> None:
        """Agree on which lies its providers tell, each by its share."""
        answer = await self.client.post(f"{self.url}/control/lies", json=dict(shares))
        answer.raise_for_status()

    async def ledger(self) -> list[dict[str, Any]]:
        """All that the providers accepted and the customers said."""
        entries: list[dict[str, Any]] = (await self.client.get(f"{self.url}/control/ledger")).json()
        return entries

    async def close(self) -> None:
        await self.client.aclose()


@dataclass
class SandboxProcess:
    """The sandbox, as a child that ends when we do."""

    seed: int
    start: datetime
    folder: Path
    token: str
    webhooks_port: int
    mail_in_port: int
    answer_seconds: float = 0.0  # how long its providers take to answer
    ports: list[int] = field(default_factory=lambda: free_ports(2))
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def smtp_port(self) -> int:
        return self.ports[1]

    @property
    def account(self) -> str:
        """The account's id at the sandbox's provider."""
        return "AC" + f"{self.seed:032x}"

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        given = {
            "seed": self.seed,
            "start": self.start.isoformat(),
            "folder": self.folder,
            "port": self.ports[0],
            "smtp-port": self.ports[1],
            "webhooks": f"http://127.0.0.1:{self.webhooks_port}",
            "mail-port": self.mail_in_port,
            "token": self.token,
            "answer-seconds": self.answer_seconds,
        }
        words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
        with (self.folder / "sandbox.out").open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sandbox", *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _wait(self) -> None:
        """Until it answers."""
        assert self.process is not None
        end = elapsed_seconds() + START_SECONDS_MAX
        while self.process.poll() is None and elapsed_seconds() < end:
            try:
                httpx.get(f"{self.url}/control/idle", timeout=1)
            except httpx.HTTPError:
                continue
            return
        said = (self.folder / "sandbox.out").read_text(errors="replace").splitlines()[-1:]
        sentence = f"The sandbox did not start: {' '.join(said) or 'it said nothing'}."
        self.__exit__()
        raise EngineError(sentence)
