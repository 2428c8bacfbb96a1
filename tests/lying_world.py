"""The gateway with a sandbox that lies: real sockets both ways, a real driver, a stepped clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import sqlalchemy as sa

from rekindle.driver import Driver
from rekindle.sandboxed import SandboxClient
from sandbox.app import Ports, Sandbox
from sandbox.ledger import Ledger
from services.channels.adapters.smtp import Envelope, MailServer, SmtpAdapter
from services.channels.adapters.twilio import TwilioAdapter
from services.channels.reconciling import Reconciler
from services.channels.sender import Sender
from services.channels.store import METADATA
from services.channels.webhooks import Webhooks
from shared.events import MessageDelivered, MessageSent
from shared.process import working
from shared.service import Service
from shared.words import Channel
from tests.channels_world import ANN, PUBLIC, TOKEN, World
from tests.examples import NOW
from tests.serving import serving

SENDERS = {Channel.SMS: "+15005550006", Channel.WHATSAPP: "+15005550010"}
DOMAIN = "reply.example"


@dataclass
class Lying:
    """A gateway, its provider, and who moves the clock."""

    world: World
    sandbox: Sandbox
    client: SandboxClient
    driver: Driver

    async def lie(self, **shares: float) -> None:
        """Agree on these lies, and on no usual ones."""
        await self.client.lie({"doubled": 0, "disordered": 0, **shares})

    async def ask(self, contact=ANN, channel=Channel.SMS, **more) -> None:
        """Want something said, and let happen what happens at once."""
        self.world.ask(contact, channel=channel, **more)
        await self.driver.step(self.driver.clock.now)

    async def after(self, **time: float) -> None:
        """Play on until so much time has passed since the beginning."""
        end = NOW + timedelta(**time)
        while (moment := await self.driver.next_moment()) and moment < end:
            await self.driver.step(moment)
        await self.driver.step(end)

    def results(self, contact=ANN) -> list[str]:
        """What was told of the contact's touches, in order."""
        return [sent.result for sent in self.world.said(MessageSent) if sent.subject == contact]

    def deliveries(self) -> list[str]:
        return [one.delivery for one in self.world.said(MessageDelivered)]

    def accepted(self) -> int:
        """How many messages the providers took."""
        return len(self.sandbox.world.ledger.accepted())

    def everything(self) -> dict[str, list[sa.Row]]:
        """All rows of the gateway."""
        return {name: self.world.rows(table) for name, table in METADATA.tables.items()}


@asynccontextmanager
async def lying(world: World, folder: Path) -> AsyncIterator[Lying]:
    """All of it, at work. Its mails leave too."""
    webhooks = Webhooks(world.edge, TOKEN, PUBLIC)
    async with serving(webhooks.app()) as inbound:
        webhooks = f"http://127.0.0.1:{inbound}"
        sandbox = Sandbox(7, NOW, Ledger(folder / "ledger"), Ports(PUBLIC, "127.0.0.1", 1), TOKEN)
        await sandbox.client.aclose()
        sandbox.client = sandbox.webhooks.client = httpx.AsyncClient(
            timeout=30, transport=Rerouted(webhooks)
        )
        mail = await sandbox.mailroom.listen("127.0.0.1", 0)
        async with serving(sandbox.app()) as port, mail:
            client = SandboxClient(f"http://127.0.0.1:{port}")
            loops = loops_of(world, sandbox, client.url, mail.sockets[0].getsockname()[1])
            service = Service("channels", METADATA, loops=loops)
            async with working(loops):
                yield Lying(world, sandbox, client, Driver(world.edge.clock, [service], client))
            await client.close()
        await sandbox.client.aclose()
        sandbox.world.ledger.close()


class Rerouted(httpx.AsyncHTTPTransport):
    """Brings what is meant for the public address to where the gateway listens."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = httpx.URL(url)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        here = self._url
        request.url = request.url.copy_with(scheme=here.scheme, host=here.host, port=here.port)
        return await super().handle_async_request(request)


def loops_of(world: World, sandbox: Sandbox, url: str, smtp_port: int) -> list:
    def twilio() -> TwilioAdapter:
        return TwilioAdapter(sandbox.twilio.account, TOKEN, SENDERS, PUBLIC, url)

    envelope = Envelope("AI <ai@sender.example>", DOMAIN, PUBLIC, world.edge.tokens)
    mail = SmtpAdapter(MailServer("127.0.0.1", smtp_port), envelope)
    return [
        Sender(world.edge, world.taking(Channel.SMS), twilio()),
        Sender(world.edge, world.taking(Channel.EMAIL), mail),
        Reconciler(world.edge, [Channel.SMS, Channel.WHATSAPP], twilio()),
    ]


async def until(condition, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.005)
