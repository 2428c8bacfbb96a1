"""Suppression, perimeter and script: what ends a touch before any law is asked."""

from datetime import datetime

from shared.rules.bases import NO_LIMITS, either
from shared.rules.consents import younger
from shared.rules.facts import Day, day_of
from shared.rules.months import add_months
from shared.rules.product import P
from shared.rules.touch import Touch
from shared.rules.verdict import ALLOW, Findings

ACTIVE = "active"


def judge_perimeter(touch: Touch, findings: Findings) -> None:
    """Opt-outs first, then who may be contacted at all, then the script."""
    facts = touch.facts
    if facts.suppressions or facts.company_dnc_request or facts.erased:
        _suppression(touch, findings)
    if facts.ever_paid is False:
        findings.under(P.PERIMETER)
    if facts.customer_state != ACTIVE:
        _silence(touch, findings)
    if facts.script_signed is False:
        findings.under(P.SCRIPT_SIGNED)
    if facts.disclosure_first is False:
        findings.under(P.DISCLOSE_FIRST)
    if facts.minor:
        findings.under(P.MINOR)
    if facts.number_reassigned_after and _handed_over(touch, facts.number_reassigned_after):
        findings.under(P.REASSIGNED)
    if facts.emergency_state and _emergency(touch, facts.emergency_state):
        findings.under(P.EMERGENCY)


def _suppression(touch: Touch, findings: Findings) -> None:
    facts = touch.facts
    standing = [rule for _, look in touch.sides for rule in look.heard.standing]
    if standing and (touch.case.marketing or facts.erased):
        for rule in standing:
            findings.under(rule)
    lifted = any(look.heard.lifted for _, look in touch.sides)
    listed = bool(standing or facts.suppressions)
    if facts.asks_for_reoptin and listed and not (lifted and not standing):
        findings.under(P.NO_REOPTIN_ASK)
    if lifted:
        findings.add(ALLOW, (P.NEWER_CONSENT,))


def _silence(touch: Touch, findings: Findings) -> None:
    """A relation that ended long ago, and places where a long silence ends marketing.

    Where both the end and the last act must be old, one of them is enough if the other is not
    known.
    """
    facts = touch.facts
    ended = facts.contract_ended or facts.last_transaction
    if ended and not facts.prior_phone_contact:
        months = touch.rules.terms.conduct.ended_months
        if day_of(ended) < add_months(touch.today, -months):
            findings.under(P.ENDED)
    for its in touch.rules.terms.silences:
        if touch.case.marketing and its.jurisdiction in touch.case.location.countries:
            known = [day_of(one) for one in (ended, *_acts(touch)) if one]
            if known and max(known) < add_months(touch.today, -its.months):
                findings.under(its.id)


def _acts(touch: Touch) -> list[Day]:
    """When the person last did something, by every account."""
    facts = touch.facts
    wrote: datetime | None = facts.last_inbound.at if facts.last_inbound else None
    acts = (facts.last_interaction, facts.last_transaction, facts.last_inquiry, wrote)
    return [one for one in acts if one]


def _handed_over(touch: Touch, since: Day) -> bool:
    """The number changed hands, and nothing surely came from the person since."""
    if not any(facet.on_a_number for facet, _ in touch.sides):
        return False
    given = [its.given for _, look in touch.sides for its in look.heard.consents if its.given]
    return not any(younger(one, since) for one in (*_acts(touch), *given))


def _emergency(touch: Touch, declared: bool | str) -> bool:  # noqa: FBT001  true: wherever it may be
    """A state of emergency where the person may be; customers and people who agreed are outside."""
    if not any(facet.on_a_number for facet, _ in touch.sides):
        return False
    conduct = touch.rules.terms.conduct
    places = set(conduct.emergency_places) & set(touch.case.location.states)
    if isinstance(declared, str):
        places = {its for its in places if its == declared or its.endswith(f"-{declared}")}
    outside = either(tuple((token,) for token in conduct.emergency_lifted_by), touch.rules.means)
    return bool(places) and not any(outside.hold(look, NO_LIMITS, None) for _, look in touch.sides)
