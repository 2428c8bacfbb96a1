"""Consent, preconditions and registers: what the rows ask for on each channel of a touch."""

from datetime import timedelta

from shared.rules.binding import Bound
from shared.rules.facts import Check, day_of
from shared.rules.product import P
from shared.rules.rows import Registry
from shared.rules.touch import Side, Touch
from shared.rules.verdict import Findings, Weight


def judge_permission(touch: Touch, findings: Findings) -> None:
    """Every row that binds must be satisfied, and a country without one opens nothing."""
    for side in touch.sides:
        if not side.facet.covered:
            findings.under(P.BASIS, P.FAIL_CLOSED, *touch.case.context)
        for bound in side.facet.rows:
            _basis(bound, side, findings)
    for side in touch.sides:
        for bound, name in side.facet.asked:
            if name not in touch.facts.preconditions:
                findings.under(P.PRECONDITION, *_broken(name, touch), bound.row.id)
    for side in touch.sides:
        for bound, name in side.facet.looked_up:
            _register(name, bound, side, touch, findings)


def _basis(bound: Bound, side: Side, findings: Findings) -> None:
    row, look = bound.row, side.look
    if bound.satisfied_by.hold(look, row.limits):
        if row.review_always:
            findings.under(P.REVIEW, *bound.ids)
        else:
            findings.add(Weight.ALLOW, bound.ids)
    elif bound.doubted_by.hold(look, row.limits):
        findings.under(P.REVIEW, *bound.ids)
    else:
        findings.under(P.BASIS, *side.heard.standing, *side.heard.discounted, *bound.ids)


def _broken(precondition: str, touch: Touch) -> list[str]:
    """The policies of the channel that fall with a precondition."""
    answered = touch.rules.terms.policies.get(precondition, ())
    scopes = (*touch.location.states, *touch.location.countries)
    return [
        its.id
        for its in touch.rules.policies
        if its.id in answered and its.scope in scopes and its.in_force(touch.today, touch.today)
    ]


def _register(name: str, bound: Bound, side: Side, touch: Touch, findings: Findings) -> None:
    registry = touch.rules.registries.get(name)
    if registry is None or not _concerns(registry, side, touch):
        return
    checks = [its for its in touch.facts.registries if its.id == name]
    check = max(checks, key=_age_of, default=None)
    if bound.exempt_by.hold(side.look, bound.row.limits, check):
        return
    if check is None or check.listed is None or _stale(check, registry, touch):
        findings.under(P.REGISTRY_STALE, *bound.ids, name)
    if check is not None and check.listed:
        findings.under(P.REGISTRY_LISTED, *bound.ids, name)


def _concerns(registry: Registry, side: Side, touch: Touch) -> bool:
    """A register is for certain channels and parties, while it exists."""
    party = touch.facts.party
    return (
        side.facet.channel in registry.channels
        and (party is None or party in registry.parties)
        and registry.in_force(touch.today, touch.today)
    )


def _stale(check: Check, registry: Registry, touch: Touch) -> bool:
    if check.checked is None:
        return True
    age = touch.today - day_of(check.checked)
    return not timedelta() <= age <= timedelta(days=registry.max_copy_age_days)


def _age_of(check: Check) -> str:
    """Sorts the newest last; one without a day is the oldest."""
    return day_of(check.checked).isoformat() if check.checked else ""
