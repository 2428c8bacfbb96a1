"""May this channel be used for this contact, now, later or not at all, and why.

Closed unless a row of `permissions.toml` opens it: what is not known opens nothing. Where the
record's country and the number's differ, both must allow.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

from services.triage.reasons import SENTENCES, Code
from services.triage.records import Record
from services.triage.segments import is_customer
from shared.events import ChannelVerdict
from shared.rules.hours import A_WEEK, next_open
from shared.words import Basis, Channel, LineType, Openness

Bases = tuple[Basis, ...]
CHANNELS = tuple(Channel)
HOURS_KEPT = 256
ON_A_NUMBER = frozenset({Channel.WHATSAPP, Channel.SMS, Channel.VOICE})

# What is missing is named after the weakest basis that would have done.
MISSING = {
    Basis.WRITTEN_CONSENT: Code.NO_WRITTEN_CONSENT,
    Basis.EXPRESS_CONSENT: Code.NO_CONSENT,
    Basis.SOFT_OPT_IN: Code.NO_SOFT_OPT_IN,
    Basis.CUSTOMER: Code.NO_CUSTOMER,
}


def permissions(
    record: Record, refused: Mapping[Channel, Code], now: datetime
) -> dict[Channel, ChannelVerdict]:
    """The verdict on every channel. `refused`: those that somebody's wish closes, and whose."""
    nowhere = _nowhere(record)
    return {
        channel: _verdict(record, channel, refused.get(channel) or nowhere, now)
        for channel in CHANNELS
    }


def _verdict(
    record: Record, channel: Channel, closed: Code | None, now: datetime
) -> ChannelVerdict:
    if code := _no_way(record, channel) or closed or _unfit(record, channel):
        return CLOSED[code]
    found = _basis(record, channel)
    if isinstance(found, Code):
        return CLOSED[found]
    opens_at = next_open(channel, now, record.facts.country, record.facts.zones)
    if opens_at >= now + A_WEEK:
        return CLOSED[Code.NO_COMMON_HOUR]
    return _deferred(opens_at) if opens_at > now else OPEN[found]


def _no_way(record: Record, channel: Channel) -> Code | None:
    """There is nothing to use the channel with."""
    if channel is Channel.VOICE:
        return Code.CHANNEL_NOT_INSTALLED
    if channel is Channel.EMAIL:
        return None if record.mailbox else Code.NO_MAILBOX
    return None if record.phone else Code.NO_NUMBER


def _nowhere(record: Record) -> Code | None:
    """Nobody knows which rules bind."""
    if not record.facts.country:
        return Code.COUNTRY_UNKNOWN
    if any(place not in BASES for place in _places(record)):
        return Code.COUNTRY_NOT_COVERED
    return None


def _unfit(record: Record, channel: Channel) -> Code | None:
    """The number cannot be used in this way."""
    phone = record.phone
    if phone is None or channel is Channel.EMAIL:
        return None
    american = phone.region in NORTH_AMERICA
    if american and channel is Channel.WHATSAPP:
        return Code.NOT_TO_NORTH_AMERICA
    if phone.line is not LineType.MOBILE and not (american and phone.line is LineType.UNKNOWN):
        return Code.NOT_A_MOBILE
    if channel is Channel.WHATSAPP and not phone.whatsapp:
        return Code.NOT_ON_WHATSAPP
    return None if record.facts.zones else Code.ZONE_UNKNOWN


def _basis(record: Record, channel: Channel) -> Basis | Code:
    """The strongest basis that opens the channel, or what is missing in one of the places."""
    consents = [its for its in record.facts.consents if channel in its.channels]
    proven = [its.basis for its in consents if its.proof]
    if is_customer(record.facts.account):
        proven.append(Basis.CUSTOMER)
    for place in _places(record):
        bases = BASES[place][channel]
        if not any(basis in bases for basis in proven):
            unproven = any(its.basis in bases for its in consents)
            return Code.NO_PROOF if unproven else MISSING[bases[-1]]
    return next(basis for basis in BASES[record.facts.country][channel] if basis in proven)


def _places(record: Record) -> Iterable[str]:
    """The countries whose rules bind."""
    if record.phone is None or record.phone.region == record.facts.country:
        return (record.facts.country,)
    return (record.facts.country, record.phone.region)


@lru_cache(HOURS_KEPT)
def _deferred(opens_at: datetime) -> ChannelVerdict:
    return ChannelVerdict(
        openness=Openness.DEFERRED,
        code=Code.QUIET_HOURS,
        sentence=SENTENCES[Code.QUIET_HOURS],
        opens_at=opens_at,
    )


def _read() -> tuple[str, frozenset[str], dict[str, dict[Channel, Bases]]]:
    table = tomllib.loads(files(__package__).joinpath("permissions.toml").read_text("utf-8"))
    bases: dict[str, dict[Channel, Bases]] = {}
    for region in table["region"]:
        its = {
            channel: tuple(Basis(basis) for basis in region[channel])
            for channel in CHANNELS
            if channel in region
        }
        bases |= dict.fromkeys(region["countries"], its)
    return table["version"], frozenset(table["north_america"]), bases


VERSION, NORTH_AMERICA, BASES = _read()
# Verdicts that are the same for every contact are made once.
CLOSED = {
    code: ChannelVerdict(openness=Openness.CLOSED, code=code, sentence=sentence)
    for code, sentence in SENTENCES.items()
}
OPEN = {
    basis: ChannelVerdict(openness=Openness.OPEN, code=basis, sentence=SENTENCES[Code(basis)])
    for basis in Basis
}
