"""`python -m sandbox`: runs the sandbox until it is stopped or its parent is gone."""

import argparse
import asyncio
import os
from datetime import datetime
from pathlib import Path

import uvicorn

from sandbox.app import Ports, Sandbox
from sandbox.ledger import Ledger

PARENT_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 60  # as long as large providers do


def words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--start", type=datetime.fromisoformat, required=True, help="ISO 8601")
    parser.add_argument("--folder", type=Path, required=True, help="where the ledger lies")
    parser.add_argument("--port", type=int, required=True, help="the providers' API")
    parser.add_argument("--smtp-port", type=int, required=True, help="the mail server")
    parser.add_argument("--webhooks", required=True, help="the gateways' public base URL")
    parser.add_argument("--mail-port", type=int, required=True, help="the product's listener")
    parser.add_argument("--token", required=True, help="signs webhooks, as Twilio's auth token")
    parser.add_argument("--answer-seconds", type=float, default=0.0, help="how slow providers are")
    return parser.parse_args()


async def follow_parent() -> None:
    """End when the process that started us is gone, however it went."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110  no event tells that a parent died
        await asyncio.sleep(PARENT_SECONDS)
    os._exit(0)


async def main() -> None:
    given = words()
    ledger = Ledger(given.folder / "ledger.jsonl")
    ports = Ports(given.webhooks, "127.0.0.1", given.mail_port)
    sandbox = Sandbox(given.seed, given.start, ledger, ports, given.token)
    sandbox.world.answer_seconds = given.answer_seconds
    mail = await sandbox.mailroom.listen("127.0.0.1", given.smtp_port)
    config = uvicorn.Config(
        sandbox.app(),
        host="127.0.0.1",
        port=given.port,
        log_level="warning",
        lifespan="off",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    watching = asyncio.create_task(follow_parent())
    async with mail:
        await uvicorn.Server(config).serve()
    watching.cancel()


if __name__ == "__main__":
    asyncio.run(main())
