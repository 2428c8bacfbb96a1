"""Consent, preconditions and registers: what the rows ask for on each channel of a touch."""

from datetime import timedelta

from shared.rules.bases import any_holds
from shared.rules.facts import Check, day_of
from shared.rules.product import P
from shared.rules.rows import ConsentRule, Registry
from shared.rules.touch import Side, Touch
from shared.rules.verdict import Findings, Weight


def judge_permission(touch: Touch, findings: Findings) -> None:
    """Every row that binds must be satisfied, and a country without one opens nothing."""
    rows = [(row, side) for side in touch.sides for row in side.facet.rows]
    if not all(side.facet.covered for side in touch.sides):
        findings.add(Weight.BLOCK, (P.FAIL_CLOSED, *touch.context, P.BASIS))
    for row, side in rows:
        findings.add(*_basis(row, side, touch))
    for row, _ in rows:
        for name in row.unmet(touch.facts.preconditions):
            findings.add(Weight.BLOCK, (*_broken(name, touch), row.id, P.PRECONDITION))
    for row, side in rows:
        for name in row.registries:
            findings.add(*_register(name, row, side, touch))


def _basis(row: ConsentRule, side: Side, touch: Touch) -> tuple[Weight, tuple[str, ...]]:
    means, look = touch.rules.means, side.look
    if any_holds(row.any_of, means, look, row.limits):
        if row.review_always:
            return Weight.REVIEW, (*touch.context, row.id, P.REVIEW)
        return Weight.ALLOW, (*touch.context, row.id)
    if any_holds(row.doubtful, means, look, row.limits):
        return Weight.REVIEW, (*touch.context, row.id, P.REVIEW)
    why = (*side.heard.standing, *side.heard.discounted)
    return Weight.BLOCK, (*touch.context, *why, row.id, P.BASIS)


def _broken(precondition: str, touch: Touch) -> list[str]:
    """The policies of the channel that fall with a precondition."""
    answered = touch.rules.terms.policies.get(precondition, ())
    return [its.id for its in touch.case.policies if its.id in answered]


def _register(
    name: str, row: ConsentRule, side: Side, touch: Touch
) -> tuple[Weight, tuple[str, ...]]:
    registry = touch.rules.registries.get(name)
    if registry is None or not _concerns(registry, side, touch):
        return Weight.ALLOW, ()
    checks = [its for its in touch.facts.registries if its.id == name]
    check = max(checks, key=_age_of, default=None)
    if any_holds(row.registry_exempt, touch.rules.means, side.look, row.limits, check):
        return Weight.ALLOW, ()
    ids: tuple[str, ...] = ()
    if check is None or check.listed is None or _stale(check, registry, touch):
        ids = (P.REGISTRY_STALE,)
    if check is not None and check.listed:
        ids = (*ids, P.REGISTRY_LISTED)
    return (Weight.BLOCK, (*touch.context, row.id, name, *ids)) if ids else (Weight.ALLOW, ())


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
