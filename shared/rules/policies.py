"""Rules of a channel's provider, as far as they decide about a single touch."""

from collections.abc import Callable

from shared.rules.case import CATEGORY, ELSEWHERE, MARKETING, OPT_IN, TEMPLATE
from shared.rules.faults import PLATFORM
from shared.rules.touch import Touch
from shared.rules.verdict import BLOCK, Findings

UTILITY = "utility"


def judge_policies(touch: Touch, findings: Findings) -> None:
    """Each policy in force that this touch breaks blocks it."""
    for policy in touch.case.policies:
        if BROKEN[policy.engine_action](touch):
            findings.add(BLOCK, (*touch.case.location.context, policy.id))


def _without_opt_in(touch: Touch) -> bool:
    for facet, look in touch.sides:
        for bound in facet.rows:
            if bound.row.kind != PLATFORM:
                continue
            if not bound.satisfied_by.hold(look, bound.row.limits, None):
                return True
    return False


def _without_template(touch: Touch) -> bool:
    return not touch.wrote and _template(touch) is None


def _marketing_template(touch: Touch) -> bool:
    return _template(touch) == MARKETING


def _filed_wrongly(touch: Touch) -> bool:
    return (
        touch.case.marketing
        and touch.facts.wa_template_category not in (None, MARKETING)
        and _template(touch) is not None
    )


def _template(touch: Touch) -> str | None:
    """The category of the template that this touch has to be; None when it is free text.

    Whatever category is given, a persuasive message is a marketing template.
    """
    given = touch.facts.wa_template_category
    if given is None:
        if touch.wrote:
            return None
    elif given not in touch.rules.terms.values.template_categories:
        return None
    return MARKETING if touch.case.marketing else given or UTILITY


BROKEN: dict[str, Callable[[Touch], bool]] = {
    OPT_IN: _without_opt_in,
    TEMPLATE: _without_template,
    ELSEWHERE: _marketing_template,
    CATEGORY: _filed_wrongly,
}
