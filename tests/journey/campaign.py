"""A small campaign, and how one sees that it has settled."""

from datetime import UTC, datetime
from pathlib import Path

from rekindle.case import Case
from rekindle.ledger import every_provider_call_is_one_touch
from rekindle.stream import read_stream
from sandbox.exports import Export, as_csv
from shared.events import ReplyUnderstood
from tests.journey.processes import Processes

CAMPAIGN = (Path(__file__).parent.parent.parent / "examples" / "campaign.toml").read_bytes()
START = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a day in Vilnius, then one in Chicago, lies ahead
FACTOR = 400.0  # nine seconds an hour


def some_people(folder: Path, count: int) -> Path:
    """An export of that many customers who may be written to."""
    rows = [row for row in Export(3).make() if row["_purpose"] in ("single_module", "solo_seat")]
    file = folder / "people.csv"
    file.write_bytes(as_csv(rows[:count]))
    return file


class Settled:
    """Most of the pool was written to, the others wait, and every reply was understood."""

    __name__ = "settled"

    def __init__(self, world: Processes) -> None:
        self.world = world

    async def __call__(self) -> bool:
        await self.world.tick()
        self.ledger = await self.world.people.ledger()
        self.recorded = recorded = await read_stream(self.world.settings.kafka_url)
        written = {sent.subject for sent in recorded.sent}
        read = {its.reply_id for its in recorded.of(ReplyUnderstood)}
        replies = {reply.id for its in recorded.replies.values() for reply in its}
        case = Case(recorded, recorded.events[-1].time, self.ledger)
        # A call may be under way, or was cut and is not unknown yet.
        loose = [one.sentence for one in every_provider_call_is_one_touch(case)]
        self.__name__ = (
            f"{len(recorded.pool)} in the pool, {len(written)} written to, "
            f"{len(read)} of {len(replies)} replies read, loose: {loose}"
        )
        half = len(recorded.pool) / 2
        return not loose and half > 15 and len(written) > half and bool(replies) and replies <= read
