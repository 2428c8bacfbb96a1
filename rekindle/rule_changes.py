"""Which recorded touches other rows would bind, were the law that of another day. Pure.

Topics hold where a contact is, its line, its account and how it was reached; not whether it is a
consumer, nor on what basis. So no verdict is made anew here: what is compared are the rows that
bind. A row for certain parties counts whoever the contact may be.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from rekindle.recorded import Recorded
from shared.events import ContactTriaged, MessageSent
from shared.rules.binding import bind
from shared.rules.case import MARKETING, SERVICE
from shared.rules.facts import Facts
from shared.rules.loading import Rules
from shared.rules.places import locate
from shared.words import SERVICE_PURPOSES, Channel, Status

STATES = {Status.ACTIVE: "active", Status.CHURNED: "lapsed"}


class Rebound(NamedTuple):
    """Rows that no longer bind a touch, and rows that bind it instead."""

    channel: Channel
    gone: tuple[str, ...]
    come: tuple[str, ...]


def rebound(recorded: Recorded, first: date, last: date, rules: Rules) -> Counter[Rebound]:
    """The touches that left or may have left, by what would bind them otherwise."""
    found: Counter[Rebound] = Counter()
    for touch in recorded.sent:
        triaged = recorded.verdict_of(touch)
        if triaged is not None:
            facts = known_facts(touch, triaged)
            before, after = (_binding(facts, day, rules) for day in (first, last))
            gone = tuple(name for name in before if name not in after)
            come = tuple(name for name in after if name not in before)
            if gone or come:
                found[Rebound(touch.channel, gone, come)] += 1
    return found


def known_facts(touch: MessageSent, triaged: ContactTriaged) -> Facts:
    """What topics say of a touch, as the rules want it."""
    account = triaged.account
    return Facts(
        country=triaged.country or None,
        tz=triaged.zones,
        line_type=triaged.phone.line if triaged.phone else None,
        channel=touch.channel,
        purpose=SERVICE if touch.purpose in SERVICE_PURPOSES else MARKETING,
        customer_state=STATES.get(account.status) if account.status else None,
        ever_paid=account.ever_paid,
        contract_ended=account.churned_on,
    )


def _binding(facts: Facts, day: date, rules: Rules) -> tuple[str, ...]:
    marketing = facts.purpose == MARKETING
    case = bind(facts, locate(facts, rules), (day, day), rules, marketing=marketing)
    consent = (bound.row for facet in case.facets for bound in facet.rows)
    rows = (*case.policies, *consent, *case.windows, *case.caps)
    return tuple(dict.fromkeys(row.id for row in rows))


def changes_of(recorded: Recorded, first: date, last: date, rules: Rules) -> Iterator[str]:
    """The same in sentences, the most frequent first."""
    found = rebound(recorded, first, last, rules)
    for its, touches in found.most_common():
        gone, come = (", ".join(names) or "nothing" for names in (its.gone, its.come))
        yield f"{touches:,} by {its.channel}: {come} would bind instead of {gone}"
    yield (
        f"{found.total():,} of {len(recorded.sent):,} recorded touches would be bound by other "
        "rows; party and basis are not recorded, so that no verdict is made anew"
    )
