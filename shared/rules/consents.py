"""Which consents count on a channel, and which opt-outs stand there.

A consent counts if it has a day and proof, was given to this business by whoever has the number,
names the channel, is not withdrawn, and is younger than every opt-out that touches the channel. An
opt-out is for good; only a younger consent that the person gave lifts it, for the channels it
names.
"""

from dataclasses import dataclass
from datetime import date, datetime

from shared.rules.facts import Consent, Day, Facts, Suppression, day_of
from shared.rules.product import P

ONE_CHANNEL = "channel"


@dataclass(slots=True)
class Heard:
    """What the person said about a channel.

    `consents` count; `discounted` says why others that name the channel do not; `standing` are the
    rules by which opt-outs stand; `lifted`: there was one, and the person took it back.
    """

    consents: tuple[Consent, ...] = ()
    discounted: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    lifted: bool = False


NOTHING = Heard()


def hear(facts: Facts, channel: str, today: date, *, on_a_number: bool) -> Heard:
    """What stands on a channel. `today` is the latest day that it may be."""
    handed_over = facts.number_reassigned_after if on_a_number else None
    wishes: tuple[Suppression, ...] = ()
    if facts.suppressions:
        wishes = tuple(its for its in facts.suppressions if _touches(its, channel))
    undated = facts.erased or facts.company_dnc_request
    if not (facts.consents or wishes or undated):
        return NOTHING
    consents: list[Consent] = []
    discounted: list[str] = []
    for its in facts.consents:
        if channel in its.channels:
            if faults := _faults(its, handed_over):
                discounted += faults
            elif not undated and _live(its, wishes, today):
                consents.append(its)
    if not (wishes or undated):
        return Heard(tuple(consents), tuple(discounted))
    lifted = bool(wishes) and any(its.by_person for its in consents)
    standing = [P.SUPPRESS_ALL] if undated else []
    if not lifted:
        standing += map(_rule_of, wishes)
    return Heard(tuple(consents), tuple(discounted), tuple(dict.fromkeys(standing)), lifted)


def _touches(wish: Suppression, channel: str) -> bool:
    """A wish of a scope that nobody knows is one of everything."""
    return wish.scope != ONE_CHANNEL or wish.channel in (channel, None)


def _rule_of(wish: Suppression) -> str:
    return P.SUPPRESS_CHANNEL if wish.scope == ONE_CHANNEL else P.SUPPRESS_ALL


def _faults(consent: Consent, handed_over: Day | None) -> list[str]:
    """Why a consent counts for nothing, whenever it was given."""
    if consent.proof is True and consent.given and not consent.other_seller and not handed_over:
        return []
    faults: list[str] = []
    if consent.proof is not True or consent.given is None:
        faults.append(P.NO_PROOF)
    if consent.other_seller:
        faults.append(P.PURCHASED)
    if handed_over and consent.given and not younger(consent.given, handed_over):
        faults.append(P.REASSIGNED)
    return faults


def _live(consent: Consent, wishes: tuple[Suppression, ...], today: date) -> bool:
    """Given by now, not withdrawn by now, and younger than every wish."""
    given, gone = consent.given, consent.withdrawn
    if given is None or day_of(given) > today:
        return False
    if gone and (gone is True or day_of(gone) <= today):
        return False
    return not wishes or all(its.at is not None and younger(given, its.at) for its in wishes)


def younger(one: Day, other: Day) -> bool:
    """Whether the first is surely later: a day is later than a moment from the next day on."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one > other
    return day_of(one) > day_of(other)
