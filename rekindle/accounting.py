"""Everybody, every row, every outcome and every slot is accounted for. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from rekindle.case import Case, Finding
from rekindle.recorded import contact_of, grouped
from rekindle.spans import Span, overlaps
from shared.events import (
    BookingSettled,
    ContactImported,
    ContactTriaged,
    DecisionMade,
    ImportEnded,
    OutcomeRecorded,
)
from shared.ids import NOBODY
from shared.outcomes import Outcome, supersedes
from shared.words import BookingState, CampaignState, Verdict

SEQUENCES = "orchestrator"  # who wakes contacts
IN_HAND = timedelta(minutes=1)  # a timer that came due so lately may still be worked on
FOR_EVER = datetime.max.replace(tzinfo=UTC)


def nobody_is_forgotten(case: Case) -> Iterator[Finding]:
    """Whoever is in a paused campaign is looked at again when it goes on."""
    recorded = case.recorded
    wakes = {its.subject: its.wake_at for its in recorded.of(DecisionMade) if its.by == SEQUENCES}
    for contact, joined in recorded.pool.items():
        campaign = recorded.campaigns.get(joined.campaign_id or NOBODY)
        paused = campaign is not None and campaign.state is CampaignState.PAUSED
        wake_at = wakes.get(contact)
        awaited = wake_at is not None and wake_at > case.at - IN_HAND
        if not (awaited or paused or contact in recorded.outcomes):
            when = (
                f"the last one was for {wake_at:%Y-%m-%d %H:%M} UTC" if wake_at else "none is set"
            )
            sentence = f"A contact of the pool has no outcome and no wake-up: {when}."
            yield Finding(contact, (joined.id,), sentence)


def every_import_is_complete(case: Case) -> Iterator[Finding]:
    """What an import says of itself is what there is; no row stands for two records."""
    records = case.recorded.of(ContactImported)
    by_import = grouped(records, lambda its: its.import_id)
    by_source = grouped(records, lambda its: (its.workspace_id, its.source))
    for ended in case.recorded.of(ImportEnded):
        told = by_import.get(ended.import_id, [])
        known = {its.subject for its in by_source.get((ended.workspace_id, ended.source), [])}
        rows = Counter(its.row for its in told)
        faults = {
            f"tells of {ended.changed} new or changed records; {len(told)} are there": (
                ended.changed != len(told)
            ),
            f"had {ended.records} records; {len(known)} contacts are known": (
                ended.records > len(known)
            ),
            "has two records in one row": any(count > 1 for count in rows.values()),
        }
        for fault in (fault for fault, found in faults.items() if found):
            yield Finding(ended.subject, (ended.id,), f"The import {ended.import_id} {fault}.")


def every_row_has_its_verdict(case: Case) -> Iterator[Finding]:
    verdicts = case.recorded.verdicts
    # An import whose records triage has not begun to judge is a list that waits.
    begun = {verdict.import_id for verdict in verdicts.values()}
    for contact, records in case.recorded.imported.items():
        if contact not in verdicts and records[-1].import_id in begun:
            record = records[-1]
            yield Finding(contact, (record.id,), f"Row {record.row} was imported, never judged.")
    for contact, verdict in verdicts.items():
        if fault := _unfounded(verdict):
            yield Finding(
                contact, (verdict.id,), f"Row {verdict.row} is {verdict.verdict} {fault}."
            )
        if contact not in case.recorded.imported:
            sentence = f"Row {verdict.row} was judged, never imported."
            yield Finding(contact, (verdict.id,), sentence)


def _unfounded(verdict: ContactTriaged) -> str:
    """What a verdict lacks; empty when it is founded."""
    admitted = verdict.verdict is Verdict.ADMITTED
    if admitted and verdict.reasons:
        return "with reasons against it"
    if not admitted and not verdict.reasons:
        return "without a reason"
    if verdict.verdict is Verdict.DUPLICATE and verdict.duplicate_of is None:
        return "of nobody"
    return "" if verdict.row > 0 else "without a row"


def the_pool_was_admitted(case: Case) -> Iterator[Finding]:
    """So that admitted = pool + waiting."""
    for contact, joined in case.recorded.pool.items():
        verdict = case.recorded.verdicts.get(contact)
        if verdict is None or verdict.verdict is not Verdict.ADMITTED:
            what = verdict.verdict if verdict else "never judged"
            yield Finding(contact, (joined.id,), f"A contact joined the pool and was {what}.")


def only_the_pool_has_outcomes(case: Case) -> Iterator[Finding]:
    for contact, outcome in case.recorded.outcomes.items():
        if contact not in case.recorded.pool:
            sentence = f"The outcome {outcome.code} is of a contact outside the pool."
            yield Finding(contact, (outcome.id,), sentence)


def outcomes_only_rise(case: Case) -> Iterator[Finding]:
    """Only a call that was cancelled is no outcome any more, and gives way to any."""
    recorded = case.recorded.of(OutcomeRecorded)
    cancelled = {
        its.subject
        for its in case.recorded.of(BookingSettled)
        if its.state is BookingState.CANCELLED
    }
    for (contact, _), its in grouped(recorded, lambda one: (one.subject, one.campaign_id)).items():
        for before, after in pairwise(sorted(its, key=lambda one: one.revision)):
            if before.revision == after.revision:
                sentence = f"Two outcomes, {before.code} and {after.code}, are one revision."
                yield Finding(contact, (before.id, after.id), sentence)
            elif before.code is Outcome.BOOKED and contact in cancelled:
                continue
            elif not supersedes(after.code, before.code):
                sentence = f"The outcome {after.code} replaced {before.code}, which outranks it."
                yield Finding(contact, (before.id, after.id), sentence)


def one_call_per_slot(case: Case) -> Iterator[Finding]:
    spans = list(_held_slots(case))
    for first, second in overlaps(spans, key=lambda its: (its.workspace_id, its.slot)):
        sentence = f"The slot {first.slot:%Y-%m-%d %H:%M} UTC is booked twice."
        yield Finding(second.subject, (first.id, second.id), sentence)


def _held_slots(case: Case) -> Iterator[Span[BookingSettled]]:
    """From when until when each call had its slot."""
    settled = [
        its for its in case.recorded.of(BookingSettled) if its.state is not BookingState.TAKEN
    ]
    for calls in grouped(settled, contact_of).values():
        ordered = sorted(calls, key=lambda its: its.sequence)
        ends = [*(its.time for its in ordered[1:]), FOR_EVER]
        for call, end in zip(ordered, ends, strict=True):
            if call.state is not BookingState.CANCELLED:
                yield Span(call.time, end, call)
