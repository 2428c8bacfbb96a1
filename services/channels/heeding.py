"""Wishes and endings that others understood: they bind the gateways as a keyword does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from services.channels.locks import lock_holders
from services.channels.store import CONTACT, INBOUND
from services.channels.suppressing import Silence, suppress
from shared.events import Answer, ContactSuppressed, Event, OutcomeRecorded, ReplyUnderstood
from shared.outcomes import MEANINGS, Outcome
from shared.words import Suppression

OPT_OUTS = frozenset({Outcome.OPTED_OUT, Outcome.ERASED})


@dataclass(frozen=True, slots=True)
class Readings:
    """An opt-out that a reader understood binds as a keyword does; a doubt holds the contact."""

    hears: Collection[type[Event]] = (ReplyUnderstood,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], now: datetime) -> list[Answer]:
        answers: list[Answer] = []
        for event in [event for event in inputs if isinstance(event, ReplyUnderstood)]:
            match event.suppression:
                case Suppression.SUPPRESS:
                    answers.append((event, self._suppress(tx, event, now)))
                case Suppression.HOLD:
                    contact = CONTACT.c.contact_id == event.subject
                    since = sa.func.coalesce(CONTACT.c.held_since, now)
                    tx.execute(sa.update(CONTACT).where(contact).values(held_since=since))
                case Suppression.GO:
                    pass
        return answers

    def _suppress(
        self, tx: sa.Connection, event: ReplyUnderstood, now: datetime
    ) -> list[ContactSuppressed]:
        """Everybody who has the address from which it was said."""
        said = (INBOUND.c.contact_id == event.subject, INBOUND.c.number == event.number)
        hashes = tx.scalars(sa.select(INBOUND.c.address_hash).where(*said)).all()
        addresses = dict.fromkeys(hashes, event.workspace_id)
        contacts = lock_holders(tx, addresses, also=[event.subject])
        silence = Silence(everything=True, source="reading", since=now)
        return suppress(tx, contacts.values(), silence)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """After an outcome only service lines leave; some outcomes end marketing for good."""

    hears: Collection[type[Event]] = (OutcomeRecorded,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], _: datetime) -> list[Answer]:
        answers: list[Answer] = []
        for event in [event for event in inputs if isinstance(event, OutcomeRecorded)]:
            contacts = lock_holders(tx, {}, also=[event.subject])
            _save_outcome(tx, event)
            if MEANINGS[event.code].suppresses:
                everything = event.code in OPT_OUTS
                silence = Silence(everything, source="outcome", since=event.ended_at)
                answers.append((event, suppress(tx, contacts.values(), silence)))
        return answers


def _save_outcome(tx: sa.Connection, event: OutcomeRecorded) -> None:
    c = CONTACT.c
    newer = sa.or_(
        c.outcome_revision < event.revision, c.outcome_campaign.is_distinct_from(event.campaign_id)
    )
    new = {
        "outcome": event.code,
        "outcome_revision": event.revision,
        "outcome_campaign": event.campaign_id,
    }
    tx.execute(sa.update(CONTACT).where(c.contact_id == event.subject, newer).values(new))
