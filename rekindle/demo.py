"""The demo: a list becomes booked calls in 14 days of a stepped clock, on real engines.

Everything is real but the people: the topics, the SQL, the sockets. What the demo claims in the
end is read from the topics and held against the sandbox's own ledger.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from rekindle.auditing import Audit, audit
from rekindle.bundle import write_bundle
from rekindle.catalogue import SERVICES, build
from rekindle.console_client import ConsoleClient
from rekindle.driver import Driver, full_hour
from rekindle.engines import Engines
from rekindle.engines.folder import free_ports
from rekindle.figures import Figures, figures
from rekindle.migrating import migrate
from rekindle.place import Place
from rekindle.progress import Progress
from rekindle.recorded import Recorded
from rekindle.sandboxed import Resident, SandboxClient, SandboxProcess
from rekindle.stream import read_stream
from rekindle.topics import KEPT_FOR_EVER, make_topics
from rekindle.truth import missed_opt_outs, personal_words
from services.console.campaigns import CampaignFile, read_campaign
from services.crm_sync.importing import Importer, ImportReport
from services.crm_sync.records import Record, open_source
from shared.clock import SteppedClock, elapsed_seconds
from shared.events import CampaignChanged
from shared.ids import named
from shared.process import alive
from shared.service import Service
from shared.settings import Settings
from shared.telemetry.exporting import traced
from shared.topics import TOPICS
from shared.words import CampaignState

EXAMPLES = Path(__file__).parent.parent / "examples"
WORKSPACE = "demo"
WORKSPACE_ID = named("workspace", WORKSPACE)
HEAD_START = timedelta(hours=1)  # the list comes in before the campaign starts
# Of the calls so many are accepted and then hang; of half of those the provider never speaks again.
LIES = {"hang": 0.01, "vanish": 0.01}
LANGUAGES = frozenset({"en", "de", "fr", "es", "lt"})  # that the sandbox's people speak


@dataclass(frozen=True, slots=True)
class Wish:
    """What to play."""

    csv: Path = EXAMPLES / "customers.csv"
    campaign: Path = EXAMPLES / "campaign.toml"
    seed: int = 7
    days: int = 14
    region: str = "US"


@dataclass
class World:
    """The running demo."""

    wish: Wish
    place: Place
    settings: Settings
    file: CampaignFile
    clock: SteppedClock
    services: Sequence[Service]
    sandbox: SandboxClient
    driver: Driver
    console: ConsoleClient
    progress: Progress


@dataclass(frozen=True, slots=True)
class Result:
    """What the demo found in the end."""

    figures: Figures
    missed_opt_outs: int
    audit: Audit
    seconds: float

    @property
    def good(self) -> bool:
        return not self.audit.broken and self.missed_opt_outs == 0

    def as_json(self) -> dict[str, Any]:
        invariants = self.audit.as_json()
        return {
            **asdict(self.figures),
            "missed_opt_outs": self.missed_opt_outs,
            "invariants": {name: invariants[name] for name in ("checked", "broken")},
            "seconds": round(self.seconds, 1),
        }


@asynccontextmanager
async def world(wish: Wish, place: Place, engines: Engines) -> AsyncIterator[World]:
    """Everything up and idle, an hour before the campaign starts."""
    file = read_campaign(wish.campaign.read_text())
    clock = SteppedClock(full_hour(file.campaign.starts_at) - HEAD_START)
    webhooks, mail_in, console = free_ports(3)
    plain = place.settings(engines.kafka_url, engines.database_url)
    token = plain.master_key().token("sandbox")[:32]
    with (
        traced(plain),
        SandboxProcess(wish.seed, clock.now, place.sandbox, token, webhooks, mail_in) as sandbox,
    ):
        settings = place.settings(
            engines.kafka_url,
            engines.database_url,
            console_port=console,
            **provider_settings(sandbox, webhooks, mail_in),
        )
        migrate(settings)
        topics = [topic.name for topic in TOPICS]
        await make_topics(settings.kafka_url, topics, config=KEPT_FOR_EVER)
        services = [build(name, settings, clock) for name in SERVICES]
        client, progress = SandboxClient(sandbox.url), Progress(settings.kafka_url)
        api = ConsoleClient(f"http://127.0.0.1:{console}", settings.token(), WORKSPACE)
        async with alive(settings.kafka_url, services):
            driver = Driver(clock, services, client)
            yield World(wish, place, settings, file, clock, services, client, driver, api, progress)
        await progress.close()
        await client.close()


def provider_settings(sandbox: SandboxProcess, webhooks: int, mail_in: int) -> dict[str, object]:
    """Where the gateways reach their providers, and are reached."""
    return {
        "twilio_url": sandbox.url,
        "twilio_account": sandbox.account,
        "twilio_token": sandbox.token,
        "smtp_host": "127.0.0.1",
        "smtp_port": sandbox.smtp_port,
        "webhooks_port": webhooks,
        "webhooks_public_url": f"http://127.0.0.1:{webhooks}",
        "mail_in_port": mail_in,
        # The example's founder talks to customers overseas in her evening.
        "calendar_opens_hour": 10,
        "calendar_closes_hour": 20,
    }


async def bring_in(world: World) -> ImportReport:
    """Import the list, and let triage come to rest. The people move into the sandbox."""
    await world.sandbox.settle(residents(world))
    await world.sandbox.lie(LIES)
    with Importer.of(world.settings, world.clock) as importer:
        report = importer.import_file(world.wish.csv, WORKSPACE_ID, region=world.wish.region)
    await world.driver.until_idle()
    return report


def residents(world: World) -> list[Resident]:
    """Everybody in the list, by all addresses: the sandbox's people are drawn from it."""
    people = []
    for record in records(world):
        facts = record.facts
        addresses = (record.number.e164 if record.number else "", (record.mailbox or "").lower())
        people.append(
            Resident(
                key=f"{record.kind}:{record.key}",
                language=facts.language if facts.language in LANGUAGES else "en",
                zone=facts.zones[0] if facts.zones else "UTC",
                addresses=tuple(filter(None, addresses)),
            )
        )
    return people


def records(world: World) -> Iterator[Record]:
    """The list, in plain text."""
    hasher = world.settings.master_key().hasher(WORKSPACE_ID)
    today = world.clock.now.date()
    return iter(open_source(world.wish.csv, region=world.wish.region, hasher=hasher, today=today))


async def sign(world: World) -> CampaignChanged:
    """The example's founder signs every line of the script."""
    key, founder = world.file.campaign.key, world.file.brief.founder
    draft = await world.console.put(key, world.wish.campaign.read_bytes())
    signed = await world.console.sign(draft, key, founder)
    await world.driver.until_idle()
    return signed


async def go_live(world: World) -> None:
    await world.console.move(world.file.campaign.key, CampaignState.LIVE)
    await world.driver.until_idle()


async def play(world: World) -> AsyncIterator[int]:
    """Play the days; yields the number of each when it has ended, from 1."""
    starts, days = world.file.campaign.starts_at, world.wish.days
    moment, ends = starts, starts + timedelta(days=days)
    ended = 0
    while moment < ends:
        due = await world.driver.next_moment()
        moment = min(due or ends, ends)
        while ended < min((moment - starts).days, days - 1):
            ended += 1
            yield ended
        await world.driver.step(moment)
    await world.driver.play_out()
    yield days


async def judge(world: World, began: float) -> tuple[Recorded, Result]:
    """Read everything that was said, and hold it against the promises and the ledger."""
    recorded = await read_stream(world.settings.kafka_url)
    ledger = await world.sandbox.ledger()
    result = Result(
        figures=figures(recorded),
        missed_opt_outs=len(missed_opt_outs(ledger, recorded)),
        audit=audit(
            recorded,
            at=world.clock.now,
            ledger=ledger,
            words=personal_words(records(world), ledger),
        ),
        seconds=elapsed_seconds() - began,
    )
    return recorded, result


def leave_bundle(world: World, recorded: Recorded, found: Audit) -> Path:
    """What the founder gets, in `.rekindle/demo/`."""
    vault = world.settings.make_vault()
    write_bundle(
        world.place.demo,
        recorded,
        vault.keys,
        at=world.clock.now,
        zone=world.settings.calendar_zone,
        audit=found,
    )
    vault.engine.dispose()
    return world.place.demo
