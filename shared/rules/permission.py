"""Consent, preconditions and registers: what the rows ask for on each channel of a touch."""

from datetime import timedelta

from shared.rules.bases import Look
from shared.rules.case import Bound
from shared.rules.facts import Check, day_of
from shared.rules.product import P
from shared.rules.rows import Registry
from shared.rules.touch import Touch
from shared.rules.verdict import ALLOW, Findings

A_DAY = timedelta(days=1)


def judge_permission(touch: Touch, findings: Findings) -> None:
    """Every row that binds must be satisfied, and a country without one opens nothing."""
    for facet, look in touch.sides:
        if not facet.covered:
            findings.under(P.BASIS, P.FAIL_CLOSED, *touch.case.context)
        for bound in facet.rows:
            _basis(bound, look, findings)
    for facet, _ in touch.sides:
        for name, ids in facet.asked:
            if name not in touch.facts.preconditions:
                findings.under(P.PRECONDITION, *ids)
    for facet, look in touch.sides:
        for bound, registry in facet.looked_up:
            _register(registry, bound, look, touch, findings)


def _basis(bound: Bound, look: Look, findings: Findings) -> None:
    row = bound.row
    if bound.satisfied_by.hold(look, row.limits, None):
        if row.review_always:
            findings.under(P.REVIEW, *bound.ids)
        else:
            findings.add(ALLOW, bound.ids)
    elif bound.doubted_by.hold(look, row.limits, None):
        findings.under(P.REVIEW, *bound.ids)
    else:
        findings.under(P.BASIS, *look.heard.standing, *look.heard.discounted, *bound.ids)


def _register(
    registry: Registry, bound: Bound, look: Look, touch: Touch, findings: Findings
) -> None:
    checks = [its for its in touch.facts.registries if its.id == registry.id]
    check = max(checks, key=_age_of, default=None)
    if bound.exempt_by.hold(look, bound.row.limits, check):
        return
    if check is None or check.listed is None or _stale(check, registry, touch):
        findings.under(P.REGISTRY_STALE, *bound.ids, registry.id)
    if check is not None and check.listed:
        findings.under(P.REGISTRY_LISTED, *bound.ids, registry.id)


def _stale(check: Check, registry: Registry, touch: Touch) -> bool:
    if check.checked is None:
        return True
    age = touch.today - day_of(check.checked)
    # Where we are it may be tomorrow already.
    return not -A_DAY <= age <= registry.max_copy_age_days * A_DAY


def _age_of(check: Check) -> str:
    """Sorts the newest last; one without a day is the oldest."""
    return day_of(check.checked).isoformat() if check.checked else ""
