"""Channels on a real database, without a bus: events go in by hand, what is said is read back."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
import sqlalchemy as sa
from twilio.request_validator import RequestValidator

from services.channels.adapters.base import Accepted, Answer, Outgoing
from services.channels.edges import Edge
from services.channels.handlers import KNOWLEDGE
from services.channels.pacing import Limit
from services.channels.requests import Requests
from services.channels.sender import Sender
from services.channels.settling import Called, settle
from services.channels.store import GROUP, METADATA, REQUEST, TABLES, TEMPLATE, TOUCH, Making
from services.channels.taking import Reserved, Taking
from services.channels.webhooks import Webhooks
from shared.bus import Handler, Lanes
from shared.bus.arrivals import Arrival
from shared.clock import ScaledClock, utc_now
from shared.events import (
    REQUESTED,
    ChannelVerdict,
    ContactTriaged,
    Event,
    Line,
    Mailbox,
    MessageRequested,
    Person,
    Phone,
)
from shared.ids import LANES, NOBODY, lane_of, named
from shared.privacy.master import key_from_seed
from shared.privacy.sealed import seal
from shared.privacy.vault import Vault
from shared.topics import BY_NAME
from shared.words import Channel, LineType, Openness, Purpose
from tests.examples import (
    CAMPAIGN,
    NOW,
    WORKSPACE,
    a_campaign,
    a_contact_triaged,
    signed,
)

ANN, BEN, CAT = UUID(int=1), UUID(int=2), UUID(int=3)
MASTER = key_from_seed(1)
TOKEN, PUBLIC = "twilio token", "https://hooks.example"
HASHER = MASTER.hasher(WORKSPACE)
NUMBERS = {ANN: "+37060000001", BEN: "+37060000002", CAT: "+37060000003"}
PATIENCE = timedelta(hours=20)
DEADLINE_SECONDS = 20
# Runs as the wall does, from a moment at which everybody may be written to.
office_hours = ScaledClock(NOW, 1.0, began=utc_now())
OPEN = ChannelVerdict(openness=Openness.OPEN, code="consent", sentence="Agreed.")


def a_script() -> tuple[Line, ...]:
    """A line for each purpose on each channel; all of them say that an AI writes."""
    return tuple(
        signed(
            Line(
                id=purpose,
                purpose=purpose,
                channel=channel,
                language="en",
                subject="Hello from {company}" if channel is Channel.EMAIL else "",
                text=(
                    f"Hi {{first_name}}, {{founder}}'s AI at {{company}}: {purpose}. "
                    "Reply STOP to end."
                ),
            )
        )
        for purpose in Purpose
        for channel in (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL)
    )


def a_triaged(
    vault: Vault, contact: UUID, number: str = "", mailbox: str = "", **changes: object
) -> ContactTriaged:
    hasher, key = vault.master.hasher(WORKSPACE), vault.create([contact])[contact]
    number = number or NUMBERS[contact]
    mailbox = mailbox or f"contact{contact.int}@customer.example"
    its = {
        "subject": contact,
        "channels": dict.fromkeys(Channel, OPEN),
        "person": seal(Person(first_name="Zoe", full_name="Zoe Quill"), Person, key),
        "phone": Phone(
            hash=hasher.phone(number),
            sealed=seal(number, str, key),
            region="LT",
            line=LineType.MOBILE,
            whatsapp=True,
        ),
        "mailbox": Mailbox(
            hash=hasher.mailbox(mailbox),
            alias_hash=hasher.alias(mailbox),
            sealed=seal(mailbox, str, key),
        ),
    }
    return a_contact_triaged(**{**its, **changes})


@dataclass
class Provider:
    """An adapter that keeps what it is given, and answers as it is told."""

    answer: Answer | None = None
    calls: list[Outgoing] = field(default_factory=list)

    async def send(self, message: Outgoing) -> Answer:
        self.calls.append(message)
        return self.answer or Accepted(f"SM{message.touch_id.hex}")

    async def close(self) -> None:
        """Nothing to give back."""


@dataclass
class World:
    """One workspace with a live campaign."""

    edge: Edge
    provider: Provider = field(default_factory=Provider)
    heard: int = 0
    began: float = 0.0  # its process

    # -- what others say

    def hear(self, *events: Event, handler: Handler = KNOWLEDGE) -> None:
        """As one batch of the group. What was told of already is heard again, as it was."""
        lanes = Lanes(GROUP, TABLES, handler, self.edge.clock, source=GROUP)
        with self.edge.engine.begin() as tx:
            heard = [_arrival(self.stamped(event)) for event in events]
            fault = lanes.attempt(tx, heard, self.edge.now())
        assert not fault, fault

    def stamped(self, event: Event) -> Event:
        """With an id of its own, unless it has one."""
        if event.id != NOBODY:
            return event
        self.heard += 1
        its = {"id": named("heard", self.heard), "time": self.edge.now()}
        return event.model_copy(update=its)

    def meet(self, *contacts: UUID, **changes: object) -> None:
        """Triage admits them on every channel."""
        self.hear(*(self.a_triaged(contact, **changes) for contact in contacts))

    def a_triaged(self, contact: UUID, **changes: object) -> ContactTriaged:
        return a_triaged(self.edge.vault, contact, **changes)

    def ask(
        self,
        contact: UUID,
        plan: int = 1,
        purpose: Purpose = Purpose.OPENER,
        channel: Channel = Channel.SMS,
        **changes: object,
    ) -> MessageRequested:
        """The orchestrator wants something said."""
        request = REQUESTED[channel](
            subject=contact,
            workspace_id=WORKSPACE,
            campaign_id=CAMPAIGN,
            plan=plan,
            channel=channel,
            purpose=purpose,
            line_id=purpose,
            language="en",
            campaign_version=1,
            triage_revision=1,
            heard=0,
            answer_until=self.edge.now() + PATIENCE,
        ).model_copy(update=changes)
        return self.ask_again(self.stamped(request))

    def ask_again(self, request: MessageRequested) -> MessageRequested:
        self.hear(request, handler=Requests(request.channel, lambda: None))
        return request

    # -- what the gateways do

    def taking(self, channel: Channel = Channel.SMS, limit: int = 1000) -> Taking:
        return Taking(self.edge, channel, Limit(limit), began=self.began)

    def sender(self, channel: Channel = Channel.SMS, limit: int = 1000) -> Sender:
        return Sender(self.edge, self.taking(channel, limit), self.provider)

    def reserve(self, channel: Channel = Channel.SMS, free: int = 8) -> list[Reserved]:
        """The reserving transaction, and nothing after it: as if the process died there."""
        taking = self.taking(channel)
        return self.edge.transact(lambda tx: taking.reserve(tx, free))

    async def send(self, channel: Channel = Channel.SMS) -> list[Outgoing]:
        """Turn the sender until it has nothing to do; what the provider was given meanwhile."""
        before, sender = len(self.provider.calls), self.sender(channel)
        async with asyncio.timeout(20), asyncio.TaskGroup() as calls:
            while await sender._turn(calls) or sender._calls.waited_for:  # noqa: ASYNC110  the sender's loop, by hand
                await asyncio.sleep(0)
        return self.provider.calls[before:]

    def settle(self, reserved: Reserved, answer: Answer) -> None:
        """What came of a call is written down and told of."""
        called = [Called(reserved, answer)]
        self.edge.transact(lambda tx: settle(tx, called, self.edge.now()))

    def fire(self, at: datetime) -> int:
        """Timers that are due by then."""
        lanes = Lanes(GROUP, TABLES, KNOWLEDGE, lambda: at, source=GROUP)
        with self.edge.engine.begin() as tx:
            return lanes.wake(tx, range(LANES))

    def make_templates(self, state: Making = Making.MADE) -> None:
        """As if the loop had made all that are wanted."""
        with self.edge.engine.begin() as tx:
            tx.execute(sa.update(TEMPLATE).values(state=state, sid="HX1"))

    # -- what is seen

    def said(self, kind: type[Event] = Event) -> list[Event]:
        """Everything of this kind that was said, in order."""
        with self.edge.engine.connect() as tx:
            rows = tx.execute(sa.select(TABLES.outbox).order_by(TABLES.outbox.c.id)).all()
        events = [
            BY_NAME[row.topic].event.from_bus(
                row.body,
                {
                    "id": row.event_id,
                    "cause_id": row.cause_id,
                    "subject": row.subject,
                    "workspace_id": row.workspace_id,
                    "campaign_id": row.campaign_id,
                    "time": row.said_at,
                },
            )
            for row in rows
        ]
        return [event for event in events if isinstance(event, kind)]

    def rows(self, table: sa.Table) -> list[sa.Row]:
        with self.edge.engine.connect() as tx:
            return list(tx.execute(sa.select(table)))

    def waiting(self) -> list[UUID]:
        """The contacts of requests that are still to be dealt with."""
        return [row.contact_id for row in self.rows(REQUEST)]

    def touch(self, contact: UUID, plan: int = 1) -> sa.Row:
        [row] = [one for one in self.rows(TOUCH) if (one.contact_id, one.plan) == (contact, plan)]
        return row


def _arrival(event: Event) -> Arrival:
    return Arrival(event.id, event.subject, lane_of(event.subject), event.topic, {}, b"", event)


def a_world(engine: sa.Engine, vault_engine: sa.Engine, clock) -> World:
    world = World(Edge(engine, clock, Vault(vault_engine, MASTER), MASTER))
    with engine.begin() as tx:
        tx.execute(
            sa.insert(TABLES.lane),
            [{"grp": GROUP, "lane": lane, "cluster_id": "test"} for lane in range(LANES)],
        )
        tx.execute(sa.update(TABLES.lane).values(caught_up_at=sa.func.clock_timestamp()))
    world.hear(a_campaign(script=a_script()))
    world.meet(ANN, BEN, CAT)
    return world


class Twilio:
    """Signs webhooks as Twilio does, and brings them."""

    def __init__(self, world):
        self.app = Webhooks(world.edge, TOKEN, PUBLIC).app()

    async def post(self, path, form, token=TOKEN, body=None):
        signature = RequestValidator(token).compute_signature(f"{PUBLIC}{path}", form)
        content = (body or urlencode(form)).encode()
        headers = {
            "X-Twilio-Signature": signature,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7") as client:
            return await client.post(path, content=content, headers=headers)

    async def message(self, words, number=NUMBERS[ANN], sid="", channel="", **more):
        form = {"MessageSid": sid or f"SM{uuid4().hex}", "From": f"{channel}{number}",
                "To": "+15005550006", "Body": words, "NumMedia": "0", "ToCity": ""}  # fmt: skip
        return await self.post("/twilio/inbound", {**form, **more.pop("fields", {})}, **more)

    async def status(self, touch_id, word, sid="SM1", code=""):
        form = {"MessageSid": sid, "MessageStatus": word, "ErrorCode": code}
        return await self.post(f"/twilio/status?a={touch_id}", form)

    async def get(self, path):
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
            return await client.get(path)


async def until(condition):
    """Wait until it holds, with a deadline."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110  the database tells nobody
            await asyncio.sleep(0.005)


class Backup:
    """Every row of the database as it is now, to be put back later."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        with engine.connect() as tx:
            self.rows = {
                table: [dict(row._mapping) for row in tx.execute(sa.select(table))]
                for table in METADATA.sorted_tables
            }

    def restore(self) -> None:
        with self.engine.begin() as tx:
            for table, rows in self.rows.items():
                tx.execute(sa.delete(table))
                if rows:
                    tx.execute(sa.insert(table), rows)
