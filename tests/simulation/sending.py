"""One channel's sender in one process: reserve, call, settle, each a transaction of its own.

What it holds in its hands is lost when the process dies: calls on their way, and answers that are
not written down yet.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.channels import saying
from services.channels.adapters.base import CALL_SECONDS_MAX, Answer, Outgoing, Refused, Unknown
from services.channels.composing import compose
from services.channels.looking import Desk, hash_on, touch_of
from services.channels.pacing import Limit, kept, send_times
from services.channels.queueing import FIRST_FOR, Place, place_of
from services.channels.requests import CONTEST, _row
from services.channels.reserving import Go, Refuse, may_send
from services.channels.reserving import Wait as Doubt
from services.channels.sender import CALLS_MAX, LATE_SECONDS
from services.channels.store import ContactRow, RequestRow, TouchRow
from services.channels.suppressing import Silence
from services.channels.taking import UNKNOWN_AFTER, touch_row
from services.channels.touching import Late, State
from services.channels.view import View
from shared.events import REQUESTED, Event, MessageRequested, Person, WakeAt
from shared.ids import touch_id_of
from shared.privacy.sealed import Sealed, unseal
from shared.words import Channel
from tests.simulation.database import Group
from tests.simulation.gateway import Gateways, suppress
from tests.simulation.process import Bell, Loop, Process, Rest, Wait
from tests.simulation.provider import Provider
from tests.simulation.settling import settle
from tests.simulation.vault import HASHER, KEYS
from tests.simulation.world import START

LIMIT = Limit(2)  # a second, so that what piled up has to wait
LOOK_AGAIN = timedelta(seconds=1)  # more seldom than gateways do, which changes nothing but costs


@dataclass(frozen=True)
class Requests:
    """The handler of group `channels.<channel>`: what is to be said becomes rows."""

    channel: Channel
    due: Bell

    @property
    def hears(self) -> Collection[type[Event]]:
        return (REQUESTED[self.channel],)

    def __call__(self, tx: Gateways, inputs: Sequence[MessageRequested], _: datetime) -> list[Any]:
        for event in inputs:
            asked = {(row.contact_id, row.plan) for row in tx.requests.values()}
            spoken = tx.touch_for(event.subject, event.plan)
            if spoken is None and (event.subject, event.plan) not in asked:
                contest = CONTEST if self._is_shared(tx, event.subject) else timedelta()
                tx.requests[event.id] = RequestRow(**_row(event, contest))
        self.due.ring()
        return []

    def _is_shared(self, tx: Gateways, contact_id: UUID) -> bool:
        contact = tx.contacts.get(contact_id)
        hash_ = hash_on(contact, self.channel) if contact else None
        return hash_ is not None and len(tx.holders([hash_])) > 1


@dataclass
class Sender:
    """Sends what is due on one channel. `open` and `called` are in the process's hands."""

    channel: Channel
    process: Process
    knowledge: Group
    provider: Provider
    due: Bell
    began: datetime = START
    open: int = 0
    called: list[tuple[Outgoing, Answer | Late]] = field(default_factory=list)

    @property
    def tx(self) -> Gateways:
        return self.knowledge.database.tables

    @property
    def now(self) -> datetime:
        return self.process.world.now

    def work(self) -> Loop:
        """Settle what came back, reserve what may go, and let it be called."""
        self.open, self.called, self.began = 0, [], self.now
        while True:
            settled = self.settle()
            if settled:
                yield "calls settled"
            going = self.reserve(CALLS_MAX - self.open - len(self.called))
            for outgoing in going:
                self.open += 1
                self.process.run(self.say(outgoing, self.now))
            worked = settled or going
            yield "touches reserved" if worked else Rest(self.due, self.next_look())

    # -- reserve

    def reserve(self, free: int) -> list[Outgoing]:
        """Judge due requests; those that go are written down as reserved, and returned."""
        tx, now = self.tx, self.now
        if max(self.knowledge.lane_ages_seconds().values()) > (now - self.began).total_seconds():
            return []  # something that was said before this process began is not heard yet
        past = tx.pace[self.channel]
        times = [one for one in send_times(past, now, LIMIT, free) if one <= now]
        if not (rows := self.due_requests()[: len(times)]):
            return []
        desk = self.look(rows)
        going: list[Outgoing] = []
        for row in rows:
            view = desk.view(row, now)
            match may_send(view, now):
                case Doubt():
                    row.look_at, row.waits_since = now + LOOK_AGAIN, row.waits_since or now
                case Refuse() as verdict:
                    del tx.requests[row.id]
                    self.knowledge.database.tell(row.id, saying.refused(view, verdict, now))
                case Go() as go:
                    going.append(self.composed(view, go, desk))
                    desk.touches.append(self.write_touch(view, go, going[-1].text))
        tx.pace[self.channel] = kept([*past, *times[: len(going)]], LIMIT)
        return going

    def due_requests(self) -> list[RequestRow]:
        """First come, first served."""
        now = self.now
        due = [row for row in self.waiting() if row.due_at <= now and (row.look_at or now) <= now]
        return sorted(due, key=place_of)

    def waiting(self) -> list[RequestRow]:
        """Requests of this channel; one that has a touch is in hand."""
        rows = [row for row in self.tx.requests.values() if row.channel == self.channel]
        return [row for row in rows if self.tx.touch_for(row.contact_id, row.plan) is None]

    def next_look(self) -> datetime | None:
        moments = [max(row.due_at, row.look_at or row.due_at) for row in self.waiting()]
        return max(min(moments), self.now + LOOK_AGAIN / 5) if moments else None

    def look(self, rows: Sequence[RequestRow]) -> Desk:
        """What is known about these requests."""
        tx = self.tx
        contacts = [tx.contacts[row.contact_id] for row in rows if row.contact_id in tx.contacts]
        hashes = {hash_ for one in contacts if (hash_ := hash_on(one, self.channel))}
        return Desk(
            channel=self.channel,
            contacts=tx.contacts,
            addresses=tx.addresses,
            sharers={one: self.sharers(one) for one in hashes},
            campaigns=tx.campaigns,
            lines=tx.lines,
            templates=tx.templates,
            touches=[touch_of(row) for row in tx.standing()],
            firsts=self.firsts_elsewhere(hashes),
            ages=self.knowledge.lane_ages_seconds(),
            restored_at=None,
        )

    def firsts_elsewhere(self, hashes: Collection[str]) -> dict[str, Place]:
        """Who is first in line at each number, of those who are due on other channels."""
        if self.channel is Channel.EMAIL:
            return {}
        due = [
            row
            for row in self.tx.requests.values()
            if row.channel not in (self.channel, Channel.EMAIL)
            and self.now - FIRST_FOR <= row.due_at <= self.now
            and self.tx.touch_for(row.contact_id, row.plan) is None
        ]
        places = {one: [place_of(row) for row in due if self.is_there(row, one)] for one in hashes}
        return {hash_: min(its) for hash_, its in places.items() if its}

    def is_there(self, row: RequestRow, hash_: str) -> bool:
        return any(row.contact_id == one.contact_id for one in self.tx.holders([hash_]))

    def sharers(self, hash_: str) -> dict[UUID, bool]:
        """The contacts that have this address, and whether something of theirs is unread."""
        return {row.contact_id: row.replies > row.understood for row in self.tx.holders([hash_])}

    def composed(self, view: View, go: Go, desk: Desk) -> Outgoing:
        """The words that leave."""
        request = view.request
        contact: ContactRow = desk.contacts[request.subject]
        sealed = contact.mailbox if self.channel is Channel.EMAIL else contact.phone
        campaign = desk.campaigns[request.campaign_id]
        key = KEYS.key(request.subject)
        return compose(
            view,
            go,
            touch_id=touch_id_of(request.id),
            to=unseal(Sealed(sealed), str, key),
            person=unseal(Sealed(contact.person), Person, key),
            brief=campaign.brief,
            follows=None,
        )

    def write_touch(self, view: View, go: Go, text: str) -> Any:
        """Reserve it, and see to it that it does not stay reserved for ever."""
        request, now = view.request, self.now
        sent = saying.reserved(view, go, HASHER.content(text), now)
        touch = touch_row(sent, request.id, State.RESERVED)
        self.tx.touches[touch.id] = touch
        wake = WakeAt(request.subject, request.workspace_id, request.plan, now + UNKNOWN_AFTER)
        self.knowledge.arm(request.id, [wake])
        return touch_of(touch)

    # -- call and settle

    def say(self, outgoing: Outgoing, committed_at: datetime) -> Loop:
        """Make the call, if it is not too late; whatever comes of it is to be settled."""
        answer: Answer | Late = Late()
        if (self.now - committed_at).total_seconds() <= LATE_SECONDS:
            answer, seconds = self.provider.take(outgoing)
            if seconds > CALL_SECONDS_MAX:
                answer, seconds = Unknown("no answer in time"), CALL_SECONDS_MAX
            yield Wait("provider called", timedelta(seconds=seconds))
        self.open -= 1
        self.called.append((outgoing, answer))
        self.due.ring()
        yield "answer in hand"

    def settle(self) -> bool:
        """Write down what came of the calls, and say it; whether there were any."""
        tx, database = self.tx, self.knowledge.database
        for outgoing, answer in self.called:
            touch = tx.touches[outgoing.touch_id]
            self.knowledge.disarm(touch.contact_id, touch.plan)
            if isinstance(answer, Refused) and answer.opted_out:
                provider_says_stop(tx, database, touch, touch.request_id, self.now)
            database.tell(touch.request_id, settle(tx, touch, answer, self.now))
        settled, self.called = bool(self.called), []
        return settled


def provider_says_stop(
    tx: Gateways, database: Any, touch: TouchRow, cause_id: UUID, now: datetime
) -> None:
    """A provider that refuses because of an opt-out is a proof of one."""
    silence = Silence(everything=True, source="provider", since=now)
    database.tell(cause_id, suppress(tx, [tx.contacts[touch.contact_id]], silence))
