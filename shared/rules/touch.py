"""One touch as all checks see it: the facts, the moment, and the rows that bind."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.rules.bases import Look
from shared.rules.case import Case, Facet
from shared.rules.consents import hear
from shared.rules.facts import Facts, Inbound
from shared.rules.loading import Rules
from shared.rules.occasion import occasion_of
from shared.rules.opening import Span
from shared.rules.rows import Names


@dataclass(slots=True)
class Touch:
    """`at` is in UTC; `today` is the latest day that it may be where the person is.

    `closed` are the windows that are shut then, unless something lifts them. Within `replies` the
    touch would answer the person, within `callbacks` it is at the time that the person asked for:
    hours and caps are not for either. `wrote`: the person wrote on this channel within the reply
    hours. `sides` are the channels whose rows bind, each with what bases may ask about it.
    """

    facts: Facts
    rules: Rules
    at: datetime
    today: date
    case: Case
    closed: Names
    sides: list[tuple[Facet, Look]]
    wrote: bool
    replies: Span | None
    callbacks: Span | None

    @classmethod
    def of(cls, facts: Facts, at: datetime, rules: Rules) -> "Touch":
        """The touch that the facts describe, at an aware moment."""
        occasion = occasion_of(facts, at, rules)
        inbound, wanted = facts.last_inbound, facts.callback_request
        at, today = occasion.at, occasion.today
        replies = _replies(inbound, facts, rules) if inbound else None
        callbacks = _callbacks(wanted, facts, rules) if wanted else None
        wrote = replies is not None and within(replies, at)
        asked = callbacks is not None and within(callbacks, at)
        sides = []
        for facet in occasion.case.facets:
            heard = hear(facts, facet.channel, today, on_a_number=facet.on_a_number)
            sides.append((facet, Look(facts, today, heard, wrote, asked)))
        answered = replies if inbound and inbound.same_matter else None
        return cls(
            facts,
            rules,
            at,
            today,
            occasion.case,
            occasion.closed,
            sides,
            wrote,
            answered,
            callbacks,
        )

    @property
    def free(self) -> tuple[Span, ...]:
        """The spans in which hours and caps do not apply."""
        return tuple(its for its in (self.replies, self.callbacks) if its)


def within(span: Span, at: datetime) -> bool:
    """Whether a moment lies in a span."""
    return span[0] <= at < span[1]


def _replies(inbound: Inbound, facts: Facts, rules: Rules) -> Span | None:
    if inbound.channel != facts.channel:
        return None
    since = inbound.at.astimezone(UTC)
    return since, since + timedelta(hours=rules.terms.conduct.reply_hours)


def _callbacks(wanted: datetime, facts: Facts, rules: Rules) -> Span | None:
    if facts.channel not in rules.terms.channels.on_request:
        return None
    since = wanted.astimezone(UTC)
    return since, since + timedelta(minutes=rules.terms.conduct.callback_minutes)
