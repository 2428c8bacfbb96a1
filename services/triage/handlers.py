"""What triage hears, and what it says to it.

A contact is judged when its record is new or changed, when the suppression list names it, and when
its timer fires: it may stand elsewhere among the others than when it was last judged, or the script
speaks other languages. A verdict is said again, as the next revision, only when it changed.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from uuid import UUID

import sqlalchemy as sa

from services.triage import permission, store
from services.triage.campaigns import concerned, save_campaign, spoken
from services.triage.judging import NOT_SUPPRESSED, Judgement, judge
from services.triage.store import Contact
from services.triage.suppressions import save_suppressions
from services.triage.surroundings import Surroundings, look_around
from shared.bus import Several, arm_from
from shared.events import (
    Answer,
    CampaignChanged,
    Candidate,
    ContactImported,
    ContactSuppressed,
    ContactTriaged,
    DecisionMade,
    Event,
    ImportEnded,
    Output,
    WakeAt,
    Woke,
)
from shared.rules import hours
from shared.words import Channel, Openness

GROUP = "triage"
LOOK_AGAIN = 0  # the plan of the timers
ENGINE = "triage 1"
RULES = f"permissions {permission.VERSION}, hours {hours.VERSION}"


class Contacts:
    """Judges the contacts of a batch, in a handful of statements."""

    hears: Collection[type[Event]] = (ContactImported, ContactSuppressed, Woke)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], now: datetime) -> list[Answer]:
        save_suppressions(tx, [event for event in inputs if isinstance(event, ContactSuppressed)])
        last = {event.subject: event for event in inputs}
        changing = {event.subject for event in inputs if not isinstance(event, Woke)}
        imported = {e.subject: e for e in inputs if isinstance(e, ContactImported)}
        known = store.load(tx, last)
        contacts = known | {who: renewed(known.get(who), e) for who, e in imported.items()}
        around = look_around(tx, known, contacts, changing)
        contested = around.contested
        answers: list[Answer] = []
        for who, contact in contacts.items():
            contacts[who], outputs = consider(contact, around, now, is_new=who in imported)
            if who in imported and who in contested:
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


HANDLER = Several(Contacts(), Campaigns(), Imports())


def renewed(contact: Contact | None, event: ContactImported) -> Contact:
    """The contact with its newest record; since when it is known does not change."""
    if contact is None:
        return Contact(event, since=event.time, first_row=event.row)
    return replace(contact, record=event)


def consider(
    contact: Contact, around: Surroundings, now: datetime, *, is_new: bool
) -> tuple[Contact, list[Output]]:
    """Judge a contact; what is to be said of it, which is nothing when nothing changed."""
    record = contact.record
    standing = around.standing[record.subject]
    on_list = around.suppressed.get(record.subject, NOT_SUPPRESSED)
    script = around.spoken[record.workspace_id]
    judgement = judge(record, standing, on_list, script.languages, now)
    if not is_new and str(judgement) == contact.said:
        return replace(contact, standing=str(standing)), []
    contact = Contact(
        record=record,
        since=contact.since,
        first_row=contact.first_row,
        standing=str(standing),
        revision=contact.revision + 1,
        verdict=judgement.verdict.value,
        reason=judgement.reasons[0].value if judgement.reasons else "",
        said=str(judgement),
    )
    inputs = (record.id, *standing.because, *on_list.heard, *script.heard)
    return contact, [triaged(contact, judgement), decision(record, judgement, inputs, now)]


def triaged(contact: Contact, judgement: Judgement) -> ContactTriaged:
    """The verdict, with the record's facts and its sealed parts as they came."""
    record = contact.record
    return ContactTriaged(
        subject=record.subject,
        workspace_id=record.workspace_id,
        revision=contact.revision,
        import_id=record.import_id,
        row=record.row,
        verdict=judgement.verdict,
        reasons=judgement.reasons,
        duplicate_of=judgement.duplicate_of,
        channels=judgement.channels,
        segment=judgement.segment,
        segments=judgement.segments,
        goal=judgement.goal,
        country=record.facts.country,
        language=record.facts.language,
        zones=record.facts.zones,
        account=record.facts.account,
        person=record.person,
        phone=record.phone,
        mailbox=record.mailbox,
    )


def decision(
    record: ContactImported, judgement: Judgement, inputs: tuple[UUID, ...], now: datetime
) -> DecisionMade:
    """The journal's entry: the channels are what could have been said yes to."""
    return DecisionMade(
        subject=record.subject,
        workspace_id=record.workspace_id,
        by=GROUP,
        decided_at=now,
        inputs=tuple(dict.fromkeys(inputs)),
        engine=ENGINE,
        rules=RULES,
        candidates=tuple(
            candidate(channel, its.openness, its.code)
            for channel, its in judgement.channels.items()
        ),
        verdict=judgement.verdict,
        why=" ".join(judgement.reasons),
    )


@cache
def candidate(channel: Channel, openness: Openness, code: str) -> Candidate:
    """There are few, and every contact has four of them."""
    return Candidate(channel=channel, verdict=openness, why=code)


def look_again(who: UUID, workspace_id: UUID, now: datetime) -> WakeAt:
    return WakeAt(who, workspace_id, LOOK_AGAIN, now)
