"""May this touch leave? One pure function over facts, a moment and dated rules.

All checks run, in the order of the README beside the rule data: facts, suppression, perimeter and
script, policies of the channel, consent, preconditions, registers, hours, caps, sequence. The
heaviest finding wins, and the rules that led to it are named. What is needed and not known never
allows.
"""

from datetime import datetime
from functools import lru_cache

from shared.rules.facts import Facts
from shared.rules.loading import Rules
from shared.rules.perimeter import judge_perimeter
from shared.rules.permission import judge_permission
from shared.rules.policies import judge_policies
from shared.rules.product import P
from shared.rules.rows import Names
from shared.rules.timing import judge_time, next_allowed
from shared.rules.touch import Touch
from shared.rules.verdict import ALLOW, BLOCK, DEFER, Findings, Verdict, Weight

VERDICTS_KEPT = 4096
NEEDED = ("ever_paid", "script_signed", "disclosure_first")  # whatever the rows say


def judge(facts: Facts, at: datetime, rules: Rules) -> Verdict:
    """The verdict on one touch at an aware moment. Pure and total."""
    touch = Touch.of(facts, at, rules)
    findings = Findings(rules.weights)
    missing = touch.case.missing
    if None in (facts.ever_paid, facts.script_signed, facts.disclosure_first):
        missing += tuple(name for name in NEEDED if getattr(facts, name) is None)
    if missing:
        findings.under(P.FAIL_CLOSED)
    judge_perimeter(touch, findings)
    judge_policies(touch, findings)
    judge_permission(touch, findings)
    judge_time(touch, findings)
    opens_at = None
    if findings.weight is DEFER:
        opens_at = next_allowed(touch)
        if opens_at is None:  # its windows have no moment in common: waiting is no answer
            findings.weight = BLOCK
            findings.ids.append(P.FAIL_CLOSED)
    verdict = _verdict(findings.weight, tuple(findings.ids), missing)
    return verdict._replace(next_allowed=opens_at) if opens_at else verdict


@lru_cache(VERDICTS_KEPT)
def _verdict(weight: Weight, ids: Names, missing: Names) -> Verdict:
    """Kept, because thousands of touches are judged alike."""
    return Verdict(weight, tuple(dict.fromkeys(ids)), missing=missing)


def opens_at(facts: Facts, at: datetime, rules: Rules) -> datetime | None:
    """The first moment from `at` on at which hours, caps and waits are over; None when never.

    Nothing else is asked: this is for what may be said anyway.
    """
    touch = Touch.of(facts, at, rules)
    findings = Findings(rules.weights)
    judge_time(touch, findings)
    return at if findings.weight is ALLOW else next_allowed(touch)
