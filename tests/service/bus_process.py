"""A diary in a process of its own: `python -m tests.service.bus_process DATABASE KAFKA [silent]`.

With `silent` it never publishes, as if it had been stopped between the commit and the relay.
"""

import asyncio
import sys

from shared.bus import Lanes, Member, make_engine, running, until_told_to_stop
from shared.bus.relay import Relay
from shared.events.base import Woke
from tests.service.bus_world import NOON, TABLES, WORKSPACE, Diary, Said


def answer(tx, event):
    if isinstance(event, Woke):
        return []
    return [Said(subject=event.subject, workspace_id=WORKSPACE, number=event.number)]


async def publish_nothing(self):
    return 0


async def work(kafka_url, member):
    async with running(kafka_url, [member]):
        await until_told_to_stop()


def main(database_url, kafka_url, *flags):
    if "silent" in flags:
        Relay.publish = publish_nothing
    lanes = Lanes("diary", TABLES, Diary(answer), lambda: NOON)
    member = Member(lanes, make_engine(database_url), kafka_url, session_seconds=1)
    asyncio.run(work(kafka_url, member))


if __name__ == "__main__":
    main(*sys.argv[1:])
