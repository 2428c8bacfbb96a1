"""May this channel be used for this contact, now, later or not at all, and why.

What can be used at all follows from the record: a number, a mailbox, WhatsApp on the number. What
may be used, the contact rules say, of the facts that the record gives them. What it does not tell
opens nothing. A script is taken as signed here: that is looked at before each message.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache

from services.triage.reasons import SENTENCES, Code
from services.triage.records import Record
from services.triage.segments import is_customer
from shared.events import ChannelVerdict, Consent
from shared.rules import facts as law
from shared.rules.bases import SALE_PARTS
from shared.rules.case import MARKETING
from shared.rules.facts import Facts, about
from shared.rules.loading import rules_in_force
from shared.rules.product import P
from shared.rules.verdict import Verdict, Weight
from shared.rules.whoever import judge_whoever
from shared.words import Basis, Channel, Goal, LineType, Openness, Status

CHANNELS = tuple(Channel)
VERDICTS_KEPT = 4096
CONSENTS_KEPT = 4096
ON_A_NUMBER = frozenset({Channel.WHATSAPP, Channel.SMS, Channel.VOICE})
BALANCED = "lia_done"  # among what is set up: the balance of interests is written down
# Numbers that begin with +1: nobody can tell mobiles from landlines.
PLUS_ONE = frozenset({
    "AG", "AI", "AS", "BB", "BM", "BS", "CA", "DM", "DO", "GD", "GU", "JM", "KN", "KY", "LC", "MP",
    "MS", "PR", "SX", "TC", "TT", "US", "VC", "VG", "VI",
})  # fmt: skip
KINDS = {Basis.WRITTEN_CONSENT: "pewc", Basis.EXPRESS_CONSENT: "explicit_optin"}
STATES = {Status.ACTIVE: "active", Status.CHURNED: "lapsed", Status.TRIAL: "inquiry"}
# A module or a seat more is like what was bought; all else is about the thing itself.
SIMILAR = frozenset({Goal.CROSS_SELL, Goal.UPSELL})

OF_THE_RECORD = (
    Code.CHANNEL_NOT_INSTALLED,
    Code.NO_MAILBOX,
    Code.NO_NUMBER,
    Code.NOT_A_MOBILE,
    Code.NOT_ON_WHATSAPP,
    Code.DISPOSABLE_MAILBOX,
    Code.FICTIONAL_NUMBER,
)
# What a rule of the product that decided says to a founder; the first one that is there counts.
MEANING = {
    P.PERIMETER: Code.NO_CUSTOMER,
    P.ENDED: Code.ENDED_LONG_AGO,
    P.NO_PROOF: Code.NO_PROOF,
    P.BASIS: Code.NO_BASIS,
    P.PRECONDITION: Code.NOT_SET_UP,
    P.REGISTRY_STALE: Code.REGISTER_NOT_ASKED,
    P.REGISTRY_LISTED: Code.REGISTER_LISTED,
    P.REVIEW: Code.NEEDS_REVIEW,
    P.FAIL_CLOSED: Code.NO_COMMON_HOUR,
}
LIGHT = {Weight.ALLOW: Code.PERMITTED, Weight.DEFER: Code.QUIET_HOURS}
MISSING = {"country": Code.COUNTRY_UNKNOWN, "tz": Code.ZONE_UNKNOWN}


def permissions(
    record: Record, facts: Facts, refused: Mapping[Channel, Code], now: datetime
) -> dict[Channel, ChannelVerdict]:
    """The verdict on every channel. `refused`: those that are closed anyway, and why."""
    return {
        channel: _verdict(record, facts, channel, refused.get(channel), now) for channel in CHANNELS
    }


def facts_of(
    record: Record, refused: Collection[Channel], goal: Goal | None, set_up: Collection[str]
) -> Facts:
    """What the contact rules ask of a record; the channel and the script are the touch's own.

    `refused` are the channels that somebody's wish closes, `set_up` the preconditions that are met.
    """
    its, account, phone = record.facts, record.facts.account, record.phone
    agreed = tuple(map(_consent, (one for one in its.consents if one.basis in KINDS)))
    sold = any(one.basis is Basis.SOFT_OPT_IN and one.proof for one in its.consents)
    customer = is_customer(account)
    return Facts(
        country=its.country or None,
        region=its.state or None,
        area_code_region=its.number_state or None,
        also_country=(phone.region,) if phone and phone.region != its.country else (),
        tz=its.zones,
        party=its.party.value if its.party else None,
        line_type=phone.line.value if phone else None,
        purpose=MARKETING,
        customer_state=STATES[account.status] if account.status else None,
        ever_paid=customer or account.ever_paid,
        contract_ended=None if account.status is Status.ACTIVE else account.churned_on,
        last_transaction=_newest(account.paid_on, account.invoiced_on),
        last_interaction=_newest(account.last_login_on, account.talked_on, account.ticket_on),
        prior_phone_contact=account.spoke_by_phone,
        offer_relation="similar" if goal in SIMILAR else "same",
        consents=agreed,
        soft_optin=SALE_PARTS if sold and customer else frozenset(),
        lia_done=BALANCED in set_up,
        suppressions=tuple(_suppressions(refused)),
        preconditions=frozenset(set_up) - {BALANCED},
    )


def _newest(*days: date | None) -> date | None:
    return max(filter(None, days), default=None)


@lru_cache(CONSENTS_KEPT)
def _consent(its: Consent) -> law.Consent:
    return law.Consent(
        kind=KINDS[its.basis],
        channels=tuple(channel.value for channel in its.channels),
        given=its.given_on,
        proof=its.proof,
        by_person=its.by_person,
        other_seller=its.other_seller,
    )


def _suppressions(refused: Collection[Channel]) -> Iterable[law.Suppression]:
    if set(refused) == set(CHANNELS):
        return (law.Suppression(scope="all"),)
    return (
        law.Suppression(scope="channel", channel=channel.value)
        for channel in CHANNELS
        if channel in refused
    )


def _verdict(
    record: Record, facts: Facts, channel: Channel, refused: Code | None, now: datetime
) -> ChannelVerdict:
    code = _no_way(record, channel) or refused or _unfit(record, channel)
    if code in CLOSED:
        return CLOSED[code]
    touch = about(facts, channel=channel.value, script_signed=True, disclosure_first=True)
    verdict = judge_whoever(touch, now, rules_in_force())
    return said(code or _code(verdict), verdict)


def _no_way(record: Record, channel: Channel) -> Code | None:
    """There is nothing to use the channel with."""
    if channel is Channel.VOICE:
        return Code.CHANNEL_NOT_INSTALLED
    if channel is Channel.EMAIL:
        return None if record.mailbox else Code.NO_MAILBOX
    return None if record.phone else Code.NO_NUMBER


def _unfit(record: Record, channel: Channel) -> Code | None:
    """The number cannot be used in this way."""
    phone = record.phone
    if phone is None or channel is Channel.EMAIL:
        return None
    untold = phone.line is LineType.UNKNOWN and phone.region in PLUS_ONE
    if phone.line is not LineType.MOBILE and not untold:
        return Code.NOT_A_MOBILE
    return Code.NOT_ON_WHATSAPP if channel is Channel.WHATSAPP and not phone.whatsapp else None


def _code(verdict: Verdict) -> Code:
    """What the verdict says, in one word."""
    if verdict.verdict in LIGHT:
        return LIGHT[verdict.verdict]
    if verdict.missing:
        return next((MISSING[one] for one in verdict.missing if one in MISSING), Code.NO_CUSTOMER)
    found = (code for rule, code in MEANING.items() if rule in verdict.rules)
    return next(found, Code.CHANNEL_POLICY)


@lru_cache(VERDICTS_KEPT)
def said(code: Code, verdict: Verdict) -> ChannelVerdict:
    """Kept, because thousands of contacts of one moment differ in little else."""
    openness = {Code.PERMITTED: Openness.OPEN, Code.QUIET_HOURS: Openness.DEFERRED}
    return ChannelVerdict(
        openness=openness.get(code, Openness.CLOSED),
        code=code,
        sentence=SENTENCES[code],
        opens_at=verdict.next_allowed if code is Code.QUIET_HOURS else None,
        rules=verdict.rules,
    )


CLOSED = {
    code: ChannelVerdict(openness=Openness.CLOSED, code=code, sentence=SENTENCES[code])
    for code in OF_THE_RECORD
}
