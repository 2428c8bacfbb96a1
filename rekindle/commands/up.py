"""`rekindle up`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rekindle.catalogue import SERVICES, build
from rekindle.engines import Engines
from rekindle.engines.folder import free_ports
from rekindle.migrating import migrate
from rekindle.place import DEFAULT, Place
from rekindle.topics import KEPT_FOR_EVER, make_topics
from shared.clock import utc_now
from shared.process import serve
from shared.settings import Settings
from shared.topics import TOPICS


def up(
    data: Annotated[Path, typer.Option(help="The folder with the data.")] = DEFAULT,
) -> None:
    """Run the whole system on the real clock until Ctrl-C; the engines survive power loss."""
    place, say = Place(data), Console(stderr=True)
    place.claim(over_demo=False)
    say.print("Starting PostgreSQL and Kafka …")
    with Engines(place.folder, durable=True) as engines:
        settings = with_endpoint(place.settings(engines.kafka_url, engines.database_url))
        migrate(settings)
        say.print(f"Kafka      {engines.kafka_url}")
        say.print(f"PostgreSQL {engines.database_url}", soft_wrap=True)
        say.print(f"Console    http://{settings.console_host}:{settings.console_port}")
        say.print(f"Token      {settings.token()}", soft_wrap=True)
        say.print(f"Master key {place.key_file}: back it up; without it nothing opens again.")
        asyncio.run(_stay(engines, settings))


def with_endpoint(settings: Settings) -> Settings:
    """The settings with a port for the internal endpoint, which other commands must know."""
    port = settings.internal_port or free_ports(1)[0]
    return settings.model_copy(update={"internal_port": port})


async def _stay(engines: Engines, settings: Settings) -> None:
    await make_topics(settings.kafka_url, [topic.name for topic in TOPICS], config=KEPT_FOR_EVER)
    engines.announce(f"http://{settings.internal_host}:{settings.internal_port}")
    await serve(settings, [build(name, settings, utc_now) for name in SERVICES])
