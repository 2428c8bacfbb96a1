"""`python -m sandbox`: runs the sandbox until it is stopped or its parent is gone.

A driver moves its time, or it follows a clock of its own.
"""

import argparse
import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import time

import uvicorn

from sandbox.app import Ports, Sandbox
from sandbox.ledger import Ledger

PARENT_SECONDS = 1.0
LOOK_SECONDS = 0.2
KEEP_ALIVE_SECONDS = 60  # as long as large providers do


def words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    when = parser.add_mutually_exclusive_group(required=True)
    when.add_argument("--start", type=datetime.fromisoformat, help="ISO 8601; a driver moves on")
    when.add_argument("--clock", type=clock, help="wall, or scaled:START@FACTOR@BEGAN")
    parser.add_argument("--folder", type=Path, required=True, help="where the ledger lies")
    parser.add_argument("--host", default="127.0.0.1", help="where API and mail server listen")
    parser.add_argument("--port", type=int, required=True, help="the providers' API")
    parser.add_argument("--smtp-port", type=int, required=True, help="the mail server")
    parser.add_argument("--webhooks", required=True, help="the gateways' public base URL")
    parser.add_argument("--mail-host", default="127.0.0.1", help="the product's listener")
    parser.add_argument("--mail-port", type=int, required=True)
    parser.add_argument("--token", required=True, help="signs webhooks, as Twilio's auth token")
    parser.add_argument("--answer-seconds", type=float, default=0.0, help="how slow providers are")
    return parser.parse_args()


def clock(text: str) -> Callable[[], datetime]:
    """The clock that the words name. Raises ValueError when they name none."""
    if text == "wall":
        return wall
    start, factor, began = text.removeprefix("scaled:").split("@")
    base, pace, since = datetime.fromisoformat(start), float(factor), datetime.fromisoformat(began)
    return lambda: base + (wall() - since) * pace


def wall() -> datetime:
    return datetime.fromtimestamp(time(), UTC)


async def follow(now: Callable[[], datetime], sandbox: Sandbox) -> None:
    """Do what is due, again and again."""
    while True:
        await sandbox.world.move_to(now())
        await asyncio.sleep(LOOK_SECONDS)


async def follow_parent() -> None:
    """End when the process that started us is gone, however it went."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110  no event tells that a parent died
        await asyncio.sleep(PARENT_SECONDS)
    os._exit(0)


async def main() -> None:
    given = words()
    ledger = Ledger(given.folder / "ledger.jsonl")
    ports = Ports(given.webhooks, given.mail_host, given.mail_port)
    start = given.clock() if given.clock else given.start
    sandbox = Sandbox(given.seed, start, ledger, ports, given.token)
    sandbox.world.answer_seconds = given.answer_seconds
    mail = await sandbox.mailroom.listen(given.host, given.smtp_port)
    config = uvicorn.Config(
        sandbox.app(),
        host=given.host,
        port=given.port,
        log_level="warning",
        lifespan="off",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    watching = [asyncio.create_task(follow_parent())]
    if given.clock:
        watching.append(asyncio.create_task(follow(given.clock, sandbox)))
    async with mail:
        await uvicorn.Server(config).serve()
    for task in watching:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
