"""A wish to be left alone that stands in a note.

Notes quote people ("Replied STOP") or tell of them ("asked not to be called"): the keyword data
knows the one, `vocabulary.toml` the other. Nobody knows in which language a note is written, so all
are read; a single word counts only in English and the contact's own, since others' are words there.
"""

import re
from collections.abc import Iterable, Iterator

from services.crm_sync.cells import VOCABULARY, kept, word_pattern
from services.crm_sync.mapping import Values
from shared.rules.optout import LIMIT_REACH_WORDS, Wish, known_words, wishes
from shared.rules.wording import sentences, words
from shared.words import Channel

CACHE = 4_096
PROSE_WORDS_MIN = 2

_TOLD = word_pattern(VOCABULARY["notes"]["refused"])
_QUOTES = re.compile(r'["“”„«»:|]')
_LANGUAGES = tuple(known_words().lists)


def wish_of(values: Values, language: str) -> Wish | None:
    """The strongest wish in the notes of a row, and in its columns that nobody knows."""
    columns = values.columns
    said = [wish_in(text, language or "en") for text in values.all("notes")]
    loose = (values.cell(column) for column in columns.loose)
    said += [wish_in(text, "") for text in loose if " " in text]
    return Wish.STOP if Wish.STOP in said else Wish.UNSURE if Wish.UNSURE in said else None


@kept(CACHE)
def wish_in(text: str, language: str) -> Wish | None:
    """The strongest wish in a text. Without a language a single word counts for nothing."""
    return _strongest(
        wish for part in sentences(text) for wish in _in_sentence(part, language) if wish
    )


def _in_sentence(sentence: str, language: str) -> Iterator[Wish | None]:
    yield _told(sentence)
    for part in _QUOTES.split(sentence):
        if len(part.split()) >= PROSE_WORDS_MIN:
            yield wishes(part, Channel.EMAIL, _LANGUAGES)
        elif language:
            yield wishes(part, Channel.SMS, (language,))


def _told(sentence: str) -> Wish | None:
    """What is told of somebody; unsure where it is limited, as in "not to be called before ten"."""
    said = " ".join(words(sentence))
    match = _TOLD.search(said)
    if match is None:
        return None
    soon = f" {' '.join(said[match.end() :].split()[:LIMIT_REACH_WORDS])} "
    limited = any(f" {one} " in soon for one in known_words().limits)
    return Wish.UNSURE if limited else Wish.STOP


def _strongest(found: Iterable[Wish]) -> Wish | None:
    """Whoever wants to be forgotten does not want to be contacted either."""
    every = set(found)
    if every & {Wish.STOP, Wish.FORGET}:
        return Wish.STOP
    return Wish.UNSURE if every else None
