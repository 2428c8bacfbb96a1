"""One touch as all checks see it: the facts, the moment, and the rows that bind."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.rules.bases import Look
from shared.rules.binding import bind
from shared.rules.case import MARKETING, SERVICE, Case, Facet
from shared.rules.consents import hear
from shared.rules.facts import Facts, Inbound
from shared.rules.loading import Rules
from shared.rules.opening import Span
from shared.rules.places import Location, locate


@dataclass(slots=True)
class Touch:
    """`at` is in UTC; `today` is the latest day that it may be where the person is.

    Within `replies` the touch would answer the person, within `callbacks` it is at the time that
    the person asked for: hours and caps are not for either. `wrote`: the person wrote on this
    channel within the reply hours. `sides` are the channels whose rows bind, each with what bases
    may ask about it.
    """

    facts: Facts
    at: datetime
    rules: Rules
    location: Location
    today: date
    case: Case
    marketing: bool
    sides: list[tuple[Facet, Look]]
    wrote: bool
    replies: Span | None
    callbacks: Span | None

    @classmethod
    def of(cls, facts: Facts, at: datetime, rules: Rules) -> "Touch":
        """The touch that the facts describe, at an aware moment."""
        location, marketing = locate(facts, rules), is_marketing(facts)
        days = location.days(at)
        case = bind(facts, location, days, rules, marketing=marketing)
        now = at if at.tzinfo is UTC else at.astimezone(UTC)
        today, inbound = days[1], facts.last_inbound
        replies = _replies(inbound, facts, rules) if inbound else None
        wanted = facts.callback_request
        callbacks = _callbacks(wanted, facts, rules) if wanted else None
        wrote = replies is not None and within(replies, now)
        asked = callbacks is not None and within(callbacks, now)
        sides = []
        for facet in case.facets:
            heard = hear(facts, facet.channel, today, on_a_number=facet.on_a_number)
            sides.append((facet, Look(facts, today, heard, wrote, asked)))
        return cls(
            facts,
            now,
            rules,
            location,
            today,
            case,
            marketing,
            sides,
            wrote,
            replies if inbound and inbound.same_matter else None,
            callbacks,
        )

    @property
    def free(self) -> tuple[Span, ...]:
        """The spans in which hours and caps do not apply."""
        return tuple(its for its in (self.replies, self.callbacks) if its)


def is_marketing(facts: Facts) -> bool:
    """A touch is marketing unless it is known to be nothing but service."""
    return facts.purpose != SERVICE or facts.service_mix or facts.wa_template_category == MARKETING


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
