"""docker-compose.yml, played on this machine: from a list to outcomes in the CRM's file.

Every container becomes a process with exactly its command and its environment. In place of its
name it gets a loopback address of its own, so that all ports stay as they are.
"""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from rekindle.catalogue import SERVICES
from rekindle.console_client import ConsoleClient
from rekindle.engines import Engines, clear
from rekindle.stream import read_stream
from services.channels.app import INSTALLED
from shared.clock import utc_now
from shared.events import OutcomeRecorded, OutcomeWritten
from shared.privacy.master import make_key, read_key
from shared.words import CampaignState
from tests.compose import EXAMPLE, ROOT, Container, compose
from tests.journey.campaign import CAMPAIGN, FACTOR, START, some_people
from tests.journey.processes import until
from tests.series import SERIES

UP_SECONDS_MAX, OUTCOME_SECONDS_MAX = 240, 400
ANYWHERE = "0.0.0.0"  # noqa: S104  what containers say
LISTENING = ("INTERNAL_HOST", "CONSOLE_HOST", "WEBHOOKS_HOST", "MAIL_IN_HOST")
# What is well has none of these.
SELDOM = {
    f"rekindle_{name}" for name in ("retries_total", "sends_refused_total", "waiting", "complaints")
}
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere 127.0.0.2 is no address without set-up"
)


class Machine:
    """The containers of one .env, as processes on these engines."""

    def __init__(self, folder: Path, engines: Engines) -> None:
        make_key(folder / "master.key")
        env = {**EXAMPLE.given, "POSTGRES_PASSWORD": "secret"}
        env["CLOCK"] = f"scaled:{START.isoformat()}@{FACTOR}@{utc_now().isoformat()}"
        self.folder, self.containers = folder, compose(env)
        self.hosts = {name: f"127.87.0.{n}" for n, name in enumerate(self.containers, 2)}
        self.engines = {
            "kafka:9092": engines.kafka_url,
            "postgresql+psycopg://postgres:secret@postgres/postgres": engines.database_url,
            "/run/secrets/master_key": str(folder / "master.key"),
            "/tmp/sandbox": str(folder / "sandbox"),  # noqa: S108  the container's own
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.passed: set[str] = set()  # those whose health check has passed

    def here(self, text: str, host: str) -> str:
        """The text with what is the containers' replaced by what is here."""
        for theirs, ours in self.engines.items():
            text = text.replace(theirs, ours)
        for name, address in self.hosts.items():
            text = text.replace(f"http://{name}:", f"http://{address}:")
            text = address if text == name else text
        return text.replace(ANYWHERE, host).replace("http://127.0.0.1:", f"http://{host}:")

    def env(self, container: Container) -> dict[str, str]:
        host = self.hosts[container.name]
        own = {name: self.here(value, host) for name, value in container.env.items()}
        loopback = {name: host for name in LISTENING if name not in own}  # a container's is its own
        return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **loopback, **own}

    def begin(self, name: str) -> None:
        its = self.containers[name]
        with (self.folder / f"{name}.log").open("wb") as out:
            self.running[name] = subprocess.Popen(
                [*its.entry, *(self.here(word, self.hosts[name]) for word in its.words)],
                env=self.env(its), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip

    def command(self, *words: object) -> subprocess.CompletedProcess[str]:
        """`docker compose run --rm operator words…`."""
        its = self.containers["operator"]
        return subprocess.run(
            [*its.entry, *map(str, words)],
            env=self.env(its), cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def start(self) -> None:
        """In the order that the file gives: what the services depend on ends first."""
        done = self.command(*self.containers["migrate"].words)
        assert done.returncode == 0, done.stderr
        for name, its in self.containers.items():
            if its.service or name == "sandbox":
                self.begin(name)

    async def well(self) -> bool:
        """Whether every health check has passed; the first that does not is waited for."""
        for name in self.running:
            if name not in self.passed and not await asyncio.to_thread(self.passes, name):
                return False
            self.passed.add(name)
        return True

    def passes(self, name: str) -> bool:
        assert self.running[name].poll() is None, (self.folder / f"{name}.log").read_text()[-3000:]
        its = self.containers[name]
        words = [self.here(word, self.hosts[name]) for word in its.probe]
        done = subprocess.run(words, env=self.env(its), capture_output=True, check=False)
        return done.returncode == 0

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def play(machine: Machine, folder: Path) -> None:
    await until(machine.well, UP_SECONDS_MAX)
    done = machine.command("import", some_people(folder, 30), "--workspace", "studio")
    assert done.returncode == 0, done.stderr
    token = read_key(folder / "master.key").token("internal")
    console = ConsoleClient(f"http://{machine.hosts['console']}:8700", token, "studio")
    draft = await console.put("autumn", CAMPAIGN)
    await console.sign(draft, "autumn", draft.brief.founder)
    await console.move("autumn", CampaignState.LIVE)
    await until(lambda: ended(machine), OUTCOME_SECONDS_MAX)


def pages(machine: Machine, token: str) -> str:
    """The figures of every process, as a collector reads them."""
    asked = {"Authorization": f"Bearer {token}"}
    return "".join(
        httpx.get(f"http://{machine.hosts[name]}:8701/metrics", headers=asked, timeout=30).text
        for name, its in machine.containers.items()
        if its.service
    )


async def ended(machine: Machine) -> bool:
    """Somebody's outcome was written back."""
    recorded = await read_stream(machine.engines["kafka:9092"])
    outcomes = {its.subject for its in recorded.of(OutcomeRecorded)}
    return bool(outcomes & {its.subject for its in recorded.of(OutcomeWritten)})


@pytest.mark.timeout(800)
def test_the_compose_file_takes_a_contact_from_a_list_to_an_outcome(tmp_path) -> None:
    with Engines(tmp_path / "engines") as engines:
        machine = Machine(tmp_path, engines)
        try:
            machine.start()
            asyncio.run(play(machine, tmp_path))
            told = machine.command("status", "--json")
            figures = pages(machine, read_key(tmp_path / "master.key").token("internal"))
            audit = machine.command("audit", "--json")
        finally:
            machine.stop()
    clear(tmp_path / "engines")
    rows = json.loads(told.stdout)["services"]
    assert len(rows) == len(SERVICES) - 1 + len(INSTALLED)
    assert {row["state"] for row in rows} == {"ready"}
    assert json.loads(audit.stdout)["checked"] > 0  # in the midst of work: others judge that
    shown = {line.partition("{")[0] for line in figures.splitlines() if line[0] != "#"}
    assert shown >= SERIES.keys() - SELDOM
