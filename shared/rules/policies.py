"""Rules of a channel's provider, as far as they decide about a single touch."""

from shared.rules import case
from shared.rules.case import MARKETING
from shared.rules.faults import PLATFORM
from shared.rules.touch import Touch
from shared.rules.verdict import Findings, Weight

UTILITY = "utility"


def judge_policies(touch: Touch, findings: Findings) -> None:
    """Each policy in force that this touch breaks blocks it."""
    if not touch.case.policies:
        return
    template = _template(touch)
    for policy in touch.case.policies:
        if _broken(policy.engine_action, template, touch):
            findings.add(Weight.BLOCK, (*touch.location.context, policy.id))


def _broken(action: str, template: str | None, touch: Touch) -> bool:
    match action:
        case case.OPT_IN:
            return not _opted_in(touch)
        case case.TEMPLATE:
            return template is None and not touch.wrote
        case case.ELSEWHERE:
            return template == MARKETING
        case _:
            given = touch.facts.wa_template_category
            return touch.marketing and template is not None and given not in (None, MARKETING)


def _opted_in(touch: Touch) -> bool:
    return all(
        bound.satisfied_by.hold(look, bound.row.limits)
        for facet, look in touch.sides
        for bound in facet.rows
        if bound.row.kind == PLATFORM
    )


def _template(touch: Touch) -> str | None:
    """The category of the template that this touch has to be; None when it is free text.

    Whatever category is given, a persuasive message is a marketing template.
    """
    given = touch.facts.wa_template_category
    if given is None and touch.wrote:
        return None
    if given is not None and given not in touch.rules.terms.values.template_categories:
        return None
    return MARKETING if touch.marketing else given or UTILITY
