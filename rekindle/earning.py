"""What an easier reading of the law would open, what today's rules open, and how to earn the rest.

Outreach to one's own customers is often sold with the easier reading: an opt-in, or a paid relation
that lasts or ended within 18 months, is enough for every channel; in Britain a customer who could
refuse from the start. It is a comparison for the founder, and decides nothing. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from services.triage.reasons import Code
from shared.events import ChannelVerdict, ContactTriaged
from shared.rules.loading import Rules
from shared.rules.months import add_months
from shared.rules.rows import Basis, ConsentRule, Precondition
from shared.words import Channel, Openness, Reason

RELATED_MONTHS = 18
REFUSES = "GB"  # where a customer must have been able to refuse
# A wish, or nothing to use the channel with: no reading opens it.
SHUT: frozenset[str] = frozenset(
    {
        Code.OPTED_OUT, Code.NUMBER_OPTED_OUT, Code.SUPPRESSED, Code.CHANNEL_NOT_INSTALLED,
        Code.NO_NUMBER, Code.NO_MAILBOX, Code.NOT_A_MOBILE, Code.NOT_ON_WHATSAPP,
    }
)  # fmt: skip
# What each basis takes, in a founder's words; an empty one is no way of its own.
EARNED_BY = {
    "explicit_optin": "an opt-in that names this channel, with its day and its wording",
    "pewc": "a written agreement to automated marketing texts, with its day and its wording",
    "soft_optin": "proof that the customer could refuse at signup and in every message since",
    "legit_interest": "a balance of interests in writing (`SET_UP=lia_done`)",
    "wa_optin": "",  # which an opt-in that names the channel is, too
    "wa_inbound_24h": "",
}
REMEDIES: dict[str, str] = {
    Code.CHANNEL_POLICY: "Nothing: the channel's own terms forbid it. Another channel has to do.",
    Code.NEEDS_REVIEW: "A lawyer's word on this country, and a decision that is kept.",
    Code.ENDED_LONG_AGO: "A phone contact on record, or a corrected date of leaving.",
    Code.REGISTER_NOT_ASKED: "A fresh look into the do-not-call register.",
    Code.REGISTER_LISTED: "An opt-in that is younger than the entry in the register.",
    Code.COUNTRY_UNKNOWN: "The contact's country in the file.",
    Code.ZONE_UNKNOWN: "The contact's country or time zone in the file.",
    Code.NO_COMMON_HOUR: "The contact's time zone in the file.",
    Code.NO_CUSTOMER: "A payment on record.",
}


class Earning(NamedTuple):
    """What would open a channel for some of the contacts for which only the easier reading does."""

    channel: Channel
    remedy: str
    whom: list[ContactTriaged]


@dataclass(frozen=True)
class Difference:
    """Both readings of the verdicts on a list, on a day."""

    verdicts: Iterable[ContactTriaged]
    on: date
    rules: Rules

    @cached_property
    def _concerned(self) -> list[ContactTriaged]:
        """Whom law alone keeps out, or nothing does."""
        return [
            its for its in self.verdicts if its.reasons[:1] in ((), (Reason.NO_LAWFUL_CHANNEL,))
        ]

    def easier(self, channel: Channel | None = None) -> list[ContactTriaged]:
        """Whom the easier reading lets us write to: there, or anywhere."""
        channels = (channel,) if channel else tuple(Channel)
        return [
            its for its in self._concerned if any(would_open(its, one, self.on) for one in channels)
        ]

    def today(self, channel: Channel | None = None) -> list[ContactTriaged]:
        """Whom today's rules let us write to."""
        channels = {channel} if channel else set(Channel)
        return [its for its in self._concerned if channels & its.open_channels]

    @cached_property
    def earnings(self) -> list[Earning]:
        """How the difference is earned back, the most first."""
        found: defaultdict[tuple[Channel, str], list[ContactTriaged]] = defaultdict(list)
        for its in self._concerned:
            for channel, verdict in its.channels.items():
                closed = verdict.openness is Openness.CLOSED
                if closed and would_open(its, channel, self.on):
                    found[channel, remedy(verdict, its.facts, self.rules)].append(its)
        earnings = [Earning(*key, whom) for key, whom in found.items()]
        return sorted(earnings, key=lambda one: (-len(one.whom), one.channel, one.remedy))


def would_open(its: ContactTriaged, channel: Channel, on: date) -> bool:
    """Whether the easier reading opens a channel."""
    verdict = its.channels.get(channel)
    if verdict is None or verdict.code in SHUT:
        return False
    facts: Mapping[str, Any] = its.facts
    agreed = any(
        one.get("proof") and channel in one["channels"] for one in facts.get("consents", ())
    )
    if facts.get("country") == REFUSES:
        return agreed or bool(facts.get("soft_optin"))
    return agreed or _related(facts, on)


def _related(facts: Mapping[str, Any], on: date) -> bool:
    """A paid relation that lasts, or ended lately."""
    ended = facts.get("contract_ended")
    if facts.get("customer_state") == "active":
        return True
    return ended is not None and date.fromisoformat(ended) >= add_months(on, -RELATED_MONTHS)


def remedy(verdict: ChannelVerdict, facts: Mapping[str, Any], rules: Rules) -> str:
    """What would open a channel that the rules close, as a sentence."""
    code = verdict.code
    if code in (Code.NO_BASIS, Code.NO_PROOF):
        ways = [_capital(way) for way in dict.fromkeys(_ways(verdict, rules)) if way]
        return f"{', or '.join([*ways[:1], *map(_small, ways[1:])])}."
    if code == Code.NOT_SET_UP:
        met = facts.get("preconditions", ())
        lacking = (name for row in _consent_rows(verdict, rules) for name in row.preconditions)
        rows = (rules.rows[name] for name in dict.fromkeys(lacking) if name not in met)
        return " ".join(row.meaning for row in rows if isinstance(row, Precondition))
    return REMEDIES.get(code, verdict.sentence)


def _ways(verdict: ChannelVerdict, rules: Rules) -> Iterator[str]:
    """What each basis takes that one of the rows would accept."""
    for row in _consent_rows(verdict, rules):
        for name in (name for together in row.any_of for name in together):
            basis = rules.rows[name]
            meaning = basis.meaning if isinstance(basis, Basis) else name
            yield EARNED_BY.get(name, meaning.rstrip("."))


def _consent_rows(verdict: ChannelVerdict, rules: Rules) -> Iterator[ConsentRule]:
    for id_ in verdict.rules:
        row = rules.rows.get(id_)
        if isinstance(row, ConsentRule):
            yield row


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
