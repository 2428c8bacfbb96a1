"""One touch as all checks see it: the facts, the moment, and the rows that bind."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.rules.bases import Look
from shared.rules.binding import MARKETING, SERVICE, Case, Facet, bind
from shared.rules.consents import Heard, hear
from shared.rules.facts import Facts
from shared.rules.loading import Rules
from shared.rules.opening import Span
from shared.rules.places import Location, locate
from shared.rules.product import P


@dataclass(frozen=True, slots=True)
class Side:
    """One channel of the touch: its rows, what the person said about it, what bases may ask."""

    facet: Facet
    heard: Heard
    look: Look


@dataclass(frozen=True, slots=True)
class Touch:
    """`at` is in UTC; `today` is the latest day that it may be where the person is.

    Within `replies` the touch would answer the person, within `callbacks` it is at the time that
    the person asked for: hours and caps are not for either.
    """

    facts: Facts
    at: datetime
    rules: Rules
    location: Location
    today: date
    case: Case
    marketing: bool
    sides: tuple[Side, ...]
    replies: Span | None
    callbacks: Span | None

    @classmethod
    def of(cls, facts: Facts, at: datetime, rules: Rules) -> "Touch":
        """The touch that the facts describe, at an aware moment."""
        location = locate(facts, rules)
        days = location.days(at)
        marketing = is_marketing(facts)
        case = bind(facts, location, days, rules, marketing=marketing)
        now, callbacks = at.astimezone(UTC), _callbacks(facts, rules)
        wrote, asked = _wrote(facts, rules), callbacks
        sides = []
        for facet in case.facets:
            heard = hear(facts, facet.channel, days[1], on_a_number=facet.on_a_number)
            look = Look(
                facts=facts,
                at=now,
                today=days[1],
                consents=heard.consents,
                unobjected=not heard.standing,
                wrote=within(wrote, now),
                asked=within(asked, now),
            )
            sides.append(Side(facet, heard, look))
        same_matter = facts.last_inbound is not None and facts.last_inbound.same_matter
        return cls(
            facts=facts,
            at=now,
            rules=rules,
            location=location,
            today=days[1],
            case=case,
            marketing=marketing,
            sides=tuple(sides),
            replies=wrote if same_matter else None,
            callbacks=callbacks,
        )

    @property
    def wrote(self) -> bool:
        """The person wrote on this channel within the reply hours."""
        return any(side.look.wrote for side in self.sides)

    @property
    def context(self) -> tuple[str, ...]:
        """The product's rules that chose the rows."""
        mixed = self.marketing and self.facts.purpose == SERVICE
        return (P.SERVICE_MIX, *self.case.context) if mixed else self.case.context

    @property
    def free(self) -> Iterator[Span]:
        """The spans in which hours and caps do not apply."""
        return (its for its in (self.replies, self.callbacks) if its)


def is_marketing(facts: Facts) -> bool:
    """A touch is marketing unless it is known to be nothing but service."""
    return facts.purpose != SERVICE or facts.service_mix or facts.wa_template_category == MARKETING


def within(span: Span | None, at: datetime) -> bool:
    """Whether a moment lies in a span."""
    return span is not None and span[0] <= at < span[1]


def _wrote(facts: Facts, rules: Rules) -> Span | None:
    inbound = facts.last_inbound
    if inbound is None or inbound.channel != facts.channel:
        return None
    since = inbound.at.astimezone(UTC)
    return since, since + timedelta(hours=rules.terms.conduct.reply_hours)


def _callbacks(facts: Facts, rules: Rules) -> Span | None:
    if facts.callback_request is None or facts.channel not in rules.terms.channels.on_request:
        return None
    since = facts.callback_request.astimezone(UTC)
    return since, since + timedelta(minutes=rules.terms.conduct.callback_minutes)
