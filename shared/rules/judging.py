"""May this touch leave? One pure function over facts, a moment and dated rules.

All checks run, in the order of the README beside the rule data: facts, suppression, perimeter and
script, policies of the channel, consent, preconditions, registers, hours, caps, sequence. The
heaviest finding wins, and the rules that led to it are named. What is needed and not known never
allows.
"""

from datetime import datetime

from shared.rules.facts import Facts
from shared.rules.loading import Rules
from shared.rules.perimeter import judge_perimeter
from shared.rules.permission import judge_permission
from shared.rules.policies import judge_policies
from shared.rules.product import P
from shared.rules.timing import judge_time, next_allowed
from shared.rules.touch import Touch
from shared.rules.verdict import Findings, Verdict, Weight


def judge(facts: Facts, at: datetime, rules: Rules) -> Verdict:
    """The verdict on one touch at an aware moment. Pure and total."""
    touch = Touch.of(facts, at, rules)
    findings = Findings(rules.weights)
    missing = _missing(touch)
    if missing:
        findings.under(P.FAIL_CLOSED)
    judge_perimeter(touch, findings)
    judge_policies(touch, findings)
    judge_permission(touch, findings)
    judge_time(touch, findings)
    opens_at = None
    if findings.weight is Weight.DEFER:
        opens_at = next_allowed(touch)
        if opens_at is None:  # its windows have no moment in common: waiting is no answer
            findings.weight = Weight.BLOCK
            findings.ids.append(P.FAIL_CLOSED)
    return Verdict(findings.weight, tuple(dict.fromkeys(findings.ids)), opens_at, missing)


def opens_at(facts: Facts, at: datetime, rules: Rules) -> datetime | None:
    """The first moment from `at` on at which hours, caps and waits are over; None when never.

    Nothing else is asked: this is for what may be said anyway.
    """
    touch = Touch.of(facts, at, rules)
    findings = Findings(rules.weights)
    judge_time(touch, findings)
    return at if findings.weight is Weight.ALLOW else next_allowed(touch)


def _missing(touch: Touch) -> tuple[str, ...]:
    """The facts that are needed whatever the rows say, and not known."""
    facts = touch.facts
    missing = [*touch.case.missing]
    if facts.ever_paid is None:
        missing.append("ever_paid")
    if facts.script_signed is None:
        missing.append("script_signed")
    if facts.disclosure_first is None:
        missing.append("disclosure_first")
    return tuple(missing)
