"""The contact rules for people: a page on a place, what changes between two days, one reason."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

from shared.rules.binding import bind
from shared.rules.duties import (
    Change,
    Deadline,
    Disclosure,
    ErrorCode,
    Policy,
    ProductRule,
    Recording,
    Retention,
)
from shared.rules.facts import Facts
from shared.rules.knowing import FactError
from shared.rules.loading import Rules
from shared.rules.places import locate
from shared.rules.reading import MINUTES
from shared.rules.rows import Cap, ConsentRule, Placed, Registry, Row, Sourced, Spans, Window

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
A_DAY = timedelta(days=1)


def reason(rule: str, rules: Rules) -> str:
    """Why a rule says what it says, in one line."""
    row = rules.rows.get(rule)
    if isinstance(row, ProductRule | Policy):
        return row.rule
    if isinstance(row, Registry):
        return f"{row.name} ({row.law})"
    if isinstance(row, Placed):
        return f"{row.law}{'' if row.verified else ' (not verified)'}"
    return ""


def page(place: str, day: date, rules: Rules) -> Iterator[str]:
    """What holds in a place on a day. Raises FactError for a place that nobody knows."""
    if place not in rules.places:
        known = ", ".join(sorted(rules.places))
        raise FactError(f"{place} is no place that the rules know. There are: {known}.")
    its = rules.places[place]
    facts = _somewhere(place, rules)
    location = locate(facts, rules)
    above = tuple(code for one in location.countries for code in rules.lineage(one))
    scopes = (rules.terms.places.everywhere, *above, *location.clock_states)
    binding = _binding(facts, day, rules)
    yield f"{its.name} ({its.code}), {day}"
    yield f"zones {', '.join(its.timezones) or 'not known'}; {its.note}".rstrip("; ")
    yield from _section("Hours", (its for its in binding if isinstance(its, Window)))
    yield from _section("Caps", (its for its in binding if isinstance(its, Cap)))
    yield from _section("Consent", (its for its in binding if isinstance(its, ConsentRule)))
    registries = {
        name: None for row in binding if isinstance(row, ConsentRule) for name in row.registries
    }
    yield from _section("Registers", (rules.registries[name] for name in registries))
    elsewhere = rules.terms.places.elsewhere
    recorded = scopes if any(code in rules.recording for code in scopes) else (elsewhere,)
    for title, table, codes in (
        ("What is said", rules.disclosures, scopes),
        ("Recording", rules.recording, recorded),
        ("Wishes", rules.deadlines, scopes),
        ("Records", rules.retention, scopes),
    ):
        rows = [row for code in codes for row in table.get(code, ()) if row.in_force(day, day)]
        yield from _section(title, rows)
    policies = (its for its in rules.policies if its.scope in scopes and its.in_force(day, day))
    yield from _section("Channels", policies)
    yield from _section("Pending", (its for its in rules.changes if its.jurisdiction in scopes))


def _somewhere(place: str, rules: Rules) -> Facts:
    """Facts of a person there of whom nothing else is known."""
    parent = rules.places[place].parent
    states = rules.children(parent) if parent in rules.terms.places.unknown_state else ()
    return Facts(country=parent, region=place) if place in states else Facts(country=place)


def _binding(facts: Facts, day: date, rules: Rules) -> list[Row]:
    """Every row that binds any touch there on that day, in the order of the data."""
    values, found = rules.terms.values, dict[Row, None]()
    location = locate(facts, rules)
    for channel, party, state, marketing in product(
        rules.terms.channels.names, values.parties, values.customer_states, (True, False)
    ):
        for kind, line in _calls(channel, rules):
            its = replace(
                facts,
                channel=channel,
                call_kind=kind,
                party=party,
                line_type=line,
                customer_state=state,
            )
            case = bind(its, location, (day, day), rules, marketing=marketing)
            consent = (bound.row for facet in case.facets for bound in facet.rows)
            found |= dict.fromkeys((*case.windows, *case.caps, *consent))
    order = {row: number for number, row in enumerate(rules.rows.values())}
    return sorted(found, key=order.__getitem__)


def _calls(channel: str, rules: Rules) -> Iterable[tuple[str | None, str | None]]:
    """The kinds of calls and lines, on a channel where they make a difference."""
    if channel in rules.terms.channels.with_call_kinds:
        return product(rules.terms.values.call_kinds, rules.terms.values.line_types)
    return [(None, None)]


def _section(title: str, rows: Iterable[Row]) -> Iterator[str]:
    lines = [line for row in rows for line in _lines(row)]
    if lines:
        yield ""
        yield title
        yield from lines


def _lines(row: Row) -> Iterator[str]:
    yield f"  {row.id}: {_says(row)}"
    if isinstance(row, Sourced):
        law = f"{row.law}; " if isinstance(row, Placed) else ""
        mark = "verified" if row.verified else "not verified"
        yield f"      {law}{mark} ({row.as_of}), {', '.join(row.source)}"
        if row.note:
            yield f"      {row.note}"


def _says(row: Row) -> str:
    match row:
        case Window():
            days = ", ".join(
                f"{name} {_spans(its)}" for name, its in zip(WEEKDAYS, row.week, strict=True)
            )
            lifted = f"; lifted by {', '.join(row.exempt_when)}" if row.exempt_when else ""
            channels = ", ".join((*row.channels, *row.extend_to))
            return f"{channels}: {days}; holidays {row.holiday_rule}{lifted}; {_whom(row)}"
        case Cap():
            return f"{', '.join(row.channels)}: {row.max} within {row.per} {row.unit}; {_whom(row)}"
        case ConsentRule():
            bases = " or ".join("+".join(names) for names in row.any_of)
            doubt = " or ".join("+".join(names) for names in row.doubtful)
            return (
                f"{', '.join(row.channels)}: {bases}"
                f"{f'; in doubt {doubt}' if doubt else ''}"
                f"{'; always reviewed' if row.review_always else ''}"
                f"{f'; needs {chr(44).join(row.preconditions)}' if row.preconditions else ''}"
                f"; {_whom(row)}; {', '.join(row.purposes)}"
            )
        case Registry():
            return f"{row.name}, a copy of at most {row.max_copy_age_days} days"
        case _:
            return _duty(row)


def _duty(row: Row) -> str:
    said = ""
    match row:
        case Disclosure():
            said = f"{', '.join(row.channels)}, {row.when}: {'; '.join(row.content)}"
        case Recording():
            asks = "ask for a yes" if row.consent_needed else "announce"
            said = f"consent of {row.consent}; {asks}"
        case Deadline():
            limit = f"{row.legal_limit} {row.unit}"
            said = f"{row.trigger}: {limit} by law, {row.product_target} here"
        case Retention():
            most = f", at most {row.keep_max} {row.max_unit}" if row.keep_max else ""
            said = f"{row.record}: at least {row.keep_min} {row.unit}{most} from {row.clock_start}"
        case Policy():
            said = f"{row.channel}: {row.rule}"
        case Change():
            said = f"{row.date or 'no date'}, {row.status}: {row.what} {row.action}"
        case ErrorCode() | ProductRule():
            said = row.meaning if isinstance(row, ErrorCode) else row.rule
        case _:
            pass
    return said


def _whom(row: Window | Cap | ConsentRule) -> str:
    return ", ".join((*row.call_kinds, *row.parties))


def _spans(spans: Spans) -> str:
    if not spans:
        return "closed"
    return " ".join(f"{_clock(first)}-{_clock(last)}" for first, last in spans)


def _clock(minute: int) -> str:
    hour, rest = divmod(minute, MINUTES)
    return f"{hour:02}:{rest:02}"


def difference(first: date, last: date, rules: Rules) -> Iterator[str]:
    """Which rows begin and end after the first day, up to the last. Raises FactError."""
    if last <= first:
        raise FactError(f"--to {last} is not after --from {first}.")
    changed = 0
    for row in rules.rows.values():
        if first < row.effective_from <= last:
            changed += 1
            yield f"+ {row.id} from {row.effective_from}: {_says(row)}"
        if first <= row.effective_to < last:
            changed += 1
            yield f"- {row.id} until {row.effective_to}: {_says(row)}"
    for its in rules.changes:
        if its.date and first < its.date <= last:
            changed += 1
            yield f"? {its.id} on {its.date} ({its.status}): {its.what} {its.action}"
    yield f"{changed} changes after {first}, up to {last}; data version {rules.version}"
