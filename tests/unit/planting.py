"""How a breach is planted in the small stream, and the ledger that its providers would have."""

from itertools import count
from uuid import UUID

from rekindle.auditing import audit
from rekindle.recorded import record_of
from shared.events import ContactImported, MessageSent, Person, ReplyReceived
from shared.privacy.sealed import seal
from tests.unit.small_stream import BEN, END, Story, key_of, small_stream


def breaches(recorded, ledger=None, words=(), at=END):
    """The names of the invariants that are broken, once for each breach."""
    return [its.invariant for its in audit(recorded, at=at, ledger=ledger, words=words).broken]


def of_touch(contact, plan):
    """Chooses what was said of one touch."""
    return lambda sent: (sent.subject, sent.plan) == (contact, plan)


def changed(recorded, kind, change, **fields):
    """The stream with the events of a kind changed for which `change` holds; at least one must."""
    chosen = [event for event in recorded.of(kind) if change(event)]
    assert chosen, "nothing was changed"
    ids = {event.id for event in chosen}
    return record_of(
        event.model_copy(update=fields) if event.id in ids else event for event in recorded.events
    )


def without(recorded, *events):
    gone = {event.id for event in events}
    return record_of(event for event in recorded.events if event.id not in gone)


def with_more(recorded, tell):
    """The stream with what `tell` says, at its end; `tell` gets a story."""
    story = Story()
    story._ids = (UUID(int=n) for n in count(1))
    tell(story)
    return record_of(sorted([*recorded.events, *story.events], key=lambda event: event.time))


def small_ledger():
    """What the providers and the customers would have written down."""
    accepted = [
        (sent.time, entry("accepted", sent.subject, sent.provider_id, touch=str(sent.touch_id)))
        for sent in small_stream().of(MessageSent)
    ]
    said = [
        (its.time, entry("said", its.subject, its.provider_id[2:], truth=truth_of(its)))
        for its in small_stream().of(ReplyReceived)
    ]
    return [its for _, its in sorted(said + accepted, key=lambda one: one[0])]


def entry(kind, contact, id_, *, touch="", truth=""):
    return {
        "kind": kind,
        "channel": "whatsapp",
        "address": f"number of {contact}",
        "id": id_,
        "touch": touch,
        "truth": truth,
    }


def truth_of(said):
    return "opt_out" if said.subject == BEN else "interested"


def renamed(recorded, contact, **person):
    """The stream in which a contact's record says something else of the person."""
    its = Person(**{"crm_id": "C001", "full_name": "Ana Alvarez", "first_name": "Ana", **person})
    sealed = seal(its, Person, key_of(contact))
    return changed(recorded, ContactImported, lambda one: one.subject == contact, person=sealed)
