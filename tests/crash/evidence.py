"""What the judge gets to see: the providers' ledger, the records on the bus, a few rows. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

JOINED_POOL = "joined_pool"
TOUCH_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")


class Record(NamedTuple):
    """One record on the bus: its envelope as text, its body as plain JSON."""

    topic: str
    id: str
    subject: str
    time: datetime
    body: Mapping[str, Any]


class Touch(NamedTuple):
    """The last word on one touch."""

    id: str
    contact: str
    plan: int
    channel: str
    address: str
    purpose: str
    result: str
    reserved_at: datetime
    answer_until: datetime


@dataclass(frozen=True)
class Evidence:
    """All that the judge gets to see, as of the moment `at`.

    `records` are in the order of each partition, repeated ones too. `pool` are the contacts that a
    campaign froze, `timers` the moment of the last timer that still counts for a contact; `parked`
    and `outbox` count rows.
    """

    at: datetime
    ledger: Sequence[Mapping[str, Any]]
    records: Sequence[Record]
    pool: frozenset[str]
    timers: Mapping[str, datetime]
    parked: int = 0
    outbox: int = 0

    @cached_property
    def events(self) -> list[Record]:
        """Each once, however often it was published."""
        first: dict[str, Record] = {}
        for one in self.records:
            first.setdefault(one.id, one)
        return list(first.values())

    def on(self, topic: str) -> list[Record]:
        return [one for one in self.events if one.topic == topic]

    @cached_property
    def touches(self) -> dict[str, Touch]:
        """What was told of each touch in the end."""
        return {one.body["touch_id"]: _touch(one) for one in self.on("message.sent")}

    @cached_property
    def sent(self) -> list[Touch]:
        """The touches that left, or may have, in the order in which they were reserved."""
        gone = (touch for touch in self.touches.values() if touch.result != "refused")
        return sorted(gone, key=lambda touch: touch.reserved_at)

    @cached_property
    def unknown(self) -> list[Touch]:
        """Those of which nobody knows to the end whether a provider took them."""
        return [touch for touch in self.touches.values() if touch.result == "unknown"]

    @cached_property
    def calls(self) -> list[tuple[Mapping[str, Any], Touch | None]]:
        """What a provider accepted, and the touch that tells of it."""
        return [(one, self._told(one)) for one in self.ledger if one["kind"] == "accepted"]

    @cached_property
    def outcomes(self) -> dict[str, str]:
        recorded = sorted(self.on("outcome.recorded"), key=lambda one: one.body["revision"])
        return {one.subject: one.body["code"] for one in recorded}

    @cached_property
    def members(self) -> set[str]:
        """Everybody in the pool: whom the campaign froze, and who was said to have joined."""
        decided = self.on("decision.made")
        return self.pool | {one.subject for one in decided if one.body["verdict"] == JOINED_POOL}

    def _told(self, call: Mapping[str, Any]) -> Touch | None:
        """The callback's address and a mail's name carry the touch's id."""
        found = TOUCH_ID.search(f"{call['touch']} {call['id']}".lower())
        return self.touches.get(str(UUID(found[0]))) if found else None


def _touch(sent: Record) -> Touch:
    body = sent.body
    return Touch(
        id=body["touch_id"],
        contact=sent.subject,
        plan=body["plan"],
        channel=body["channel"],
        address=body["address_hash"],
        purpose=body["purpose"],
        result=body["result"],
        reserved_at=datetime.fromisoformat(body["reserved_at"] or sent.time.isoformat()),
        answer_until=datetime.fromisoformat(body["answer_until"]),
    )
