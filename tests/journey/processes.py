"""The whole system as processes of its own on a scaled clock, with the sandbox beside it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
import sqlalchemy as sa

from rekindle.catalogue import SERVICES
from rekindle.console_client import ConsoleClient
from rekindle.engines import Engines
from rekindle.engines.folder import free_ports
from rekindle.migrating import migrate
from rekindle.sandboxed import Resident, SandboxClient, SandboxProcess
from rekindle.topics import KEPT_FOR_EVER, make_topics
from services.crm_sync.importing import Importer
from services.crm_sync.records import open_source
from shared.clock import ScaledClock, utc_now
from shared.ids import named
from shared.privacy.master import make_key
from shared.settings import Settings
from shared.topics import TOPICS
from shared.words import CampaignState

WORKSPACE = "journey"
WORKSPACE_ID = named("workspace", WORKSPACE)
UP_SECONDS_MAX = 60


@dataclass(frozen=True, slots=True)
class Role:
    """What a process is: a service, and what it alone has in its environment."""

    service: str
    env: Mapping[str, str] = field(default_factory=dict)


class Processes:
    """Start it with fresh engines; `kill` ends a service's process as `kill -9` does."""

    def __init__(self, folder: Path, engines: Engines, start: datetime, factor: float) -> None:
        self.folder, self.began = folder, utc_now()
        self.clock = ScaledClock(start, factor, self.began)
        make_key(folder / "master.key")
        webhooks, mail_in, console = free_ports(3)
        self.sandbox = SandboxProcess(5, start, folder / "sandbox", "journey", webhooks, mail_in)
        self.env = {
            "KAFKA_URL": engines.kafka_url,
            "DATABASE_URL": engines.database_url,
            "MASTER_KEY_FILE": str(folder / "master.key"),
            "CLOCK": f"scaled:{start.isoformat()}@{factor}@{self.began.isoformat()}",
            "SESSION_SECONDS": "2",
            "CONSOLE_PORT": str(console),
            "TWILIO_URL": self.sandbox.url,
            "TWILIO_ACCOUNT": self.sandbox.account,
            "TWILIO_TOKEN": "journey",
            "SMTP_PORT": str(self.sandbox.smtp_port),
            "WEBHOOKS_PORT": str(webhooks),
            "WEBHOOKS_PUBLIC_URL": f"http://127.0.0.1:{webhooks}",
            "MAIL_IN_PORT": str(mail_in),
        }
        self.settings = Settings(**{name.lower(): value for name, value in self.env.items()})
        self.console = ConsoleClient(
            f"http://127.0.0.1:{console}", self.settings.token(), WORKSPACE
        )
        self.people = SandboxClient(self.sandbox.url)
        self.root = sa.create_engine(engines.database_url, poolclass=sa.NullPool)
        self.roles = {name: Role(name) for name in SERVICES}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    async def start(self) -> None:
        migrate(self.settings)
        names = [topic.name for topic in TOPICS]
        await make_topics(self.settings.kafka_url, names, config=KEPT_FOR_EVER)
        for name in self.roles:
            self.begin(name)
        await until(self._console_answers, UP_SECONDS_MAX)

    def begin(self, name: str) -> None:
        self.running[name] = self.spawn(self.roles[name], self.folder / f"{name}.log")

    def spawn(self, role: Role, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", f"services.{role.service}"],
                env={**os.environ, **self.env, **role.env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def kill(self, name: str) -> None:
        """As `kill -9` does; it must have been alive."""
        process = self.running.pop(name)
        assert process.poll() is None, (self.folder / f"{name}.log").read_text()[-3000:]
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    async def settle_people(self, csv: Path) -> int:
        """The sandbox learns who lives there; how many records the file has."""
        hasher = self.settings.master_key().hasher(WORKSPACE_ID)
        source = open_source(csv, region="US", hasher=hasher, today=self.clock().date())
        await self.people.settle(
            [
                Resident(
                    key=record.key,
                    language=record.facts.language or "en",
                    zone=record.facts.zones[0] if record.facts.zones else "UTC",
                    addresses=tuple(
                        filter(None, (record.number and record.number.e164, record.mailbox))
                    ),
                )
                for record in source
            ]
        )
        return source.rows

    async def bring_in(self, csv: Path) -> None:
        await self.settle_people(csv)
        with Importer.of(self.settings, self.clock) as importer:
            report = await asyncio.to_thread(importer.import_file, csv, WORKSPACE_ID, region="US")
        await self.until_known(report.records)

    async def until_known(self, contacts: int) -> None:
        """Until the orchestrator knows them all: a pool is frozen from these."""
        await until(lambda: self._knows(contacts), UP_SECONDS_MAX)

    async def go_live(self, campaign: bytes, key: str) -> None:
        draft = await self.console.put(key, campaign)
        await self.console.sign(draft, key, draft.brief.founder)
        await self.console.move(key, CampaignState.LIVE)

    async def tick(self) -> None:
        """Let the sandbox do what is due by now; a service that is down gets it a little later."""
        await self.people.move_to(self.clock())

    async def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        await self.people.close()

    async def _knows(self, contacts: int) -> bool:
        """Whether the orchestrator knows that many contacts: a pool is frozen from these."""
        with self.root.connect() as tx:
            known = tx.scalar(sa.text("select count(*) from orchestrator.sequence"))
        return known == contacts

    async def _console_answers(self) -> bool:
        for name, process in self.running.items():
            assert process.poll() is None, (self.folder / f"{name}.log").read_text()[-3000:]
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{self.console.url}/healthz")).is_success
        except httpx.HTTPError:
            return False


async def until(condition, seconds: float) -> None:
    """Wait for a condition with a deadline."""
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, (
            f"{getattr(condition, '__name__', condition)} did not come true"
        )
        await asyncio.sleep(0.1)
