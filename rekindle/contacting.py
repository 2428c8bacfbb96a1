"""Whom we write to, when, how often and in whose words. Pure."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from rekindle.case import Case, Finding
from rekindle.recorded import contact_of, grouped, left_at
from rekindle.spans import Span, overlaps
from shared.events import ContactSuppressed, MessageDelivered, MessageSent
from shared.rules.disclosures import discloses_ai
from shared.signing import is_signed
from shared.words import SERVICE_PURPOSES, Delivery, Purpose

LOST = frozenset({Delivery.FAILED, Delivery.BOUNCED})


def nothing_is_sent_after_an_opt_out(case: Case) -> Iterator[Finding]:
    """One confirmation may be, to each contact and address; after a decline, what sells nothing."""
    silenced = case.recorded.silenced
    confirmed: set[UUID | str] = set()
    for touch in case.recorded.sent:
        its = (*silenced.get(touch.subject, ()), *silenced.get(touch.address_hash, ()))
        binding = next((one for one in its if _binds(one, touch)), None)
        if binding is None:
            continue
        first = confirmed.isdisjoint({touch.subject, touch.address_hash})
        if touch.purpose is Purpose.CONFIRM_OPT_OUT and first:
            confirmed |= {touch.subject, touch.address_hash}
            continue
        sentence = f"The line {touch.line_id} left on {touch.channel} after the suppression."
        yield Finding(touch.subject, (binding.id, touch.id), sentence)


def _binds(suppressed: ContactSuppressed, touch: MessageSent) -> bool:
    """Whether the touch should have known better."""
    if left_at(touch) <= suppressed.time:
        return False
    if suppressed.everything:
        return True
    closed = touch.channel in suppressed.channels
    return closed and touch.purpose not in SERVICE_PURPOSES


def nothing_is_sent_over_a_newer_reply(case: Case) -> Iterator[Finding]:
    for touch in case.recorded.sent:
        for reply in case.recorded.replies.get(touch.subject, ()):
            if reply.number > touch.heard and reply.time < left_at(touch):
                sentence = f"The line {touch.line_id} left while reply {reply.number} was unread."
                yield Finding(touch.subject, (reply.id, touch.id), sentence)
                break


def one_provider_call_per_plan(case: Case) -> Iterator[Finding]:
    plans = grouped(case.recorded.of(MessageSent), lambda its: (its.subject, its.plan))
    gone = {touch.touch_id for touch in case.recorded.sent}
    for (contact, plan), told in plans.items():
        its = [one for one in told if one.touch_id in gone]
        calls = {one.touch_id for one in its}, {one.provider_id for one in its} - {""}
        if any(len(names) > 1 for names in calls):
            sentence = f"Plan {plan} led to more than one message."
            yield Finding(contact, tuple(one.id for one in its), sentence)


def one_touch_of_a_contact_at_a_time(case: Case) -> Iterator[Finding]:
    for first, second in overlaps(_open_touches(case), key=contact_of):
        sentence = f"A touch on {second.channel} began while one on {first.channel} was open."
        yield Finding(second.subject, (first.id, second.id), sentence)


def one_touch_of_an_address_at_a_time(case: Case) -> Iterator[Finding]:
    """Of several contacts who share it: of one contact the invariant above speaks."""
    for first, second in overlaps(_open_touches(case), key=lambda its: its.address_hash):
        if first.subject != second.subject:
            sentence = f"A shared {second.channel} address had two open touches."
            yield Finding(second.subject, (first.id, second.id), sentence)


def _open_touches(case: Case) -> list[Span[MessageSent]]:
    """From when until when each touch was open. What did not arrive waits for no answer."""
    lost = grouped(
        [its for its in case.recorded.of(MessageDelivered) if its.delivery in LOST],
        lambda its: its.touch_id,
    )
    return [
        Span(left_at(touch), _open_until(touch, case, lost.get(touch.touch_id, [])), touch)
        for touch in case.recorded.sent
    ]


def _open_until(touch: MessageSent, case: Case, lost: list[MessageDelivered]) -> datetime:
    """Until the contact wrote, or the message was lost, or its time was over."""
    wrote = case.recorded.replies.get(touch.subject, ())
    ends: list[datetime] = [its.time for its in (*wrote, *lost) if its.time > left_at(touch)]
    return min((touch.answer_until, *ends))


def only_signed_lines_are_sent(case: Case) -> Iterator[Finding]:
    for touch in case.recorded.sent:
        if not any(map(is_signed, case.recorded.lines_of(touch))):
            sentence = (
                f"The line {touch.line_id} ({touch.channel}, {touch.language}) is not signed in "
                f"version {touch.campaign_version} of its campaign."
            )
            yield Finding(touch.subject, (touch.id,), sentence)


def first_touches_say_that_an_ai_writes(case: Case) -> Iterator[Finding]:
    """The first on each channel, whether or not its gateway took it for the first."""
    met: set[tuple[UUID, str]] = set()
    for touch in case.recorded.sent:
        first = (touch.subject, touch.channel) not in met
        met.add((touch.subject, touch.channel))
        lines = case.recorded.lines_of(touch)
        told = any(discloses_ai(line.text, line.language) for line in lines)
        if (first or touch.first_on_channel) and lines and not told:
            sentence = f"The first line on {touch.channel}, {touch.line_id}, hides the AI."
            yield Finding(touch.subject, (touch.id,), sentence)


def only_imported_addresses_are_contacted(case: Case) -> Iterator[Finding]:
    for touch in case.recorded.sent:
        records = case.recorded.imported.get(touch.subject, ())
        known = {its.hash for record in records for its in (record.phone, record.mailbox) if its}
        if touch.address_hash not in known:
            sentence = f"A {touch.channel} address was contacted that no import of it holds."
            yield Finding(touch.subject, (touch.id,), sentence)


def suppressions_only_grow(case: Case) -> Iterator[Finding]:
    """An opt-out stays one, and an address that is closed stays closed."""
    for entries in grouped(case.recorded.of(ContactSuppressed), contact_of).values():
        for before, after in pairwise(entries):
            opened = set(before.channels) - set(after.channels)
            same = set(before.address_hashes) <= set(after.address_hashes)
            if not after.everything and (before.everything or (same and opened)):
                sentence = "The suppression list took back what it had closed."
                yield Finding(after.subject, (before.id, after.id), sentence)
