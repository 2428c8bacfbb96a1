"""Suppression, perimeter and script: what ends a touch before any law is asked."""

from datetime import date, datetime

from shared.rules.bases import any_holds
from shared.rules.consents import younger
from shared.rules.facts import Day, day_of
from shared.rules.months import add_months
from shared.rules.product import P
from shared.rules.touch import Touch
from shared.rules.verdict import Findings, Weight

ACTIVE = "active"


def judge_perimeter(touch: Touch, findings: Findings) -> None:
    """Opt-outs first, then who may be contacted at all, then the script."""
    _suppression(touch, findings)
    facts = touch.facts
    refused = (
        (P.PERIMETER, facts.ever_paid is False),
        (P.ENDED, _ended_long_ago(touch)),
        (P.SCRIPT_SIGNED, facts.script_signed is False),
        (P.DISCLOSE_FIRST, facts.disclosure_first is False),
        (P.MINOR, facts.minor),
        (P.REASSIGNED, _handed_over(touch)),
        (P.EMERGENCY, _emergency(touch)),
        *((rule, True) for rule in _silences(touch)),
    )
    for rule, holds in refused:
        if holds:
            findings.add(Weight.BLOCK, (rule,))


def _suppression(touch: Touch, findings: Findings) -> None:
    facts = touch.facts
    standing = [rule for side in touch.sides for rule in side.heard.standing]
    if standing and (touch.marketing or facts.erased):
        findings.add(Weight.BLOCK, standing)
    lifted = any(side.heard.lifted for side in touch.sides)
    listed = bool(standing or facts.suppressions)
    if facts.asks_for_reoptin and listed and not (lifted and not standing):
        findings.add(Weight.BLOCK, (P.NO_REOPTIN_ASK,))
    if lifted:
        findings.add(Weight.ALLOW, (P.NEWER_CONSENT,))


def _ended(touch: Touch) -> date | None:
    """When the paid relation ended, as far as is known; None while it runs."""
    facts = touch.facts
    ended = facts.contract_ended or facts.last_transaction
    return day_of(ended) if ended and facts.customer_state != ACTIVE else None


def _ended_long_ago(touch: Touch) -> bool:
    ended = _ended(touch)
    if ended is None or touch.facts.prior_phone_contact:
        return False
    return ended < add_months(touch.today, -touch.rules.terms.conduct.ended_months)


def _silences(touch: Touch) -> list[str]:
    """Places where a long silence ends marketing. One known date that is too old is enough."""
    if not touch.marketing or touch.facts.customer_state == ACTIVE:
        return []
    known = [day_of(one) for one in (_ended(touch), *_acts(touch)) if one]
    return [
        its.id
        for its in touch.rules.terms.silences
        if its.jurisdiction in touch.location.countries
        and known
        and max(known) < add_months(touch.today, -its.months)
    ]


def _acts(touch: Touch) -> list[Day]:
    """When the person last did something, by every account."""
    facts = touch.facts
    wrote: datetime | None = facts.last_inbound.at if facts.last_inbound else None
    acts = (facts.last_interaction, facts.last_transaction, facts.last_inquiry, wrote)
    return [one for one in acts if one]


def _handed_over(touch: Touch) -> bool:
    """The number changed hands, and nothing surely came from the person since."""
    handed_over = touch.facts.number_reassigned_after
    if handed_over is None or not any(side.facet.on_a_number for side in touch.sides):
        return False
    given = [its.given for side in touch.sides for its in side.heard.consents if its.given]
    return not any(younger(one, handed_over) for one in (*_acts(touch), *given))


def _emergency(touch: Touch) -> bool:
    """A state of emergency where the person may be; customers and people who agreed are outside."""
    declared = touch.facts.emergency_state
    if not declared or not any(side.facet.on_a_number for side in touch.sides):
        return False
    conduct = touch.rules.terms.conduct
    places = set(conduct.emergency_places) & set(touch.location.states)
    if isinstance(declared, str):
        places = {its for its in places if its == declared or its.endswith(f"-{declared}")}
    outside = tuple((token,) for token in conduct.emergency_lifted_by)
    return bool(places) and not any(
        any_holds(outside, touch.rules.means, side.look) for side in touch.sides
    )
