"""What a reply asks for by the word lists, and what is done about it.

Opt-outs and erasure wishes come first, by the same reading as everywhere else; a doubt whether a
reply is one counts as one. Then the other lists, in their order.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from shared.rules.answers import Answers
from shared.rules.optout import Wish, known_words, wishes
from shared.rules.wording import words
from shared.words import Channel

OPT_OUT, ERASURE, OTHER = "opt_out", "erasure", "other"
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Reply:
    """The intent of a reply, and the actions that follow: a set without order."""

    intent: str
    actions: tuple[str, ...]


def answer_reply(text: str, channel: str, languages: Collection[str], answers: Answers) -> Reply:
    """What a reply means. Where no language is known, every list is tested."""
    intent = _intent(text, channel, languages or tuple(answers.words), answers)
    spoken = answers.spoken.get(intent) if channel in answers.spoken_channels else None
    return Reply(intent, spoken or answers.inbound[intent])


def _intent(text: str, channel: str, languages: Collection[str], answers: Answers) -> str:
    known = next((one for one in Channel if one == channel), next(iter(Channel)))
    wish = wishes(text, known, languages)
    if wish is not None:
        return ERASURE if wish is Wish.FORGET else OPT_OUT
    said = words(text)
    sentence, bare = f" {' '.join(said)} ", known_words().bare(said)
    for intent in answers.inbound_lists:
        if any(f" {one} " in sentence for one in _listed(intent, languages, answers)):
            return intent
    for intent in answers.whole_message:
        if bare in _listed(intent, languages, answers):
            return intent
    return OTHER


def _listed(intent: str, languages: Collection[str], answers: Answers) -> Iterator[str]:
    """The words of one intent in plain form: English and the languages given."""
    for language, lists in answers.words.items():
        if language == ENGLISH or language in languages:
            for one in lists.get(intent, ()):
                yield " ".join(words(one))
