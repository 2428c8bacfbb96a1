"""Which rows bind a touch: compiled once per case, then looked up.

A case is everything that selects rows: places, party, line type, channel, kind of call, purpose,
customer state and the local day. Of a country whose rows are cumulative, its own and those of
every state named bind together. Elsewhere the first of the country, the place above it and the
place that stands for all others that has a fitting row binds alone. What is not known fits every
row: it can only make a verdict heavier.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from shared.rules.bases import Means, either
from shared.rules.case import DECIDING, MARKETING, SERVICE, Bound, Case, Facet, Limit
from shared.rules.facts import Facts
from shared.rules.faults import CUMULATIVE, PLATFORM
from shared.rules.loading import Rules
from shared.rules.opening import Hours
from shared.rules.places import Location
from shared.rules.product import P
from shared.rules.rows import Cap, ConsentRule, Names, Placed, Registry, Window

R = TypeVar("R", bound=Placed)
Fits = Callable[[R], bool]
Facets = tuple[tuple[str, str | None], ...]  # channels, each with its kind of call


def bind(
    facts: Facts, location: Location, days: tuple[date, date], rules: Rules, *, marketing: bool
) -> Case:
    """The case of these facts on these days, the first and the last that it may be there."""
    key = (
        location,
        days,
        facts.channel,
        facts.call_kind,
        facts.party,
        facts.line_type,
        facts.customer_state,
        facts.purpose,
        marketing,
    )
    known: Case | None = rules.memo.get(key)
    return known or rules.remember(key, _Binder(facts, location, days, rules, marketing).case())


@dataclass(frozen=True, slots=True)
class _Binder:
    facts: Facts
    location: Location
    days: tuple[date, date]
    rules: Rules
    marketing: bool

    @property
    def context(self) -> Names:
        """The product's rules that chose the rows."""
        mixed = self.marketing and self.facts.purpose == SERVICE
        machine = len(self.rules.terms.facets(self.facts.channel or "", None)) > 1
        return (
            *([P.SERVICE_MIX] if mixed else []),
            *self.location.context,
            *([P.ON_A_MACHINE] if machine else []),
        )

    def case(self) -> Case:
        purpose = MARKETING if self.marketing else SERVICE
        facets = self.rules.terms.facets(self.facts.channel or "", self.facts.call_kind)
        channels = tuple(channel for channel, _ in facets)
        scopes = {
            self.rules.terms.places.everywhere,
            *self.location.states,
            *(code for its in self.location.countries for code in self.rules.lineage(its)),
        }
        windows, caps = self.windows(facets), self.caps(facets)
        lifted_by = self.lifted_by(windows, caps)
        return Case(
            location=self.location,
            marketing=self.marketing,
            facets=tuple(self.facet(channel, kind, purpose) for channel, kind in facets),
            windows=windows,
            hours=Hours.of(windows, self.location.zones, self.rules.holidays),
            caps=caps,
            limits=tuple(
                Limit(its, self.rules.terms.counted(its.channels), lifted_by.get(its.exempt_when))
                for its in caps
            ),
            policies=tuple(
                row
                for row in self.rules.policies
                if row.engine_action in DECIDING
                and row.channel in channels
                and row.scope in scopes
                and row.in_force(*self.days)
            ),
            context=self.context,
            missing=tuple(self.missing(windows)),
            lifted_by=lifted_by,
        )

    def lifted_by(self, windows: tuple[Window, ...], caps: tuple[Cap, ...]) -> dict[Names, Means]:
        lists = {*(its.exempt_when for its in windows), *(its.exempt_when for its in caps)}
        return {
            tokens: either(tuple((token,) for token in tokens), self.rules.means)
            for tokens in lists
            if tokens
        }

    def missing(self, windows: tuple[Window, ...]) -> Iterator[str]:
        """The facts that select rows and are not known, or are none of the words there are."""
        facts, terms = self.facts, self.rules.terms
        if not facts.country:
            yield "country"
        if windows and not self.location.zones:
            yield "tz"
        if facts.channel not in terms.channels.names:
            yield "channel"
        calls = facts.channel in terms.channels.with_call_kinds
        if calls and facts.call_kind not in terms.values.call_kinds:
            yield "call_kind"
        if facts.party not in terms.values.parties:
            yield "party"
        if facts.customer_state not in terms.values.customer_states:
            yield "customer_state"
        if facts.purpose not in terms.values.purposes:
            yield "purpose"

    def facet(self, channel: str, call_kind: str | None, purpose: str) -> Facet:
        def fits(row: ConsentRule) -> bool:
            return (
                channel in row.channels
                and purpose in row.purposes
                and self.calls(row.call_kinds, channel, call_kind)
                and _in(self.facts.line_type or "unknown", row.line_types)
                and _in(self.facts.party, row.parties)
                and _in(self.facts.customer_state, row.customer_states)
                and row.in_force(*self.days)
            )

        table, everywhere = self.rules.consent, self.rules.terms.places.everywhere
        common = _of(table, [everywhere], fits)
        always = [row for row in common if row.kind == PLATFORM]
        last = [row for row in common if row.kind != PLATFORM]
        rows, covered = list(always), bool(self.location.countries)
        for country in self.location.countries:
            own = self.own(table, country, self.location.states, fits)
            opening = [row for row in own if self.parent(row) != country] or last
            covered = covered and bool(opening)
            rows += own if opening is not last else [*own, *last]
        on_a_number = channel in self.rules.terms.channels.on_a_number
        rows = list(dict.fromkeys(rows))
        bound = tuple(map(self.bound, rows))
        return Facet(
            channel=channel,
            rows=bound,
            asked=tuple(
                (name, (*self.answered(name), row.id)) for row in rows for name in row.preconditions
            ),
            looked_up=tuple(
                (its, one) for its in bound for one in self.registers(its.row, channel)
            ),
            covered=covered,
            on_a_number=on_a_number,
        )

    def bound(self, row: ConsentRule) -> Bound:
        means = self.rules.means
        return Bound(
            row=row,
            satisfied_by=either(row.any_of, means),
            doubted_by=either(row.doubtful, means),
            exempt_by=either(row.registry_exempt, means),
            ids=(*self.context, row.id),
        )

    def answered(self, precondition: str) -> Iterator[str]:
        """The policies that it answers there, which fall with it."""
        scopes = (*self.location.states, *self.location.countries)
        named = self.rules.terms.policies.get(precondition, ())
        for its in self.rules.policies:
            today = its.in_force(self.days[1], self.days[1])
            if its.id in named and its.scope in scopes and today:
                yield its.id

    def registers(self, row: ConsentRule, channel: str) -> Iterator[Registry]:
        """Those that a row asks for: each is for certain channels and parties, while it exists."""
        for its in map(self.rules.registries.__getitem__, row.registries):
            concerned = channel in its.channels and _in(self.facts.party, its.parties)
            if concerned and its.in_force(self.days[1], self.days[1]):
                yield its

    def windows(self, facets: Facets) -> tuple[Window, ...]:
        def fits(row: Window) -> bool:
            return self.reaches(row, (*row.channels, *row.extend_to), facets)

        rows = _of(self.rules.windows, [self.rules.terms.places.everywhere], fits)
        for country in self.location.countries:
            rows += self.own(self.rules.windows, country, self.location.clock_states, fits)
        return tuple(dict.fromkeys(rows))

    def caps(self, facets: Facets) -> tuple[Cap, ...]:
        def fits(row: Cap) -> bool:
            return self.reaches(row, row.channels, facets)

        above = [code for its in self.location.countries for code in self.rules.lineage(its)]
        places = [self.rules.terms.places.everywhere, *above, *self.location.clock_states]
        return tuple(dict.fromkeys(_of(self.rules.caps, places, fits)))

    def reaches(self, row: Window | Cap, channels: Names, facets: Facets) -> bool:
        """Whether a row for these channels is about the touch, on one of the days."""
        return (
            row.in_force(*self.days)
            and _in(self.facts.party, row.parties)
            and any(
                channel in channels and self.calls(row.call_kinds, channel, kind)
                for channel, kind in facets
            )
        )

    def own(
        self,
        table: Mapping[str, tuple[R, ...]],
        country: str,
        states: Iterable[str],
        fits: Fits[R],
    ) -> list[R]:
        """The rows of a country that bind, and of its states, by its way of combining them."""
        if self.rules.places[country].combine == CUMULATIVE:
            below = [code for code in states if self.rules.places[code].parent == country]
            return _of(table, [country, *below], fits)
        for level in (*self.rules.lineage(country), self.rules.terms.places.elsewhere):
            if rows := _of(table, [level], fits):
                return rows
        return []

    def parent(self, row: Placed) -> str:
        return self.rules.places[row.jurisdiction].parent

    def calls(self, kinds: Names, channel: str, call_kind: str | None) -> bool:
        """Kinds of calls matter on channels that have them; an empty list is any."""
        return channel not in self.rules.terms.channels.with_call_kinds or _in(call_kind, kinds)


def _of(table: Mapping[str, tuple[R, ...]], places: Iterable[str], fits: Fits[R]) -> list[R]:
    return [row for place in places for row in table.get(place, ()) if fits(row)]


def _in(value: str | None, allowed: Names) -> bool:
    return not allowed or value is None or value in allowed
