"""Between topics there is no order: what overtakes its cause waits, or means the same.

Real handlers of real services are told the events of one contact in every order that the bus may
choose, and then all of them once more.
"""

import json
from itertools import permutations
from uuid import UUID, uuid5

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.channels.handlers import KNOWLEDGE, requests_on
from services.channels.store import GROUP, REQUEST
from services.channels.store import TABLES as CHANNELS
from services.orchestrator.handlers import HANDLER
from services.orchestrator.store import METADATA, SEQUENCE
from services.orchestrator.store import TABLES as ORCHESTRATOR
from shared.bus import Lanes, make_engine, parked_list, parked_retry
from shared.bus.arrivals import Place
from shared.bus.positions import find
from shared.events import BookingRequested, MessageRequested, SmsRequested
from shared.ids import LANES
from shared.topics import BY_NAME
from shared.words import Channel, Intent, Purpose
from tests.channels_world import PATIENCE
from tests.channels_world import a_triaged as triaged_with_addresses
from tests.examples import CAMPAIGN, WORKSPACE, a_campaign, a_line
from tests.examples import NOW as MOMENT
from tests.sequences import NOW, a_calendar, received, sent, triaged, understood
from tests.service.bus_world import record, runs

pytest_plugins = ("tests.channels_fixtures",)
ORDERS = list(permutations(range(3)))
CONTACTS = [UUID(int=n) for n in range(100, 100 + len(ORDERS))]
TOLD_APART = ("plan", "revision", "number", "version_number")


class Reader:
    """A group that is brought one record after another, the same one as often as one likes."""

    def __init__(self, engine, lanes):
        self.engine, self.lanes = engine, lanes
        self.offsets = dict.fromkeys((Place(t, n) for t in lanes.topics for n in range(LANES)), 0)
        with engine.begin() as tx:
            rows = [{"grp": lanes.group, "lane": n, "cluster_id": "test"} for n in range(LANES)]
            tx.execute(pg.insert(lanes.tables.lane).on_conflict_do_nothing(), rows)
            find(tx, lanes, dict.fromkeys(self.offsets, (0, 1000)))

    def hear(self, *events, **changed):
        for event in events:
            which = event.model_dump_json(include=set(TOLD_APART))
            its_id = uuid5(event.subject, f"{event.topic}/{which}")
            known = {"id": its_id, "cause_id": CAMPAIGN, "time": NOW}
            its = record(event.model_copy(update=known), 0, **changed)
            its.offset = self.offsets[its.topic, its.partition]
            self.offsets[its.topic, its.partition] += 1
            with self.engine.begin() as tx:
                assert self.lanes.take(tx, runs(its)) == []


# -- the orchestrator: a reading overtakes the touch and the reply


@pytest.fixture
def engine(database):
    its = make_engine(database("orchestrator", METADATA))
    yield its
    its.dispose()


@pytest.fixture
def orchestrator(engine):
    """A live campaign has asked for the openers of six contacts."""
    lanes = Lanes("orchestrator", ORCHESTRATOR, HANDLER, lambda: NOW)
    reader = Reader(engine, lanes)
    script = tuple(
        a_line(id=f"{purpose}", purpose=purpose, goal=None, text=f"AI: {purpose}")
        for purpose in (Purpose.OPENER, Purpose.OFFER_SLOTS, Purpose.CONFIRM_BOOKING)
    )
    reader.hear(*(triaged([Channel.SMS], subject=who) for who in CONTACTS))
    reader.hear(a_calendar(), a_campaign(script=script))
    with engine.begin() as tx:
        lanes.wake(tx, range(LANES))
    return reader


def said(engine, who, kind):
    """What the orchestrator said of a contact, in order."""
    c = ORCHESTRATOR.outbox.c
    with engine.connect() as tx:
        rows = tx.execute(sa.select(c).where(c.subject == who).order_by(c.id)).all()
    events = [
        BY_NAME[row.topic].event.from_bus(
            row.body, dict(row._mapping) | {"id": row.event_id, "time": row.said_at}
        )
        for row in rows
    ]
    return [event for event in events if isinstance(event, kind)]


def test_a_reading_that_overtakes_touch_and_reply_leads_to_the_same(engine, orchestrator):
    ends = set()
    for who, order in zip(CONTACTS, ORDERS, strict=True):
        [opener] = said(engine, who, MessageRequested)
        tell(orchestrator, who, order, opener, understood(1, Channel.SMS, Intent.INTERESTED))
        opener, offer = said(engine, who, MessageRequested)
        chosen = understood(2, Channel.SMS, Intent.CONFIRM_YES, slot=offer.slots[0])
        tell(orchestrator, who, order, offer, chosen)
        asked = said(engine, who, MessageRequested)
        [booking] = said(engine, who, BookingRequested)
        assert [one.purpose for one in asked] == [Purpose.OPENER, Purpose.OFFER_SLOTS]
        assert booking.slot == offer.slots[0]
        ends.add(remembered(engine, who, offer.slots))
    assert len(ends) == 1


def tell(reader, who, order, asked, reading):
    """It was sent, answered, and the answer read; heard in this order, and then once more."""
    facts = (sent(asked), received(reading.number, Channel.SMS), reading)
    its = [facts[n].model_copy(update={"subject": who}) for n in order]
    reader.hear(*its, *its)


def remembered(engine, who, slots):
    """What is kept of a contact, but for its name, its own slots, the counting and the journal.

    A reply that is heard before its reading makes a plan of its own: to wait for the reading.
    """
    with engine.connect() as tx:
        text = tx.scalar(sa.select(SEQUENCE.c.state).where(SEQUENCE.c.contact_id == who))
    for slot in slots:
        text = text.replace(f"{slot:%Y-%m-%dT%H:%M:%SZ}", "a slot")
    state = json.loads(text)
    touch = {name: its for name, its in state["touch"].items() if name not in ("plan", "id")}
    for name in ("contact_id", "plan", "noted"):
        state.pop(name, None)
    attempts = list(state["attempts"].values())
    return json.dumps(state | {"touch": touch, "attempts": attempts}, sort_keys=True)


# -- channels: a request overtakes the triage that names the address


@pytest.fixture
def gateways(world, monkeypatch):
    """What all gateways know, and what is to be said by SMS; they wait for as long as it takes."""
    monkeypatch.setattr("services.channels.reserving.WAIT_SECONDS_MAX", 3600.0)
    groups = ((GROUP, KNOWLEDGE), requests_on(Channel.SMS, lambda: None))
    return [
        Reader(world.edge.engine, Lanes(name, CHANNELS, handler, world.edge.clock, source=GROUP))
        for name, handler in groups
    ]


def a_request(who):
    return SmsRequested(
        subject=who,
        workspace_id=WORKSPACE,
        campaign_id=CAMPAIGN,
        plan=1,
        channel=Channel.SMS,
        purpose=Purpose.OPENER,
        line_id=Purpose.OPENER,
        language="en",
        campaign_version=1,
        triage_revision=2,
        heard=0,
        answer_until=MOMENT + PATIENCE,
    )


async def sent_now(world):
    """Who is written to, once the gateway has looked again."""
    with world.edge.engine.begin() as tx:
        tx.execute(sa.update(REQUEST).values(look_at=None))
    return [call.to for call in await world.send()]


async def test_a_request_that_overtakes_its_triage_leaves_once_and_never_before_it(world, gateways):
    knowledge, requests = gateways
    for n, who in enumerate(CONTACTS[:3]):
        number = f"+3706000010{n}"
        old, new = [
            triaged_with_addresses(world.edge.vault, who, number, revision=revision)
            for revision in (1, 2)
        ]
        steps = [(knowledge, old), (knowledge, new)]
        steps.insert(n, (requests, a_request(who)))
        calls = []
        for position, (reader, event) in enumerate([*steps, *steps]):
            reader.hear(event)
            calls += [(position, to) for to in await sent_now(world)]
        assert calls == [(2, number)]


async def test_what_waits_for_a_parked_triage_leaves_once_that_is_repaired(world, gateways):
    knowledge, requests = gateways
    who, number = CONTACTS[0], "+37060000100"
    known = triaged_with_addresses(world.edge.vault, who, number, revision=2)
    knowledge.hear(known, value=b"\xff")
    requests.hear(a_request(who))
    assert await sent_now(world) == []

    with world.edge.engine.begin() as tx:
        [row] = parked_list(tx, knowledge.lanes)
        assert row.cause.startswith("it is no contact.triaged")
        tx.execute(sa.update(CHANNELS.parked).values(body=known.body()))
        assert [one.cause for one in parked_retry(tx, knowledge.lanes, who)] == [""]
    assert await sent_now(world) == [number]
    assert await sent_now(world) == []
