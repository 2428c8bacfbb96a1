"""The contact rules over many contacts: every channel of each, beside a loop of the least there is.

The contacts are drawn from a seed: countries, parties, lines, dates, consents, attempts and
registers as a founder's list has them. The bare loop finds what was compiled for a touch under the
key of all that selects rows, looks for a consent that names the channel, and makes a verdict.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from shared.rules.facts import Attempt, Check, Consent, Facts
from shared.rules.judging import judge
from shared.rules.loading import rules_in_force
from shared.rules.verdict import Verdict, Weight

CONTACTS, SEED = 50_000, 7
SLICE = 1_000
AT = datetime(2026, 12, 8, 15, tzinfo=UTC)
CHANNELS = ("whatsapp", "sms", "voice", "email")
STATES = ("OH", "FL", "TX", "CA", "NY", "GA", "WA", "IL", "PA", "LA", None)
COUNTRIES = ("GB", "DE", "FR", "ES", "LT", "NL", "CA", "AU", "BR", "JP")
ZONES = {
    "US": "America/New_York",
    "GB": "Europe/London",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "ES": "Europe/Madrid",
    "LT": "Europe/Vilnius",
    "NL": "Europe/Amsterdam",
    "AU": "Australia/Sydney",
    "JP": "Asia/Tokyo",
}
SALE = frozenset({"details_from_sale", "optout_offered_at_collection", "optout_in_every_message"})
READY = frozenset({"email_postal_address", "email_unsubscribe", "us_a2p_registered"})


def contact(draw: Random) -> Facts:
    """One customer of a list, without a channel."""
    american = draw.random() < 0.5
    country = "US" if american else draw.choice(COUNTRIES)
    zone = ZONES.get(country) if draw.random() < 0.9 else None
    kinds = draw.sample(("pewc", "explicit_optin", "call_optin"), draw.choice((0, 0, 1, 1, 2)))
    return Facts(
        country=country,
        region=draw.choice(STATES) if american else None,
        tz=(zone,) if zone else (),
        party=draw.choice(("consumer", "consumer", "business", "sole_trader")),
        line_type=draw.choice(("mobile", "mobile", "landline", "unknown")),
        purpose="marketing",
        customer_state=draw.choice(("active", "lapsed")),
        offer_relation="similar",
        ever_paid=True,
        script_signed=True,
        disclosure_first=True,
        last_transaction=date(2025, 6, 1) + timedelta(days=draw.randrange(540)),
        consents=tuple(
            Consent(
                kind=kind,
                channels=("sms", "voice", "whatsapp", "email"),
                given=date(2025, 1, 1) + timedelta(days=draw.randrange(600)),
                proof=draw.random() < 0.8,
            )
            for kind in kinds
        ),
        soft_optin=SALE if draw.random() < 0.5 else frozenset(),
        lia_done=draw.random() < 0.3,
        registries=(Check(id="US-NDNC", listed=draw.random() < 0.1, checked=date(2026, 12, 1)),)
        if american
        else (),
        attempts=tuple(
            Attempt(channel=draw.choice(CHANNELS), at=AT - timedelta(hours=draw.randrange(900)))
            for _ in range(draw.choice((0, 0, 0, 1, 2)))
        ),
        preconditions=READY,
    )


def figures() -> dict[str, float]:
    """Contacts judged on every channel, and contacts looked up, per second of process CPU.

    Each is the best slice of a thousand: the machine has other things to do.
    """
    draw, rules = Random(SEED), rules_in_force()
    contacts = [contact(draw) for _ in range(CONTACTS)]
    touches = [
        [replace(its, channel=one, call_kind="ai_voice") for one in CHANNELS] for its in contacts
    ]

    def judged(part: Iterable[list[Facts]]) -> None:
        for its in part:
            for one in its:
                judge(one, AT, rules)

    known: dict[object, tuple[str, ...]] = {}

    def looked_up(part: Iterable[list[Facts]]) -> None:
        for its in part:
            for one in its:
                key = (
                    AT,
                    one.country,
                    one.region,
                    one.tz,
                    one.channel,
                    one.call_kind,
                    one.party,
                    one.line_type,
                    one.customer_state,
                    one.purpose,
                )
                rows = known.setdefault(key, ("CR",))
                agreed = any(one.channel in given.channels for given in one.consents)
                Verdict(Weight.ALLOW if agreed else Weight.BLOCK, rows)

    judged(touches)
    return {
        "contacts_per_cpu_second": rate(judged, touches),
        "bare_contacts_per_cpu_second": rate(looked_up, touches),
    }


def rate(work: Callable[[Iterable[list[Facts]]], None], touches: list[list[Facts]]) -> float:
    best = 0.0
    for start in range(0, len(touches), SLICE):
        part = touches[start : start + SLICE]
        began = time.process_time()
        work(part)
        best = max(best, len(part) / (time.process_time() - began))
    return round(best)
