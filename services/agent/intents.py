"""What a message means, by the rules of its languages.

Each phrase that fits claims its words, and the meaning with the most words claimed wins. Two
meanings need no majority: a wish to be left alone or forgotten counts wherever it is said. Phrases
that are not sure count only where no sure one does.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.agent.phrases import Claim, read
from services.agent.rulebook import rulebook
from shared.words import Intent

# Of two meanings with as many words the earlier is meant.
PRIORITY = (
    Intent.ERASURE_REQUEST,
    Intent.OPT_OUT,
    Intent.AUTO_REPLY,
    Intent.ARE_YOU_A_BOT,
    Intent.WRONG_PERSON,
    Intent.HUMAN_HANDOFF,
    Intent.COMPLAINT,
    Intent.CHURN_REASON,
    Intent.NOT_NOW,
    Intent.BOOK_CALL,
    Intent.NOT_INTERESTED,
    Intent.QUESTION,
    Intent.INTERESTED,
)
# Meanings that go before all others, in this order, from so many words on.
DECISIVE = {
    Intent.ERASURE_REQUEST: 1,
    Intent.OPT_OUT: 1,
    Intent.AUTO_REPLY: 3,
    Intent.ARE_YOU_A_BOT: 2,
}
DOUBT = "doubt"
SECTIONS = {"limited": Intent.NOT_NOW}  # sections that are not named after an intent
CLEAR, CONTESTED, LIKELY, GUESSED = 0.95, 0.8, 0.55, 0.2  # how sure a reading is


@dataclass(frozen=True, slots=True)
class Meaning:
    """The intents that the words carry, the strongest first, and those that they only hint at."""

    sure: tuple[Intent, ...]
    hinted: tuple[Intent, ...]
    confidence: float
    refuses_contact: bool  # it may: it speaks against something, and of being contacted
    mentions_contact: bool

    @property
    def intent(self) -> Intent:
        return next(iter((*self.sure, *self.hinted)), Intent.OTHER)


def meaning_of(text: str, languages: Sequence[str]) -> Meaning:
    """What a text means in these languages (ISO 639-1, those that have rules; its own first)."""
    own, *others = (_claims(text, one) for one in languages)
    claims = [*own, *(claim for some in others for claim in some)]
    sure = _weights([claim for claim in claims if claim.phrase.sure])
    hinted = _weights([claim for claim in claims if not claim.phrase.sure])
    ranked = _ranked(sure)
    doubts = [claim.phrase for claim in claims if claim.phrase.section == DOUBT]
    mentions = any(claim.phrase.section == DOUBT for claim in own)
    return Meaning(
        sure=ranked,
        hinted=_ranked(hinted),
        confidence=_confidence(sure, ranked, hinted),
        refuses_contact=any(phrase.sure for phrase in doubts),
        mentions_contact=mentions,
    )


def _claims(text: str, language: str) -> list[Claim]:
    book = rulebook(language)
    return book.meanings.claims(read(text, book.fillers))


def topics_of(text: str, languages: Sequence[str]) -> tuple[str, ...]:
    """What a question is about, the likeliest first."""
    weights: dict[str, int] = defaultdict(int)
    for language in languages:
        book = rulebook(language)
        for claim in book.topics.claims(read(text, book.fillers)):
            weights[claim.phrase.section] += claim.phrase.weight
    return tuple(sorted(weights, key=lambda one: (-weights[one], one)))


def _weights(claims: Sequence[Claim]) -> dict[Intent, int]:
    """The words claimed for each intent; of claims to the same words the weightiest counts."""
    weights: dict[Intent, int] = {}
    for intent in PRIORITY:
        mine = [one for one in claims if _intent(one) == intent]
        taken: set[int] = set()
        for claim in sorted(mine, key=lambda one: -one.phrase.weight):
            its = set(range(claim.start, claim.end))
            if not its & taken:
                taken |= its
                weights[intent] = weights.get(intent, 0) + claim.phrase.weight
    return weights


def _intent(claim: Claim) -> str:
    return SECTIONS.get(claim.phrase.section, claim.phrase.section)


def _ranked(weights: Mapping[Intent, int]) -> tuple[Intent, ...]:
    found = [one for one in PRIORITY if weights.get(one)]
    decide = [one for one, words in DECISIVE.items() if weights.get(one, 0) >= words]
    return tuple(sorted(found, key=lambda one: (_place(one, decide), -weights[one])))


def _place(intent: Intent, decide: Sequence[Intent]) -> int:
    return decide.index(intent) if intent in decide else len(decide)


def _confidence(
    sure: Mapping[Intent, int], ranked: Sequence[Intent], hinted: Mapping[Intent, int]
) -> float:
    if not ranked:
        return LIKELY if any(hinted.values()) else GUESSED
    contested = len(ranked) > 1 and sure[ranked[1]] >= sure[ranked[0]]
    return CONTESTED if contested else CLEAR
