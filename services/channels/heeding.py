"""Wishes and endings that others understood: they bind the gateways as a keyword does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from services.channels.locks import lock_holders
from services.channels.store import CONTACT, INBOUND, any_of, hashes_of
from services.channels.suppressing import Silence, suppress
from shared.events import Answer, Event, OutcomeRecorded, ReplyUnderstood
from shared.outcomes import MEANINGS, Outcome
from shared.words import Suppression

OPT_OUTS = frozenset({Outcome.OPTED_OUT, Outcome.ERASED})


@dataclass(frozen=True, slots=True)
class Readings:
    """An opt-out that a reader understood binds as a keyword does; a doubt holds whom it would."""

    hears: Collection[type[Event]] = (ReplyUnderstood,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], now: datetime) -> list[Answer]:
        readings = [event for event in inputs if isinstance(event, ReplyUnderstood)]
        wishes = [one for one in readings if one.suppression is not Suppression.GO]
        said_from = {one.id: _said_from(tx, one) for one in wishes}
        addresses = {one: event.workspace_id for event in wishes for one in said_from[event.id]}
        contacts = lock_holders(tx, addresses, also=[event.subject for event in readings])
        _note_understood(tx, readings)
        silence = Silence(everything=True, source="reading", since=now)
        answers: list[Answer] = []
        for event in wishes:
            bound = [
                row
                for row in contacts.values()
                if row.contact_id == event.subject or said_from[event.id] & set(hashes_of(row))
            ]
            if event.suppression is Suppression.HOLD:
                _hold(tx, [row.contact_id for row in bound], now)
            else:
                answers.append((event, suppress(tx, bound, silence)))
        return answers


def _note_understood(tx: sa.Connection, readings: Sequence[ReplyUnderstood]) -> None:
    c = CONTACT.c
    for event in readings:
        understood = sa.func.greatest(c.understood, event.number)
        its = sa.update(CONTACT).where(c.contact_id == event.subject)
        tx.execute(its.values(understood=understood))


def _said_from(tx: sa.Connection, event: ReplyUnderstood) -> set[str]:
    """The address from which it was said; whoever shares it is bound, too."""
    its = (INBOUND.c.contact_id == event.subject, INBOUND.c.number == event.number)
    return set(tx.scalars(sa.select(INBOUND.c.address_hash).where(*its)))


def _hold(tx: sa.Connection, contacts: Collection[UUID], now: datetime) -> None:
    """Nothing leaves any more until a person decides."""
    these = CONTACT.c.contact_id == any_of("contacts", contacts, sa.Uuid)
    held_since = sa.func.coalesce(CONTACT.c.held_since, now)
    tx.execute(sa.update(CONTACT).where(these).values(held_since=held_since))


@dataclass(frozen=True, slots=True)
class Outcomes:
    """After an outcome only service lines leave; some outcomes end marketing for good."""

    hears: Collection[type[Event]] = (OutcomeRecorded,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], _: datetime) -> list[Answer]:
        outcomes = [event for event in inputs if isinstance(event, OutcomeRecorded)]
        contacts = lock_holders(tx, {}, also={event.subject for event in outcomes})
        answers: list[Answer] = []
        for event in outcomes:
            _save_outcome(tx, event)
            if MEANINGS[event.code].suppresses and event.subject in contacts:
                silence = Silence(event.code in OPT_OUTS, source="outcome", since=event.ended_at)
                answers.append((event, suppress(tx, [contacts[event.subject]], silence)))
        return answers


def _save_outcome(tx: sa.Connection, event: OutcomeRecorded) -> None:
    c = CONTACT.c
    other = c.outcome_campaign.is_distinct_from(event.campaign_id)
    new = {
        "outcome": event.code,
        "outcome_revision": event.revision,
        "outcome_campaign": event.campaign_id,
    }
    its = (c.contact_id == event.subject, sa.or_(c.outcome_revision < event.revision, other))
    tx.execute(sa.update(CONTACT).where(*its).values(new))
