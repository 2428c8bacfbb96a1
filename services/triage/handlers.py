"""What triage hears, and what it says to it.

A contact is judged when its record is new or changed, when the suppression list names it, and when
its timer fires: it may stand elsewhere among the others than when it was last judged, or the script
speaks other languages. A verdict is said again, as the next revision, only when it changed.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from services.triage import store
from services.triage.campaigns import concerned, save_campaign, spoken
from services.triage.journal import decision, inputs_of, judged_by, triaged
from services.triage.judging import NOT_SUPPRESSED, judge
from services.triage.store import Contact
from services.triage.suppressions import save_suppressions
from services.triage.surroundings import Surroundings, look_around
from shared.bus import Several, arm_from
from shared.events import (
    Answer,
    CampaignChanged,
    ContactImported,
    ContactSuppressed,
    Event,
    ImportEnded,
    Output,
    WakeAt,
    Woke,
)

GROUP = store.GROUP
LOOK_AGAIN = store.LOOK_AGAIN


class Contacts:
    """Judges the contacts of a batch, in a handful of statements.

    `set_up` are the preconditions of the contact rules that the sender meets.
    """

    def __init__(self, set_up: tuple[str, ...]) -> None:
        self._set_up = set_up

    hears: Collection[type[Event]] = (ContactImported, ContactSuppressed, Woke)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], now: datetime) -> list[Answer]:
        save_suppressions(tx, [event for event in inputs if isinstance(event, ContactSuppressed)])
        last = {event.subject: event for event in inputs}
        changing = {event.subject for event in inputs if not isinstance(event, Woke)}
        imported = [event for event in inputs if isinstance(event, ContactImported)]
        known = store.load(tx, last)
        contacts = dict(known)
        for event in imported:
            contacts[event.subject] = renewed(contacts.get(event.subject), event)
        around = look_around(tx, known, contacts, changing)
        contested, new = around.contested, {event.subject for event in imported}
        answers: list[Answer] = []
        for who, contact in contacts.items():
            contacts[who], outputs = consider(contact, around, self._set_up, now, is_new=who in new)
            if who in new and who in contested:
                outputs.append(look_again(who, contact.record.workspace_id, now))
            answers.append((last[who], outputs))
        moved = [look_again(who, its.workspace_id, now) for who, its in around.moved]
        written = [who for who in contacts if who in changing or contacts[who] != known[who]]
        store.save(tx, [(around.claims[who], contacts[who]) for who in written], known)
        return [*answers, (inputs[-1], moved)]


class Campaigns:
    """Remembers which languages are spoken; whoever that concerns is judged again."""

    hears: Collection[type[Event]] = (CampaignChanged,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], now: datetime) -> list[Answer]:
        for event in inputs:
            if isinstance(event, CampaignChanged):
                self.hear(tx, event, now)
        return []

    def hear(self, tx: sa.Connection, event: CampaignChanged, now: datetime) -> None:
        workspace = event.workspace_id
        before = spoken(tx, [workspace])[workspace]
        save_campaign(tx, event)
        after = spoken(tx, [workspace])[workspace]
        if before.languages != after.languages:
            whom = concerned(workspace, before, after)
            arm_from(tx, store.TABLES, GROUP, event.id, whom, plan=LOOK_AGAIN, at=now)


class Imports:
    """Remembers how many records an import had."""

    hears: Collection[type[Event]] = (ImportEnded,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], _: datetime) -> list[Answer]:
        store.save_imports(tx, [event for event in inputs if isinstance(event, ImportEnded)])
        return []


def handler(set_up: tuple[str, ...]) -> Several:
    """All that triage hears."""
    return Several(Contacts(set_up), Campaigns(), Imports())


def renewed(contact: Contact | None, event: ContactImported) -> Contact:
    """The contact with its newest record; since when it is known does not change."""
    if contact is None:
        return Contact(event, since=event.time, first_row=event.row)
    return replace(contact, record=event)


def consider(
    contact: Contact,
    around: Surroundings,
    set_up: tuple[str, ...],
    now: datetime,
    *,
    is_new: bool,
) -> tuple[Contact, list[Output]]:
    """Judge a contact; what is to be said of it, which is nothing when nothing changed."""
    record = contact.record
    standing = around.standing[record.subject]
    on_list = around.suppressed.get(record.subject, NOT_SUPPRESSED)
    script = around.spoken[record.workspace_id]
    judgement = judge(record, standing, on_list, script.languages, set_up, now)
    if not is_new and str(judgement) == contact.said:
        return replace(contact, standing=str(standing), judged_by=judged_by(set_up)), []
    contact = Contact(
        record=record,
        since=contact.since,
        first_row=contact.first_row,
        standing=str(standing),
        revision=contact.revision + 1,
        verdict=judgement.verdict.value,
        reason=judgement.reasons[0].value if judgement.reasons else "",
        said=str(judgement),
        judged_by=judged_by(set_up),
    )
    inputs = inputs_of(record, standing, on_list, script.heard)
    said = triaged(record, contact.revision, judgement)
    return contact, [said, decision(record, judgement, inputs, set_up, now)]


def look_again(who: UUID, workspace_id: UUID, now: datetime) -> WakeAt:
    return WakeAt(who, workspace_id, LOOK_AGAIN, now)
