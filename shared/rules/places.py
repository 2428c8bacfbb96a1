"""Where a person may be: places by address, area code and record, and every possible zone.

A contact is in one country, or in each of those that the record and the number name. Where a
country has states, every state named counts; without one it is unknown, the hours of the row that
stands for it bind, and so does what every state says of consent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from shared.rules.facts import Facts
from shared.rules.loading import Rules
from shared.rules.opening import remember
from shared.rules.product import P

Days = tuple[date, date]
# The last and the first clocks on earth, for a person of whom no zone is known.
ANYWHERE = (timezone(timedelta(hours=-12)), timezone(timedelta(hours=14)))


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """The places of one person.

    `states` are those whose rows on consent bind, `clock_states` those whose hours do. `zones` is
    every zone in which the person may be; none when nobody knows one. `context` and `zone_context`
    are the product's rules that widened the places and the zones.
    """

    countries: tuple[str, ...]
    states: tuple[str, ...]
    clock_states: tuple[str, ...]
    zones: tuple[ZoneInfo, ...]
    context: tuple[str, ...]
    zone_context: tuple[str, ...]
    known: dict[datetime, Days] = field(default_factory=dict)

    def days(self, at: datetime) -> Days:
        """The first and the last day that it may be there."""
        known = self.known.get(at)
        if known is None:
            days = [at.astimezone(zone).date() for zone in self.zones or ANYWHERE]
            known = remember(self.known, at, (min(days), max(days)))
        return known


def locate(facts: Facts, rules: Rules) -> Location:
    """The places that the facts name, compiled once per combination."""
    key = (facts.country, facts.region, facts.area_code_region, facts.also_country, facts.tz)
    known: Location | None = rules.memo.get(key)
    return known or rules.remember(key, _locate(facts, rules))


def _locate(facts: Facts, rules: Rules) -> Location:
    elsewhere = rules.terms.places.elsewhere
    named = dict.fromkeys(filter(None, (facts.country, *facts.also_country)))
    countries = tuple(dict.fromkeys(code if code in rules.places else elsewhere for code in named))
    states: list[str] = []
    clock_states: list[str] = []
    context: list[str] = []
    for country in countries:
        unknown = rules.terms.places.unknown_state.get(country)
        children = rules.children(country) if unknown else ()
        known = tuple(_known_states(country, children, facts))
        if unknown and not known:
            context.append(P.STATE_UNKNOWN)
            clock_states.append(unknown)
        states += known or children
        clock_states += known
        if len(known) > 1:
            context.append(P.LOC_CONFLICT)
    if len(countries) > 1:
        context.append(P.LOC_CONFLICT)
    zones = _given_zones(facts.tz)
    possible = zones or tuple(_zones(countries, tuple(clock_states), rules))
    return Location(
        countries=countries,
        states=tuple(states),
        clock_states=tuple(clock_states),
        zones=possible,
        context=tuple(dict.fromkeys(context)),
        zone_context=() if zones or len(possible) == 1 else (P.TZ_UNKNOWN,),
    )


def _known_states(country: str, children: tuple[str, ...], facts: Facts) -> Iterable[str]:
    for region in dict.fromkeys(filter(None, (facts.region, facts.area_code_region))):
        for code in (region, f"{country}-{region}"):
            if code in children:
                yield code


def _given_zones(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    """The zones named; none of them when one does not exist, for then the zone is not known."""
    try:
        return tuple(ZoneInfo(name) for name in dict.fromkeys(names))
    except (LookupError, ValueError, OSError):
        return ()


def _zones(
    countries: tuple[str, ...], clock_states: tuple[str, ...], rules: Rules
) -> Iterator[ZoneInfo]:
    """Every zone of every place; none at all when those of one place are not known."""
    found: dict[str, None] = {}
    for country in countries:
        below = [code for code in clock_states if rules.places[code].parent == country]
        zones = [zone for code in below or [country] for zone in rules.places[code].timezones]
        if not zones:
            return
        found |= dict.fromkeys(zones)
    yield from (ZoneInfo(zone) for zone in found)
