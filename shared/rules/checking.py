"""The rule data held against itself: what a judge relies on must be there, and in order."""

from collections import Counter
from collections.abc import Callable
from zoneinfo import ZoneInfo

from shared.rules.duties import (
    Change,
    Disclosure,
    Policy,
)
from shared.rules.faults import (
    AS_WEEKDAY,
    BANNED,
    BASE,
    CUMULATIVE,
    EVIDENCE,
    KINDS,
    OVERRIDE,
    OWN_HOURS,
    RECIPIENT,
    UNITS,
    refuse,
    want_known,
)
from shared.rules.order import check_order
from shared.rules.reading import RuleDataError
from shared.rules.references import check_reading
from shared.rules.rows import (
    Basis,
    Calendar,
    Cap,
    ConsentRule,
    Jurisdiction,
    Placed,
    Precondition,
    Registry,
    Row,
    Sourced,
    Window,
)
from shared.rules.tables import Data


def check(data: Data) -> None:
    """Raises RuleDataError with the first fault found."""
    for one in CHECKS:
        one(data)


def _ids(data: Data) -> None:
    """Places and calendars have names of their own; all other rows are told apart by theirs."""
    seen: dict[tuple[type, str], str] = {}
    for file, row in data.found:
        names = type(row) if isinstance(row, Jurisdiction | Calendar) else Row
        if earlier := seen.get((names, row.id)):
            raise refuse(file, row, f"has an id that {earlier} gives too: choose another")
        seen[names, row.id] = file


def _places(data: Data) -> None:
    places = {row.code: (file, row) for file, row in data.of(Jurisdiction)}
    for file, row in places.values():
        if row.parent and row.parent not in places:
            raise refuse(file, row, f"has the parent {row.parent}, which is no place here: add it")
        if row.combine not in (CUMULATIVE, OVERRIDE, BASE):
            raise refuse(file, row, f"combines as {row.combine!r}: write one of the three words")
        for zone in row.timezones:
            _zone(file, row, zone)
        above, seen = row, {row.code}
        while above.parent:
            if above.parent in seen:
                raise refuse(file, row, "is above itself: correct the parent")
            seen.add(above.parent)
            above = places[above.parent][1]
    terms = data.terms.places
    for code in (terms.everywhere, terms.elsewhere, *terms.unknown_state.values()):
        if code not in places:
            raise RuleDataError(
                f"jurisdictions.toml has no row {code}: the engine falls back on it."
            )
    _places_of_rows(data, frozenset(places))


def _places_of_rows(data: Data, known: frozenset[str]) -> None:
    for file, row in data.found:
        place = row.jurisdiction if isinstance(row, Placed | Change) else None
        place = row.scope if isinstance(row, Policy) else place
        if place is not None and place not in known:
            raise refuse(file, row, f"is for {place}, which jurisdictions.toml does not know")
    named = [
        *data.terms.conduct.emergency_places,
        *(its.jurisdiction for its in data.terms.silences),
    ]
    for place in named:
        if place not in known:
            raise RuleDataError(
                f"terms.toml names {place}, which jurisdictions.toml does not know."
            )


def _rows(data: Data) -> None:
    for file, row in data.of(Row):
        if row.effective_from > row.effective_to:
            raise refuse(file, row, "ends before it begins: correct effective_from or effective_to")
        if isinstance(row, Sourced) and row.evidence:
            if row.evidence not in EVIDENCE:
                raise refuse(file, row, f"has the evidence {row.evidence!r}: see the README")
            if EVIDENCE[row.evidence] is not row.verified:
                raise refuse(file, row, "is verified otherwise than its evidence says")
        if isinstance(row, Window | Cap | ConsentRule) and row.kind not in KINDS:
            raise refuse(file, row, f"is of the kind {row.kind!r}: see the README")


def _windows(data: Data) -> None:
    values, channels = data.terms.values, data.terms.channels
    calendars = {row.id for _, row in data.of(Calendar)}
    for file, row in data.of(Window):
        want_known(file, row, "channels", (*row.channels, *row.extend_to), channels.names)
        want_known(file, row, "call_kinds", row.call_kinds, values.call_kinds)
        want_known(file, row, "parties", row.parties, values.parties)
        want_known(file, row, "exempt_when", (*row.exempt_when, *row.exempt_doubtful), data.means)
        want_known(file, row, "holiday_rule", [row.holiday_rule], (BANNED, OWN_HOURS, AS_WEEKDAY))
        want_known(file, row, "holiday_calendar", filter(None, [row.holiday_calendar]), calendars)
        if row.timezone != RECIPIENT:
            _zone(file, row, row.timezone)
        if (row.holiday_rule == OWN_HOURS) is not bool(row.holiday):
            raise refuse(file, row, "needs holiday hours exactly when holiday_rule is own_hours")
        anywhere = row.jurisdiction == data.terms.places.elsewhere
        if row.holiday_rule != AS_WEEKDAY and not row.holiday_calendar and not anywhere:
            raise refuse(file, row, "has a rule for holidays and no calendar: name one")


def _caps(data: Data) -> None:
    values, channels = data.terms.values, data.terms.channels
    for file, row in data.of(Cap):
        want_known(file, row, "channels", row.channels, (*channels.names, *channels.counted))
        want_known(file, row, "call_kinds", row.call_kinds, values.call_kinds)
        want_known(file, row, "parties", row.parties, values.parties)
        want_known(file, row, "unit", [row.unit], UNITS)
        want_known(file, row, "exempt_when", row.exempt_when, data.means)
        if row.max < 1 or row.per < 1:
            raise refuse(file, row, "needs a max and a per of at least 1")


def _consent(data: Data) -> None:
    values, known = data.terms.values, {row.id for _, row in data.of(Basis)}
    registries = {row.id for _, row in data.of(Registry)}
    preconditions = {row.id for _, row in data.of(Precondition)}
    for file, basis in data.of(Basis):
        want_known(file, basis, "id", [basis.id], data.means)
    for file, row in data.of(ConsentRule):
        want_known(file, row, "channels", row.channels, data.terms.channels.names)
        want_known(file, row, "call_kinds", row.call_kinds, values.call_kinds)
        want_known(file, row, "line_types", row.line_types, values.line_types)
        want_known(file, row, "parties", row.parties, values.parties)
        want_known(file, row, "purposes", row.purposes, values.purposes)
        want_known(file, row, "customer_states", row.customer_states, values.customer_states)
        for column, bases in (
            ("any_of", row.any_of),
            ("doubtful", row.doubtful),
            ("registry_exempt", row.registry_exempt),
        ):
            want_known(file, row, column, (name for names in bases for name in names), known)
        want_known(file, row, "registries", row.registries, registries)
        want_known(file, row, "preconditions", row.preconditions, preconditions)
        if not row.any_of:
            raise refuse(file, row, "has no basis in any_of: nothing could ever satisfy it")


def _registries(data: Data) -> None:
    for file, row in data.of(Registry):
        want_known(file, row, "channels", row.channels, data.terms.channels.names)
        want_known(file, row, "parties", row.parties, data.terms.values.parties)


def _complete(data: Data) -> None:
    """A place said to have rows of its own has some, and the last resort covers every channel."""
    places = data.terms.places
    has = {
        its.row.jurisdiction
        for its in data.found
        if isinstance(its.row, Window | Cap | ConsentRule | Disclosure)
    }
    for file, row in data.of(Jurisdiction):
        if row.coverage == "own_rules" and row.code not in has:
            raise refuse(file, row, "is said to have rows of its own and has none: add them")
    last = Counter(
        channel
        for _, row in data.of(ConsentRule)
        if row.jurisdiction == places.elsewhere
        for channel in row.channels
    )
    for channel in data.terms.channels.names:
        if not last[channel]:
            raise RuleDataError(
                f"consent_rules.toml has no row of {places.elsewhere} for {channel}: without it "
                "nothing binds there."
            )


def _zone(file: str, row: Row | Jurisdiction, zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError) as error:
        raise refuse(file, row, f"has the zone {zone!r}, which nobody knows: correct it") from error


CHECKS: tuple[Callable[[Data], None], ...] = (
    _ids,
    _places,
    _rows,
    _windows,
    _caps,
    _consent,
    _registries,
    check_order,
    check_reading,
    _complete,
)
