"""The providers' own ledger, held against what our topics say. Pure.

The ledger is in the order of happening and knows what the customers truly meant; neither do we.
"""

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

from rekindle.case import Case, Finding, LedgerEntry
from rekindle.recorded import Recorded, left_at
from shared.events import MessageSent, ReplyReceived
from shared.ids import NOBODY
from shared.words import Purpose, Result

OPT_OUT = "opt_out"
TOUCH_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
NAME = re.compile(r"[0-9a-f]{32}")  # what the world calls a message, within the provider's name


class Touches:
    """Finds the touch of a ledger entry: by its id, which travelled along, or the provider's."""

    def __init__(self, recorded: Recorded) -> None:
        self._by_id = {touch.touch_id: touch for touch in recorded.touches}
        self._by_provider = {its.provider_id: its for its in recorded.touches if its.provider_id}

    def of(self, entry: LedgerEntry) -> MessageSent | None:
        found = TOUCH_ID.search(f"{entry['touch']} {entry['id']}".lower())
        touch = self._by_id.get(UUID(found[0])) if found else None
        return touch or self._by_provider.get(entry["id"])


def every_provider_call_is_one_touch(case: Case) -> Iterator[Finding]:
    touches, told = Touches(case.recorded), set[UUID]()
    for entry in _accepted(case.ledger):
        touch = touches.of(entry)
        if touch is None:
            sentence = f"A provider accepted {entry['id']} on {entry['channel']}; no touch tells."
            yield Finding(NOBODY, (), sentence)
            continue
        if touch.result is Result.REFUSED:
            sentence = f"A provider accepted {entry['id']}; its touch says that it was refused."
            yield Finding(touch.subject, (touch.id,), sentence)
        if touch.touch_id in told:
            sentence = f"A provider accepted two messages for one touch on {touch.channel}."
            yield Finding(touch.subject, (touch.id,), sentence)
        told.add(touch.touch_id)


def nothing_reaches_whoever_opted_out(case: Case) -> Iterator[Finding]:
    """What was reserved before the opt-out was heard may still arrive, and one confirmation."""
    heard, touches = _heard(case.recorded), Touches(case.recorded)
    silent: dict[str | UUID, ReplyReceived] = {}  # by address and by contact
    confirmed: set[UUID] = set()
    for entry in case.ledger or ():
        if _opts_out(entry) and (said := heard.get(entry["id"])):
            silent.setdefault(entry["address"], said)
            silent.setdefault(said.subject, said)
        touch = touches.of(entry) if entry["kind"] == "accepted" else None
        if touch is None:
            continue
        opt_out = silent.get(touch.subject) or silent.get(entry["address"])
        if opt_out is None or left_at(touch) < opt_out.time:
            continue
        if touch.purpose is Purpose.CONFIRM_OPT_OUT and opt_out.id not in confirmed:
            confirmed.add(opt_out.id)
            continue
        sentence = f"The line {touch.line_id} reached a {touch.channel} address that had opted out."
        yield Finding(touch.subject, (opt_out.id, touch.id), sentence)


def _accepted(ledger: Sequence[LedgerEntry] | None) -> list[LedgerEntry]:
    return [entry for entry in ledger or () if entry["kind"] == "accepted"]


def _opts_out(entry: LedgerEntry) -> bool:
    return (entry["kind"], entry["truth"]) == ("said", OPT_OUT)


def _heard(recorded: Recorded) -> dict[str, ReplyReceived]:
    """The replies that came to us, by what the world calls them."""
    replies = recorded.of(ReplyReceived)
    return {found[0]: its for its in replies if (found := NAME.search(its.provider_id))}
