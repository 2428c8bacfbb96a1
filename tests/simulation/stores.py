"""What the stores of orchestrator, agent and booking do in SQL, done with dictionaries.

The services' own handlers run on them. Each function has the name and the meaning of the one in the
service's `store.py`; `tx` is the service's tables here.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import services.agent.handlers
import services.booking.handlers
import services.orchestrator.campaigns
from services.agent.known import Contact, Script, contact_of, script_of
from services.booking.slots import Claim
from services.booking.store import Call
from services.orchestrator.policy import Campaign, campaign_of
from services.orchestrator.state import Sequence, World
from services.orchestrator.store import Case, _row, new
from shared.events import (
    BookingRequested,
    CalendarOffered,
    CampaignChanged,
    ContactTriaged,
    Event,
    ReplyReceived,
    WakeAt,
)
from tests.simulation.database import Group

Pool = Callable[["Sequences"], list[tuple[UUID, UUID]]]


@contextmanager
def in_place() -> Iterator[None]:
    """While this lasts, the services' handlers find these stores instead of their own."""
    with ExitStack() as stack:
        for module, store in (
            (services.orchestrator.campaigns, CAMPAIGNS),
            (services.agent.handlers, CONVERSATIONS),
            (services.booking.handlers, CALLS),
        ):
            stack.enter_context(patch.object(module, "store", store))
        stack.enter_context(patch.object(services.orchestrator.campaigns, "arm_from", arm_from))
        yield


# -- orchestrator


@dataclass
class Sequences:
    """The orchestrator's tables."""

    sequences: dict[UUID, Sequence] = field(default_factory=dict)
    pools: dict[UUID, UUID] = field(default_factory=dict)  # the campaign of each contact
    campaigns: dict[UUID, Campaign] = field(default_factory=dict)
    frozen: set[UUID] = field(default_factory=set)
    offers: dict[datetime, CalendarOffered] = field(default_factory=dict)
    group: Group | None = None

    def world_of(self, contact_id: UUID) -> World | None:
        campaign_id = self.pools.get(contact_id)
        if campaign_id is None:
            return None
        return World(self.campaigns[campaign_id], tuple(self.offers.values()))


def load(tx: Sequences, events: Iterable[Event]) -> dict[UUID, Case]:
    return {
        contact: Case(tx.sequences[contact], tx.world_of(contact))
        for contact in {event.subject for event in events}
        if contact in tx.sequences
    }


def save(tx: Sequences, cases: Mapping[UUID, Case]) -> None:
    tx.sequences |= {contact: case.sequence for contact, case in cases.items()}


def find_campaign(tx: Sequences, campaign_id: UUID) -> tuple[int, bool]:
    campaign = tx.campaigns.get(campaign_id)
    return (campaign.version, campaign_id in tx.frozen) if campaign else (0, False)


def save_campaign(tx: Sequences, event: CampaignChanged, *, frozen: bool) -> None:
    tx.campaigns[event.subject] = campaign_of(event)
    if frozen:
        tx.frozen.add(event.subject)


def freeze_pool(tx: Sequences, event: CampaignChanged) -> None:
    rule = event.pool
    for contact, sequence in sorted(tx.sequences.items()):
        row = _row(sequence)
        fits = row["segment"] in rule.segments and row["language"] in event.languages
        if row["may_join"] and fits and contact not in tx.pools and len(tx.pools) < rule.size:
            tx.pools[contact] = event.subject


def pool_of(campaign_id: UUID) -> Pool:
    return lambda tx: [
        (contact, tx.sequences[contact].workspace_id)
        for contact, its in tx.pools.items()
        if its == campaign_id
    ]


def active_in(campaign_id: UUID) -> Pool:
    def active(tx: Sequences) -> list[tuple[UUID, UUID]]:
        pool = pool_of(campaign_id)(tx)
        return [one for one in pool if _row(tx.sequences[one[0]])["active"]]

    return active


def arm_from(
    tx: Sequences, _: Any, __: str, cause_id: UUID, contacts: Pool, *, plan: int, at: datetime
) -> None:
    tx.group.arm(cause_id, [WakeAt(*contact, plan, at) for contact in contacts(tx)])


def save_offer(tx: Sequences, event: CalendarOffered, now: datetime) -> None:
    tx.offers[event.counts_from] = event
    counts = max((one for one in tx.offers if one <= now), default=None)
    for former in [one for one in tx.offers if counts and one < counts]:
        del tx.offers[former]


CAMPAIGNS = SimpleNamespace(
    find_campaign=find_campaign,
    save_campaign=save_campaign,
    freeze_pool=freeze_pool,
    pool_of=pool_of,
    active_in=active_in,
    save_offer=save_offer,
)

# -- agent


@dataclass
class Conversations:
    """The agent's tables: values by kind and id, and the replies that wait their turn."""

    values: dict[type, dict[UUID, Any]] = field(default_factory=dict)
    revisions: dict[UUID, int] = field(default_factory=dict)
    waiting: dict[tuple[UUID, int], ReplyReceived] = field(default_factory=dict)

    def keep_newest(self, kind: type, id_: UUID, revision: int, value: Any) -> None:
        if revision > self.revisions.get(id_, 0):
            self.revisions[id_] = revision
            self.values.setdefault(kind, {})[id_] = value


def load_values(tx: Conversations, kind: type, ids: Collection[UUID]) -> dict[UUID, Any]:
    known = tx.values.get(kind, {})
    return {id_: known[id_] for id_ in ids if id_ in known}


def save_values(tx: Conversations, values: Mapping[UUID, Any]) -> None:
    for id_, value in values.items():
        tx.values.setdefault(type(value), {})[id_] = value


def save_contacts(tx: Conversations, triaged: Iterable[ContactTriaged]) -> None:
    for event in triaged:
        tx.keep_newest(Contact, event.subject, event.revision, contact_of(event))


def save_campaigns(tx: Conversations, changed: Iterable[CampaignChanged]) -> None:
    for event in changed:
        tx.keep_newest(Script, event.subject, event.version_number, script_of(event))


def put_down(tx: Conversations, replies: Iterable[ReplyReceived]) -> None:
    for reply in replies:
        tx.waiting.setdefault((reply.subject, reply.number), reply)


def waiting_of(tx: Conversations, contacts: Collection[UUID]) -> list[ReplyReceived]:
    return [reply for (contact, _), reply in sorted(tx.waiting.items()) if contact in contacts]


def take_up(tx: Conversations, replies: Iterable[ReplyReceived]) -> None:
    for reply in replies:
        del tx.waiting[reply.subject, reply.number]


CONVERSATIONS = SimpleNamespace(
    load=load_values,
    save=save_values,
    save_contacts=save_contacts,
    save_campaigns=save_campaigns,
    put_down=put_down,
    waiting_of=waiting_of,
    take_up=take_up,
)

# -- booking


@dataclass(frozen=True)
class Wish:
    contact_id: UUID
    workspace_id: UUID
    campaign_id: UUID | None
    plan: int
    slot: datetime
    asked_at: datetime


@dataclass
class Calls:
    """Booking's tables."""

    calendars: set[UUID] = field(default_factory=set)
    wishes: dict[UUID, Wish] = field(default_factory=dict)
    calls: dict[UUID, Call] = field(default_factory=dict)


def save_wish(tx: Calls, event: BookingRequested, slot: datetime) -> None:
    its = (event.workspace_id, event.campaign_id, event.plan, slot, event.asked_at)
    tx.wishes[event.subject] = Wish(event.subject, *its)


def take_wish(tx: Calls, contact_id: UUID, plan: int) -> Wish | None:
    wish = tx.wishes.get(contact_id)
    return tx.wishes.pop(contact_id) if wish and wish.plan == plan else None


def is_new_calendar(tx: Calls, workspace_id: UUID) -> bool:
    known = workspace_id in tx.calendars
    tx.calendars.add(workspace_id)
    return not known


def claims_on(tx: Calls, _: UUID, slot: datetime) -> list[Claim]:
    return [Claim(its.asked_at, its.contact_id) for its in tx.wishes.values() if its.slot == slot]


def taken_slots(tx: Calls, _: UUID) -> set[datetime]:
    return {call.slot for call in tx.calls.values() if call.slot}


def save_call(tx: Calls, wish: Wish, sequence: int) -> None:
    held = {who for who, call in tx.calls.items() if call.slot == wish.slot}
    assert held <= {wish.contact_id}, "the database refuses a second call in a slot"
    tx.calls[wish.contact_id] = Call(wish.slot, sequence)


def give_up_call(tx: Calls, contact_id: UUID) -> Call | None:
    call = tx.calls.get(contact_id)
    if call is None or call.slot is None:
        return None
    tx.calls[contact_id] = Call(None, call.sequence + 1)
    return tx.calls[contact_id]


CALLS = SimpleNamespace(
    save_parties=lambda tx, events: None,
    save_wish=save_wish,
    take_wish=take_wish,
    drop_wish=lambda tx, contact_id: tx.wishes.pop(contact_id, None),
    lock_calendar=lambda tx, workspace_id: None,
    is_new_calendar=is_new_calendar,
    find_call=lambda tx, contact_id: tx.calls.get(contact_id),
    claims_on=claims_on,
    taken_slots=taken_slots,
    save_call=save_call,
    give_up_call=give_up_call,
)

__all__ = ["Calls", "Conversations", "Sequences", "in_place", "load", "new", "save"]
