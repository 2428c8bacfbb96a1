"""Rules of a channel's provider, as far as they decide about a single touch."""

from shared.rules.bases import any_holds
from shared.rules.binding import MARKETING
from shared.rules.duties import (
    Policy,
)
from shared.rules.faults import PLATFORM
from shared.rules.touch import Touch
from shared.rules.verdict import Findings, Weight

UTILITY = "utility"


def judge_policies(touch: Touch, findings: Findings) -> None:
    """Each policy in force that this touch breaks blocks it."""
    for policy in touch.case.policies:
        if _breaks(policy, touch):
            findings.add(Weight.BLOCK, (*touch.location.context, policy.id))


def _breaks(policy: Policy, touch: Touch) -> bool:
    match policy.engine_action:
        case "block_without_opt_in":
            return not _opted_in(touch)
        case "template_or_wait":
            return _template(touch) is None and not touch.wrote
        case "route_to_other_channel":
            return _template(touch) == MARKETING
        case "lint_category":
            given = touch.facts.wa_template_category
            return (
                touch.marketing and _template(touch) is not None and given not in (None, MARKETING)
            )
        case _:  # for those who write templates, pace campaigns or set up senders
            return False


def _opted_in(touch: Touch) -> bool:
    return all(
        any_holds(row.any_of, touch.rules.means, side.look, row.limits)
        for side in touch.sides
        for row in side.facet.rows
        if row.kind == PLATFORM
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
