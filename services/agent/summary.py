"""Three lines that tell the founder whom the call is with: who, in their own words, what next.

Nothing stands there that is not in a fact or in the customer's own message. Each line has at most
140 characters.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from services.agent.known import Contact, Quote
from services.agent.reading import Reading
from shared.events import Account, Person
from shared.rules.wording import sentences, words
from shared.words import Channel, Intent, Segment

LINE_LENGTH_MAX = 140
QUOTE_LENGTH_MAX = 90
QUOTED_WORDS_MIN = 3  # a shorter sentence says nothing by itself

Lines = tuple[str, str, str]

CHANNELS = {
    Channel.WHATSAPP: "WhatsApp",
    Channel.SMS: "SMS",
    Channel.VOICE: "the phone",
    Channel.EMAIL: "e-mail",
}
WANTS = {
    Intent.OPT_OUT: "not to be contacted again",
    Intent.ERASURE_REQUEST: "to be forgotten",
    Intent.NOT_INTERESTED: "nothing for now",
    Intent.NOT_NOW: "another moment",
    Intent.INTERESTED: "to hear more",
    Intent.BOOK_CALL: "a call",
    Intent.QUESTION: "an answer",
    Intent.WRONG_PERSON: "nothing, it is the wrong person",
    Intent.CHURN_REASON: "to say why they left",
    Intent.COMPLAINT: "a complaint to be heard",
    Intent.HUMAN_HANDOFF: "to talk to a person",
    Intent.ARE_YOU_A_BOT: "to know whom they are talking to",
    Intent.AUTO_REPLY: "nothing, a machine answered",
    Intent.CONFIRM_YES: "the call as agreed",
    Intent.CONFIRM_NO: "no call, or another time",
    Intent.OTHER: "unclear",
}
# How much a sentence of such a message tells about the customer; a later one of equal worth wins.
WORTH = {
    Intent.CHURN_REASON: 3,
    Intent.COMPLAINT: 3,
    Intent.INTERESTED: 3,
    Intent.QUESTION: 2,
    Intent.NOT_INTERESTED: 2,
    Intent.HUMAN_HANDOFF: 2,
    Intent.NOT_NOW: 1,
    Intent.BOOK_CALL: 1,
}
_NUMBER = re.compile(r"(?:\d[ .-]?){9,}")  # a card, an account, a phone: none belongs in a summary


def quoted(before: Quote, text: str, channel: Channel, reading: Reading) -> Quote:
    """The better of the sentence so far and the longest one of a new message."""
    topics = tuple(dict.fromkeys((*before.topics, *_asked_about(reading))))
    best = max(sentences(_NUMBER.sub("[number] ", text)), key=len, default="")
    worth = WORTH.get(reading.intent, 0)
    if len(words(best)) < QUOTED_WORDS_MIN or worth < before.worth:
        return before.model_copy(update={"topics": topics})
    text = _cut(" ".join(best.split()), QUOTE_LENGTH_MAX)
    return Quote(text=text, channel=channel, worth=worth, topics=topics)


def three_lines(person: Person, contact: Contact, quote: Quote, reading: Reading) -> Lines:
    """Who it is; what they said and asked about; what they want, and when in their zone."""
    zone = contact.zones[0] if contact.zones else "UTC"
    company = f" ({person.company})" if person.company else ""
    who = f"{person.first_name or person.full_name or 'The customer'}{company}"
    why = signal(contact.account, contact.segment)
    facts = ", ".join(filter(None, (who, _plan(contact.account), why)))
    said = f"Said on {CHANNELS[quote.channel]}: “{quote.text}”" if quote.text else "Said little"
    asked = f" Asked about {', '.join(quote.topics)}." if quote.topics else ""
    wants = f"Wants {WANTS[reading.intent]}{_moment(reading, zone)}."
    return _cut(facts + ".", LINE_LENGTH_MAX), _cut(said + asked, LINE_LENGTH_MAX), wants


def signal(account: Account, segment: Segment | None) -> str:
    """Why this customer, from the account's own figures."""
    match segment:
        case Segment.SINGLE_MODULE if account.modules_owned and account.modules_available:
            return f"uses {account.modules_owned} of {account.modules_available} modules"
        case Segment.RENEWAL_DUE if account.renews_on:
            return f"renews on {account.renews_on:%d %B %Y}"
        case Segment.SOLO_SEAT if account.team_logins:
            return f"{account.team_logins} people on {account.seats or 1} seat"
        case Segment.DORMANT_PAID if account.logins_before is not None:
            now = account.logins_now or 0
            return f"logins from {account.logins_before:g} to {now:g} a month"
        case Segment.RECENTLY_CHURNED if account.churned_on:
            return f"left on {account.churned_on:%d %B %Y}"
        case _:
            return ""


def _plan(account: Account) -> str:
    plan = f"{account.plan} plan" if account.plan else ""
    months = f"{account.months_on_plan} months" if account.months_on_plan else ""
    return " for ".join(filter(None, (plan, months)))


def _asked_about(reading: Reading) -> Sequence[str]:
    return reading.topics[:1] if Intent.QUESTION in (reading.intent, *reading.also) else ()


def _moment(reading: Reading, zone: str) -> str:
    at: datetime | None = reading.slot or (reading.when.start if reading.when else None)
    if at is None:
        return ""
    return f"{':' if reading.slot else ', from'} {at.astimezone(ZoneInfo(zone)):%a %d %B %Y %H:%M}"


def _cut(text: str, length: int) -> str:
    """At most so many characters, cut between words where that is possible."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,.;:“") + "…"
