"""A wish under data protection law: by when it must be carried out, and what it takes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.rules.answers import Wish
from shared.rules.facts import Facts
from shared.rules.loading import Rules
from shared.rules.months import add_months
from shared.rules.places import locate
from shared.rules.product import P
from shared.rules.rows import Placed

WEEKEND = 5


@dataclass(frozen=True, slots=True)
class Duty:
    """The last day, what is done (a set without order), and the rules behind it.

    Without a deadline of the place the shortest that is known anywhere counts.
    """

    deadline: date | None
    actions: tuple[str, ...]
    rules: tuple[str, ...]


def answer_request(
    kind: str, at: datetime, facts: Facts, holds: frozenset[str], rules: Rules
) -> Duty:
    """What a wish of this kind asks for. `holds` are the records of which there are some."""
    wish = next((its for its in rules.answers.wishes if its.kind == kind), None)
    if wish is None:
        return Duty(None, rules.answers.unknown_wish, (P.FAIL_CLOSED,))
    scopes = _scopes(facts, rules)
    deadline, due = _deadline(wish, at.date(), scopes, rules)
    kept = tuple(
        (its.retention, its.action)
        for its in rules.answers.kept
        if its.wish == kind
        and (not its.when or its.when in holds)
        and _place_of(its.retention, rules) in scopes
    )
    return Duty(
        deadline=deadline,
        actions=tuple(dict.fromkeys((*wish.actions, *(action for _, action in kept)))),
        rules=(*due, *(row for row, _ in kept)),
    )


def _deadline(
    wish: Wish, day: date, scopes: frozenset[str], rules: Rules
) -> tuple[date | None, tuple[str, ...]]:
    """The shortest of the place's deadlines wins."""
    named = [
        row
        for rows in rules.deadlines.values()
        for row in rows
        if row.id in wish.deadlines and row.in_force(day, day)
    ]
    own = [row for row in named if row.jurisdiction in scopes]
    dated = sorted((_last_day(day, row.legal_limit, row.unit), row.id) for row in own or named)
    if not dated:
        return None, (P.FAIL_CLOSED,)
    last, row_id = dated[0]
    return last, (row_id,) if own else (P.FAIL_CLOSED, row_id)


def _last_day(day: date, limit: int, unit: str) -> date:
    match unit:
        case "months":
            return add_months(day, limit)
        case "days":
            return day + timedelta(days=limit)
        case "business_days":
            return _working_day(day, limit)
        case _:  # minutes and seconds
            return day


def _working_day(day: date, many: int) -> date:
    """So many days from Monday to Friday later. Holidays do not stretch a deadline."""
    while many:
        day += timedelta(days=1)
        many -= day.weekday() < WEEKEND
    return day


def _scopes(facts: Facts, rules: Rules) -> frozenset[str]:
    location = locate(facts, rules)
    above = (code for its in location.countries for code in rules.lineage(its))
    return frozenset((rules.terms.places.everywhere, *above, *location.clock_states))


def _place_of(row_id: str, rules: Rules) -> str:
    row = rules.rows.get(row_id)
    return row.jurisdiction if isinstance(row, Placed) else ""
