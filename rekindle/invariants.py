"""The promises as named checks over a recorded stream. Pure.

Each check reads what was said and yields what contradicts its promise; an empty stream keeps every
promise. `auditing` runs them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rekindle.accounting import (
    every_import_is_complete,
    every_row_has_its_verdict,
    nobody_is_forgotten,
    one_call_per_slot,
    only_the_pool_has_outcomes,
    outcomes_only_rise,
    the_pool_was_admitted,
)
from rekindle.case import Case, Finding
from rekindle.contacting import (
    first_touches_say_that_an_ai_writes,
    nothing_is_sent_after_an_opt_out,
    nothing_is_sent_over_a_newer_reply,
    one_provider_call_per_plan,
    one_touch_of_a_contact_at_a_time,
    one_touch_of_an_address_at_a_time,
    only_imported_addresses_are_contacted,
    only_signed_lines_are_sent,
    suppressions_only_grow,
)
from rekindle.evidence import (
    BOOKINGS,
    BY_GATEWAYS,
    BY_SEQUENCES,
    BY_TRIAGE,
    DECISIONS,
    EVENTS,
    IMPORTS,
    LEDGER,
    LISTED,
    OUTCOMES,
    POOL,
    RECORDS,
    REPLIES,
    TOUCHES,
    Evidence,
)
from rekindle.lawful import (
    every_touch_is_permitted,
    every_verdict_names_its_rules,
    only_open_channels_are_used,
)
from rekindle.ledger import every_provider_call_is_one_touch, nothing_reaches_whoever_opted_out
from rekindle.replaying.gateways import gateways_come_out_the_same
from rekindle.replaying.sequences import sequences_come_out_the_same
from rekindle.replaying.verdicts import verdicts_come_out_the_same
from rekindle.sealing import personal_words_are_sealed

PROMISES = {
    1: "Nobody is contacted after asking not to be",
    2: "Once, and nobody forgotten",
    3: "One touch at a time",
    4: "Only signed words",
    5: "Only lawful contact",
    6: "Only known addresses",
    7: "Every decision can be re-derived",
    8: "Forgetting works",
    9: "Every row is accounted for",
}


@dataclass(frozen=True, slots=True)
class Invariant:
    """One check of a promise; `name` is how people and machines speak of it."""

    promise: int
    check: Callable[[Case], Iterator[Finding]]
    sentence: str
    evidence: Evidence

    @property
    def name(self) -> str:
        return self.check.__name__

    @property
    def needs_ledger(self) -> bool:
        return self.evidence is LEDGER


INVARIANTS = (
    Invariant(
        1,
        nothing_is_sent_after_an_opt_out,
        "No touch is reserved after its contact or its address was suppressed.",
        LISTED,
    ),
    Invariant(
        1,
        nothing_is_sent_over_a_newer_reply,
        "No touch leaves that was decided before the contact's newest reply was read.",
        REPLIES,
    ),
    Invariant(
        1,
        nothing_reaches_whoever_opted_out,
        "Providers accept nothing for whoever said an opt-out, save one confirmation.",
        LEDGER,
    ),
    Invariant(
        2,
        one_provider_call_per_plan,
        "A plan leads to at most one message that was accepted or may have been.",
        TOUCHES,
    ),
    Invariant(
        2,
        every_provider_call_is_one_touch,
        "Every message that a provider accepted is exactly one touch.",
        LEDGER,
    ),
    Invariant(
        2,
        nobody_is_forgotten,
        "Everybody in the pool has an outcome or a wake-up to come.",
        POOL,
    ),
    Invariant(
        3,
        one_touch_of_a_contact_at_a_time,
        "A contact never has two open touches.",
        TOUCHES,
    ),
    Invariant(
        3,
        one_touch_of_an_address_at_a_time,
        "A number or mailbox that several contacts share never has two open touches.",
        TOUCHES,
    ),
    Invariant(
        4,
        only_signed_lines_are_sent,
        "Every touch cites a line that was signed as it stands.",
        TOUCHES,
    ),
    Invariant(
        4,
        first_touches_say_that_an_ai_writes,
        "The first touch on each channel says that an AI writes, in its language.",
        TOUCHES,
    ),
    Invariant(
        5,
        only_open_channels_are_used,
        "Every touch uses a channel that triage had left open, and not before it opened.",
        TOUCHES,
    ),
    Invariant(
        5,
        every_touch_is_permitted,
        "Judged again by the contact rules of its day, every touch was permitted when it left.",
        TOUCHES,
    ),
    Invariant(
        5,
        every_verdict_names_its_rules,
        "Every verdict and touch has its decision, which names its rules and their version.",
        DECISIONS,
    ),
    Invariant(
        6,
        only_imported_addresses_are_contacted,
        "Every address that is contacted came with an import of its contact.",
        TOUCHES,
    ),
    Invariant(
        7,
        verdicts_come_out_the_same,
        "Judged again from what it names, every verdict is the same, byte for byte.",
        BY_TRIAGE,
    ),
    Invariant(
        7,
        sequences_come_out_the_same,
        "Told again, every sequence decides, asks and ends the same, byte for byte.",
        BY_SEQUENCES,
    ),
    Invariant(
        7,
        gateways_come_out_the_same,
        "Looked at again, what left could leave, and what was refused had its ground.",
        BY_GATEWAYS,
    ),
    Invariant(
        8,
        personal_words_are_sealed,
        "Names, addresses, numbers and words stand only in sealed fields.",
        EVENTS,
    ),
    Invariant(
        8,
        suppressions_only_grow,
        "What the suppression list has closed, it never opens again.",
        LISTED,
    ),
    Invariant(
        9,
        every_import_is_complete,
        "All records of every import are there, each in a row of its own.",
        IMPORTS,
    ),
    Invariant(
        9,
        every_row_has_its_verdict,
        "Every row has one verdict; whoever is not admitted has the reasons.",
        RECORDS,
    ),
    Invariant(
        9,
        the_pool_was_admitted,
        "Only admitted contacts join a pool.",
        POOL,
    ),
    Invariant(
        9,
        only_the_pool_has_outcomes,
        "No contact outside the pool has an outcome.",
        OUTCOMES,
    ),
    Invariant(
        9,
        outcomes_only_rise,
        "An outcome gives way only to one that outranks it.",
        OUTCOMES,
    ),
    Invariant(
        9,
        one_call_per_slot,
        "A slot never holds two calls.",
        BOOKINGS,
    ),
)
