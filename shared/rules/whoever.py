"""The verdict where a record does not tell who a person is to the law: every reading must allow.

A party or a customer state that is not known may be any of those that there are. Each is judged,
and the heaviest verdict counts, so that what is not known never opens anything.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from shared.rules.facts import Facts
from shared.rules.judging import judge, opens_at
from shared.rules.loading import Rules
from shared.rules.product import P
from shared.rules.verdict import Verdict, Weight

ROUNDS_MOST = 60  # from one opening to the next, until all readings are open at once
Opens = Callable[[Facts, datetime], datetime | None]


def judge_whoever(facts: Facts, at: datetime, rules: Rules) -> Verdict:
    """The heaviest verdict on a touch, whoever the person is; deferred until all readings allow.

    Moments are in UTC.
    """
    readings = _readings(facts, rules)
    verdicts = [judge(one, at, rules) for one in readings]
    verdict = verdicts[0] if len(verdicts) == 1 else _heaviest(verdicts)
    if verdict.verdict is not Weight.DEFER:
        return verdict
    moment = _common(readings, at, lambda one, then: _allowed(judge(one, then, rules), then))
    if moment is None:
        return Verdict(Weight.BLOCK, (*verdict.rules, P.FAIL_CLOSED))
    return verdict._replace(next_allowed=moment)


def opens_for_whoever(facts: Facts, at: datetime, rules: Rules) -> datetime | None:
    """The first moment from `at` on at which hours and caps are open, whoever the person is."""
    readings = _readings(facts, rules)
    return _common(readings, at, lambda one, then: opens_at(one, then, rules))


def _readings(facts: Facts, rules: Rules) -> Sequence[Facts]:
    values = rules.terms.values
    parties = values.parties if facts.party is None else (facts.party,)
    states = values.customer_states if facts.customer_state is None else (facts.customer_state,)
    if len(parties) == len(states) == 1:
        return (facts,)
    return [
        replace(facts, party=party, customer_state=state) for party in parties for state in states
    ]


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
    return at if verdict.verdict is Weight.ALLOW else verdict.next_allowed


def _common(readings: Sequence[Facts], at: datetime, opens: Opens) -> datetime | None:
    moment = at
    for _ in range(ROUNDS_MOST):
        openings = [opens(one, moment) for one in readings]
        latest = max((one for one in openings if one), default=None)
        if latest is None or None in openings:
            return None
        if latest == moment:
            return moment
        moment = latest.astimezone(UTC)
    return None
