"""What is known of the customers from outside: who they are, and what they truly meant. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from rekindle.recorded import Recorded
from services.crm_sync.records import Record
from shared.events import ReplyReceived, ReplyUnderstood
from shared.words import Suppression

OPT_OUT = "opt_out"
TELLING_WORDS_MIN = 3  # fewer may stand anywhere: "yes", "not now"


def missed_opt_outs(ledger: Iterable[Mapping[str, Any]], recorded: Recorded) -> list[str]:
    """The people of the sandbox who asked for silence and did not get it, by their keys.

    An opt-out is missed when the reply that says it was neither suppressed nor held for a person,
    or never arrived at all.
    """
    # The provider's name of a reply holds the sandbox's own.
    heard = {reply.provider_id: reply for reply in recorded.of(ReplyReceived)}
    readings: defaultdict[UUID, list[ReplyUnderstood]] = defaultdict(list)
    for reading in recorded.of(ReplyUnderstood):
        readings[reading.reply_id].append(reading)
    missed = []
    for entry in ledger:
        if entry["kind"] != "said" or entry["truth"] != OPT_OUT:
            continue
        reply = next((its for name, its in heard.items() if entry["id"] in name), None)
        kept = reply is not None and (
            reply.subject in recorded.suppressions
            or any(its.suppression is not Suppression.GO for its in readings[reply.id])
        )
        if not kept:
            missed.append(entry["person"])
    return missed


def personal_words(records: Iterable[Record], ledger: Iterable[Mapping[str, Any]]) -> set[str]:
    """What must stand nowhere in the clear: names, mailboxes and numbers, and what people wrote."""
    words: set[str] = set()
    for record in records:
        names = (record.person.full_name, record.person.company)
        words.update(name for name in names if len(name.split()) > 1)  # one word may be any word
        words.update(filter(None, (record.mailbox, record.number.e164 if record.number else "")))
    said = (entry["text"] for entry in ledger if entry["kind"] == "said")
    words.update(text for text in said if len(text.split()) >= TELLING_WORDS_MIN)
    return words
