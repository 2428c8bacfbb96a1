"""The verdict where a record does not tell who a person is to the law: every reading must allow.

A party or a customer state that is not known may be any of those that there are. Each is judged,
and the heaviest verdict counts, so that what is not known never opens anything. Of parties for
which the same rows bind one is enough.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from shared.rules.binding import bind
from shared.rules.case import Case
from shared.rules.facts import Facts, about
from shared.rules.judging import judge, opens_at
from shared.rules.loading import Rules
from shared.rules.occasion import is_marketing
from shared.rules.places import locate
from shared.rules.product import P
from shared.rules.rows import Names
from shared.rules.verdict import ALLOW, BLOCK, DEFER, Verdict

PARTIES = "parties"  # the condition of a basis that asks for the party
ROUNDS_MOST = 60  # from one opening to the next, until all readings are open at once
Opens = Callable[[Facts, datetime], datetime | None]


def judge_whoever(facts: Facts, at: datetime, rules: Rules) -> Verdict:
    """The heaviest verdict on a touch, whoever the person is; deferred until all readings allow.

    Moments are in UTC.
    """
    verdicts = [judge(one, at, rules) for one in _readings(facts, at, rules)]
    verdict = verdicts[0] if len(verdicts) == 1 else _heaviest(verdicts)
    if verdict.verdict is not DEFER:
        return verdict
    moment = _common(facts, at, rules, lambda one, then: _allowed(judge(one, then, rules), then))
    if moment is None:
        return Verdict(BLOCK, (*verdict.rules, P.FAIL_CLOSED))
    return verdict._replace(next_allowed=moment)


def opens_for_whoever(facts: Facts, at: datetime, rules: Rules) -> datetime | None:
    """The first moment from `at` on at which hours and caps are open, whoever the person is."""
    return _common(facts, at, rules, lambda one, then: opens_at(one, then, rules))


def _readings(facts: Facts, at: datetime, rules: Rules) -> Sequence[Facts]:
    """What the person may be; the facts themselves when that is known."""
    if facts.party is not None and facts.customer_state is not None:
        return (facts,)
    state = facts.customer_state
    states = (state,) if state is not None else rules.terms.values.customer_states
    return [
        about(facts, party=party, customer_state=state)
        for state in states
        for party in ((facts.party,) if facts.party else _parties(facts, state, at, rules))
    ]


def _parties(facts: Facts, state: str, at: datetime, rules: Rules) -> Names:
    """One of all parties for which the same rows bind, compiled once for all that selects rows."""
    location, marketing = locate(facts, rules), is_marketing(facts)
    days = location.days(at)
    key = (
        location,
        days,
        state,
        facts.channel,
        facts.call_kind,
        facts.line_type,
        facts.purpose,
        marketing,
    )
    known: Names | None = rules.memo.get(key)
    if known is None:
        found: dict[object, str] = {}
        for party in rules.terms.values.parties:
            reading = about(facts, party=party, customer_state=state)
            case = bind(reading, location, days, rules, marketing=marketing)
            found.setdefault(_binding(case) or party, party)
        known = rules.remember(key, tuple(found.values()))
    return known


def _binding(case: Case) -> object:
    """The rows of a case; None where the verdict asks for the party beside them."""
    rows = tuple(bound for facet in case.facets for bound in facet.rows)
    means = (its for one in rows for its in (one.satisfied_by, one.doubted_by, one.exempt_by))
    registers = any(facet.looked_up for facet in case.facets)
    if registers or any(PARTIES in its.asks for its in (*means, *case.lifted_by.values())):
        return None
    covered = tuple(facet.covered for facet in case.facets)
    return tuple(one.row for one in rows), covered, case.windows, case.caps, case.policies


def _heaviest(verdicts: Sequence[Verdict]) -> Verdict:
    """The rules, and what is missing, of all that weigh the most."""
    weight = max((one.verdict for one in verdicts), key=lambda its: its.rank)
    those = [one for one in verdicts if one.verdict is weight]
    return Verdict(
        weight,
        _each(id_ for one in those for id_ in one.rules),
        missing=_each(name for one in those for name in one.missing),
    )


def _each(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _allowed(verdict: Verdict, at: datetime) -> datetime | None:
    return at if verdict.verdict is ALLOW else verdict.next_allowed


def _common(facts: Facts, at: datetime, rules: Rules, opens: Opens) -> datetime | None:
    """The first moment at which all readings are open; which there are may change with the day."""
    moment = at
    for _ in range(ROUNDS_MOST):
        openings = [opens(one, moment) for one in _readings(facts, moment, rules)]
        latest = max((one for one in openings if one), default=None)
        if latest is None or None in openings:
            return None
        if latest == moment:
            return moment
        moment = latest.astimezone(UTC)
    return None
