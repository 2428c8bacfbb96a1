"""The embedded brain: understands by rules alone, in ten languages, without a network."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.agent.intents import CLEAR, CONTESTED, LIKELY, Meaning, meaning_of, topics_of
from services.agent.languages import is_spoken, language_of
from services.agent.lookalikes import unmasked
from services.agent.reading import Context, Message, Reading
from services.agent.rulebook import LANGUAGES, rulebook
from services.agent.slots import answers, slot_chosen
from services.agent.times import lexicon
from services.agent.when import MONTH_FIRST_IN, when_meant
from shared.events import When
from shared.rules.optout import Asked, Wish, is_reaction, known_words, opts_out, wishes
from shared.rules.wording import sentences
from shared.words import Channel, Intent, Suppression

WISHED = {Wish.STOP: Intent.OPT_OUT, Wish.FORGET: Intent.ERASURE_REQUEST}
LASTING = frozenset(WISHED.values())
# Intents to which a time belongs.
DATED = frozenset(
    {
        Intent.NOT_NOW,
        Intent.BOOK_CALL,
        Intent.AUTO_REPLY,
        Intent.INTERESTED,
        Intent.HUMAN_HANDOFF,
        Intent.CONFIRM_NO,
    }
)
# Whoever says this goes on talking, whatever else is refused.
TALKING = frozenset(
    {
        Intent.INTERESTED,
        Intent.BOOK_CALL,
        Intent.QUESTION,
        Intent.HUMAN_HANDOFF,
        Intent.ARE_YOU_A_BOT,
        Intent.CONFIRM_YES,
        Intent.CONFIRM_NO,
    }
)
# What an arrangement makes of a message that only turns something down.
DECLINING = frozenset({Intent.BOOK_CALL, Intent.CONFIRM_NO})
# Where no answer to a topic is signed, one to the broader topic will do.
BROADER = {
    "plans": "price",
    "billing": "price",
    "terms": "price",
    "integrations": "product",
    "data": "product",
    "how": "product",
    "security": "privacy",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A message, and everything that the rules find in it."""

    text: str
    language: str
    languages: tuple[str, ...]
    wish: Wish | None
    meaning: Meaning
    said: frozenset[str]  # to an appointment


class EmbeddedBrain:
    """The rules in `rules/`, and `shared/rules/optout.py` above them."""

    name = "rules-1"

    def __init__(self) -> None:
        """Reads the rules of all languages, so that the first message waits for nothing."""
        for language in LANGUAGES:
            rulebook(language)
            lexicon(language)

    def read(self, message: Message, context: Context) -> Reading:
        """See `Brain`. In doubt whether it is an opt-out the suppression is hold."""
        heard = hear(message, context)
        when = _when(heard, context)
        if message.automatic or is_reaction(message.text):
            intent = Intent.AUTO_REPLY if message.automatic else Intent.OTHER
            return Reading(
                intent,
                CLEAR,
                Suppression.GO,  # neither machines nor copies of our own words opt out
                when=when if message.automatic else None,
                language=heard.language,
            )
        slot = _slot(heard, context)
        intents, confidence = _intents(
            heard, context, timed=when is not None, slot=slot is not None
        )
        topics = topics_of(heard.text, heard.languages)
        return Reading(
            intent=intents[0],
            also=intents[1:],
            confidence=confidence,
            suppression=_suppression(
                heard, intents, confidence, timed=when is not None, slot=slot is not None
            ),
            when=when if intents[0] in DATED and slot is None else None,
            slot=slot if intents[0] in (Intent.BOOK_CALL, Intent.CONFIRM_YES) else None,
            topics=topics,
            answer=_answer(topics, context.answers) if Intent.QUESTION in intents else "",
            language=heard.language,
        )


def hear(message: Message, context: Context) -> Heard:
    """What the rules of the message's languages find in it."""
    text = unmasked(message.text)
    language = language_of(text, context.language)
    languages = tuple(
        dict.fromkeys(one for one in (language, context.language, "en") if one in LANGUAGES)
    )
    return Heard(
        text=text,
        language=language,
        languages=languages,
        wish=_wish(text, message.channel, languages, context.asked),
        meaning=meaning_of(text, languages),
        said=answers(text, languages),
    )


def _wish(text: str, channel: Channel, languages: Collection[str], asked: Asked) -> Wish | None:
    """The wish of the whole message, or of one sentence in it, where no other can be meant."""
    whole, parts = wishes(text, channel, languages, asked), sentences(text)
    if whole is None and not is_spoken(text, languages):
        # In a language nobody expected it may be a wish: "fine" is one to an Italian alone.
        wished = (opts_out(one, channel, known_words().lists) for one in (text, *parts))
        return Wish.UNSURE if any(wished) else None
    if whole or len(parts) == 1:
        return whole
    return next(
        filter(None, (wishes(one, Channel.EMAIL, languages, Asked.SLOTS) for one in parts)), None
    )


def _intents(
    heard: Heard, context: Context, *, timed: bool, slot: bool
) -> tuple[tuple[Intent, ...], float]:
    """The intents of a message, the one that counts first, and how sure that is."""
    meaning = heard.meaning
    wished = WISHED.get(heard.wish) if heard.wish else None
    if wished is None and not LASTING & set(meaning.sure) and context.asked is not Asked.OPENER:
        arranged = _arranged(heard, context.asked, timed=timed, slot=slot)
        if arranged:
            others = tuple(one for one in meaning.sure if one is not arranged)
            return (arranged, *others), CLEAR if not others else CONTESTED
    forget = Intent.ERASURE_REQUEST in meaning.sure
    intent = Intent.ERASURE_REQUEST if forget else wished or meaning.intent
    # A time without a word about a meeting asks to be contacted then.
    asks_for_then = (Intent.OTHER, Intent.BOOK_CALL)
    if timed and not meaning.sure and intent in asks_for_then:
        return (Intent.NOT_NOW,), LIKELY
    others = tuple(one for one in meaning.sure if one is not intent)
    return (intent, *others), CLEAR if wished else meaning.confidence


def _arranged(heard: Heard, asked: Asked, *, timed: bool, slot: bool) -> Intent | None:
    """What the message says to slots, to a question for a yes, or to a booked call; if anything."""
    if asked is Asked.BOOKED:
        return _of_booked(heard, timed=timed)
    if asked is Asked.CONFIRM and "no" in heard.said:
        return Intent.CONFIRM_NO
    if asked is Asked.CONFIRM and "yes" in heard.said:
        return Intent.CONFIRM_YES
    other_time = timed or "none_of_them" in heard.said
    return Intent.BOOK_CALL if slot or (asked is Asked.SLOTS and other_time) else None


def _of_booked(heard: Heard, *, timed: bool) -> Intent | None:
    """A call is booked: moved, given up, confirmed; or another time is named, which moves it."""
    if "none_of_them" in heard.said or Intent.BOOK_CALL in heard.meaning.sure:
        return Intent.BOOK_CALL
    if "cancelling" in heard.said:
        return Intent.CONFIRM_NO
    if "yes" in heard.said and "no" not in heard.said:
        return Intent.CONFIRM_YES
    return Intent.BOOK_CALL if timed else None


def _suppression(
    heard: Heard, intents: Sequence[Intent], confidence: float, *, timed: bool, slot: bool
) -> Suppression:
    """Suppress where it is said, hold where it may be meant."""
    meaning = heard.meaning
    # "None of these" is clear as an answer to slots, and may yet mean none ever.
    only_declines = (
        intents[0] in DECLINING and intents[0] not in meaning.sure and not (timed or slot)
    )
    if LASTING & set(intents):
        surely = heard.wish in WISHED or LASTING & set(meaning.sure)
        return Suppression.SUPPRESS if surely else Suppression.HOLD
    if LASTING & set(meaning.hinted):
        return Suppression.HOLD
    talks_on = intents[0] in TALKING or (timed and intents[0] is Intent.NOT_NOW)
    refuses = heard.wish is Wish.UNSURE or meaning.refuses_contact
    if only_declines:
        talks_on, confidence = False, meaning.confidence
    unclear = meaning.mentions_contact and confidence <= LIKELY
    return Suppression.HOLD if unclear or (refuses and not talks_on) else Suppression.GO


def _when(heard: Heard, context: Context) -> When | None:
    return when_meant(
        heard.text,
        now=context.now,
        zone=context.zones[0] if context.zones else "UTC",
        languages=heard.languages,
        month_first=context.country in MONTH_FIRST_IN,
    )


def _slot(heard: Heard, context: Context) -> datetime | None:
    return slot_chosen(
        heard.text,
        context.slots,
        now=context.now,
        zone=context.zones[0] if context.zones else "UTC",
        languages=heard.languages,
        month_first=context.country in MONTH_FIRST_IN,
    )


def _answer(topics: Sequence[str], signed: Collection[str]) -> str:
    """The first topic that has a signed answer, or whose broader topic has one."""
    wanted = (one for topic in topics for one in (topic, BROADER.get(topic, "")))
    return next((one for one in wanted if one in signed), "")
