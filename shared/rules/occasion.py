"""What all touches that are alike in what selects rows have in common at one moment.

It is compiled once and then looked up, so that judging one more person costs only what is the
person's own.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from shared.rules.binding import bind
from shared.rules.case import MARKETING, SERVICE, Case
from shared.rules.facts import Facts
from shared.rules.loading import Rules
from shared.rules.opening import remember
from shared.rules.places import locate
from shared.rules.rows import Names


@dataclass(frozen=True, slots=True, eq=False)
class Occasion:
    """A case at a moment.

    `at` is in UTC; `today` is the latest day that it may be where the person is; `closed` are the
    windows that are shut then, unless something lifts them.
    """

    at: datetime
    today: date
    case: Case
    closed: Names


def occasion_of(facts: Facts, at: datetime, rules: Rules) -> Occasion:
    """The occasion of a touch at an aware moment."""
    key = (
        facts.country,
        facts.region,
        facts.area_code_region,
        facts.also_country,
        facts.tz,
        facts.party,
        facts.line_type,
        facts.channel,
        facts.call_kind,
        facts.purpose,
        facts.service_mix,
        facts.wa_template_category,
        facts.customer_state,
    )
    moments: dict[datetime, Occasion] | None = rules.memo.get(key)
    if moments is None:
        moments = rules.remember(key, {})
    return moments.get(at) or remember(moments, at, _occasion(facts, at, rules))


def is_marketing(facts: Facts) -> bool:
    """A touch is marketing unless it is known to be nothing but service."""
    return facts.purpose != SERVICE or facts.service_mix or facts.wa_template_category == MARKETING


def _occasion(facts: Facts, at: datetime, rules: Rules) -> Occasion:
    location = locate(facts, rules)
    days = location.days(at)
    case = bind(facts, location, days, rules, marketing=is_marketing(facts))
    return Occasion(at.astimezone(UTC), days[1], case, case.hours.closed(at))
