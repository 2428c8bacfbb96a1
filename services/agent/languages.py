"""In which language a message is written, among those that have rules."""

from collections.abc import Collection, Sequence

from services.agent.rulebook import LANGUAGES, rulebook
from shared.rules.wording import words

# A short reply may say nothing of its language: then it is that of the conversation.
OF_THE_CONVERSATION = 1.0
COMMON, IN_RULES = 1.0, 0.7
LETTERS = {
    "lt": "ąčęėįšųūž",
    "pl": "ąćęłńóśźż",
    "de": "äöüß",
    "ru": "абвгдежзийклмнопрстуфхцчшщыэюя",
    "es": "ñ¿¡",
    "pt": "ãõç",
    "fr": "çèêœ",
    "it": "ìò",
}
A_LETTER = 0.5


def language_of(text: str, conversation: str) -> str:
    """ISO 639-1. A tie goes to the language of the conversation, then to English."""
    said, letters = words(text), text.lower()
    scores = {one: _score(one, said, letters) for one in LANGUAGES}
    if conversation in scores:
        scores[conversation] += OF_THE_CONVERSATION
    best = max(LANGUAGES, key=lambda one: (scores[one], one == conversation, one == "en"))
    return best if scores[best] > 0 else conversation or "en"


def is_spoken(text: str, languages: Collection[str]) -> bool:
    """Whether the rules of any of these languages know a word of it."""
    said = words(text)
    return any(_known(one, said) for one in languages)


def _score(language: str, said: Sequence[str], letters: str) -> float:
    own_letters = sum(letters.count(one) for one in LETTERS.get(language, ""))
    return _known(language, said) + A_LETTER * own_letters


def _known(language: str, said: Sequence[str]) -> float:
    book = rulebook(language)
    return sum(
        COMMON if one in book.common else IN_RULES * (one in book.vocabulary) for one in said
    )
