"""How many messages a gateway sends to a provider nearby, and how many it takes in.

`python -m bench.gateways` starts a PostgreSQL of its own and prints one JSON object. Sending is the
sender's loop over Twilio's adapter: reserve, call, settle; beside it the calls alone. Taking in is
the webhooks' server in a process of its own: signature, duplicates, commit; beside it the signature
and one bare insert.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode
from uuid import UUID

import httpx
import psycopg
import sqlalchemy as sa
from twilio.request_validator import RequestValidator

from bench.asking import Answered, all_at, process, steadily
from bench.provider import ACCOUNT
from rekindle.engines.postgres import Postgres
from rekindle.migrating import migrate
from services.channels.adapters.base import Accepted, Outgoing
from services.channels.adapters.twilio import TwilioAdapter
from services.channels.edges import Edge
from services.channels.pacing import Limit
from services.channels.sender import CALLS_MAX, Sender
from services.channels.store import INBOUND, TABLES, TOUCH
from services.channels.taking import Taking
from services.channels.touching import State
from services.channels.webhooks import Webhooks
from shared.bus import make_engine
from shared.privacy.vault import Vault
from shared.settings import Settings
from shared.web import HttpServer
from shared.words import Channel
from tests.channels_world import MASTER, PUBLIC, TOKEN, World, a_triaged, a_world, office_hours

MESSAGES, INBOUND_MESSAGES, AT_A_TIME = 1_000, 1_000, 16
MINUTES_MAX = 2
STEADY_PER_SECOND, STEADY_SECONDS = 500, 2
STEADY = range(INBOUND_MESSAGES, INBOUND_MESSAGES + STEADY_PER_SECOND * STEADY_SECONDS)
FREE = Limit(200, timedelta(milliseconds=100))
PEOPLE = [UUID(int=1000 + n) for n in range(MESSAGES)]
PATH = "/twilio/inbound"


def figures() -> dict[str, float]:
    with TemporaryDirectory(dir="/tmp") as folder:  # a short path, for the socket
        server = Postgres(Path(folder) / "server").start()
        try:
            return asyncio.run(_measured(server.url))
        finally:
            server.stop()


async def _measured(url: str) -> dict[str, float]:
    settings = Settings(database_url=url)
    migrate(settings)
    engine, vault = (make_engine(settings.database_of(name)) for name in ("channels", "vault"))
    world = a_world(engine, vault, office_hours)
    for some in _chunks(PEOPLE):
        world.hear(*(a_triaged(world.edge.vault, one, number=_number(one)) for one in some))
    with process("bench.provider") as port:
        sent, bare_sent = await _sending(world, port)
    with process("bench.gateways", "serve", url) as port:
        most, steady = await _taking_in(port)
    with engine.connect() as tx:
        kept = tx.scalar(sa.select(sa.func.count()).select_from(INBOUND))
    assert kept == STEADY.stop, kept
    return {
        "calls_per_second": round(sent),
        "bare_calls_per_second": round(bare_sent),
        "webhooks_per_second": round(most.per_second),
        "bare_webhooks_per_second": round(_bare_intake(settings)),
        "webhooks_p99_ms": round(steady.percentile_ms(0.99), 1),
    }


# -- sending


async def _sending(world: World, port: int) -> tuple[float, float]:
    """Messages a second: through the sender, and by the adapter alone."""
    for some in _chunks(PEOPLE):
        for one in some:
            world.ask(one)
    adapter = TwilioAdapter(
        ACCOUNT, TOKEN, {Channel.SMS: "+15005550006"}, PUBLIC, f"http://127.0.0.1:{port}"
    )
    sender = Sender(world.edge, Taking(world.edge, Channel.SMS, FREE), adapter)
    _settled(world)
    began = time.monotonic()
    work = asyncio.create_task(sender.run())
    end = began + MINUTES_MAX * 60
    while await asyncio.to_thread(_settled, world) < MESSAGES:
        assert time.monotonic() < end, "the sender does not come to an end"
        await asyncio.sleep(0.2)
    ours = MESSAGES / (time.monotonic() - began)
    work.cancel()
    await asyncio.wait([work])
    return ours, await _bare_calls(port)


def _settled(world: World) -> int:
    """How many are; the gateway's knowledge stays as fresh as listeners would keep it."""
    with world.edge.engine.begin() as tx:
        tx.execute(sa.update(TABLES.lane).values(caught_up_at=sa.func.clock_timestamp()))
        done = sa.select(sa.func.count()).where(TOUCH.c.state == State.ACCEPTED)
        return tx.scalar(done) or 0


async def _bare_calls(port: int) -> float:
    adapter = TwilioAdapter(
        ACCOUNT, TOKEN, {Channel.SMS: "+15005550006"}, PUBLIC, f"http://127.0.0.1:{port}"
    )

    async def call(n: int) -> None:
        message = Outgoing(PEOPLE[n], Channel.SMS, _number(PEOPLE[n]), "Hi Zoe, Ieva's AI: opener.")
        assert isinstance(await adapter.send(message), Accepted)

    answered = await all_at(call, MESSAGES, CALLS_MAX)
    await adapter.close()
    return answered.per_second


# -- taking in


async def _taking_in(port: int) -> tuple[Answered, Answered]:
    """As many as it takes, and so many a second."""
    async with _client(port) as post:
        most = await all_at(post, INBOUND_MESSAGES, AT_A_TIME)
        steady = await steadily(post, STEADY, STEADY_PER_SECOND)
    return most, steady


@asynccontextmanager
async def _client(port: int) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    validator = RequestValidator(TOKEN)
    requests = []
    for n in range(STEADY.stop):
        form = _form(n)
        signature = validator.compute_signature(f"{PUBLIC}{PATH}", form)
        requests.append((urlencode(form).encode(), signature))
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    url = f"http://127.0.0.1:{port}{PATH}"
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def post(n: int) -> None:
            body, signature = requests[n]
            headers = {
                "X-Twilio-Signature": signature,
                "Content-Type": "application/x-www-form-urlencoded",
            }
            (await client.post(url, content=body, headers=headers)).raise_for_status()

        yield post


def _bare_intake(settings: Settings) -> float:
    """The same forms: signature checked, one row each, committed."""
    validator = RequestValidator(TOKEN)
    url = settings.database_of("channels").replace("+psycopg", "")
    forms = [_form(n) for n in range(INBOUND_MESSAGES)]
    signed = [validator.compute_signature(f"{PUBLIC}{PATH}", form) for form in forms]
    with psycopg.connect(url) as db:
        db.execute("create table bare (id text primary key)")
        db.commit()
        began = time.monotonic()
        for form, signature in zip(forms, signed, strict=True):
            assert validator.validate(f"{PUBLIC}{PATH}", form, signature)
            db.execute("insert into bare values (%s)", [form["MessageSid"]])
            db.commit()
        return len(forms) / (time.monotonic() - began)


def serve(url: str, port: int) -> None:
    """The webhooks of one gateway process."""
    settings = Settings(database_url=url)
    engine, vault = (make_engine(settings.database_of(name)) for name in ("channels", "vault"))
    edge = Edge(engine, office_hours, Vault(vault, MASTER), MASTER)
    app = Webhooks(edge, TOKEN, PUBLIC).app()
    asyncio.run(HttpServer(app, "127.0.0.1", port, "webhooks").run())


def _form(n: int) -> dict[str, str]:
    return {
        "MessageSid": f"SM{n:032x}",
        "From": _number(PEOPLE[n % MESSAGES]),
        "To": "+15005550006",
        "Body": "Tell me more, please",
        "NumMedia": "0",
    }


def _number(contact: UUID) -> str:
    return f"+370600{contact.int:05}"


def _chunks(people: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (people[n : n + 200] for n in range(0, len(people), 200))


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        sys.stdout.write(json.dumps(figures()) + "\n")
