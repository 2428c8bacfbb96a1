"""Nothing personal stands outside sealed fields. Pure.

The bodies are searched as they stood on the bus, so that a field that no event of ours knows is
searched, too. What founders write about their own campaign is about no contact and is left out.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

from rekindle.case import Case, Finding
from shared.events import CampaignChanged
from shared.privacy.sealed import Sealed

MAILBOX = re.compile(r"[^\s@<>]+@[\w-]+(\.[\w-]+)+")
NUMBER = re.compile(r"(?<![\w+])\+[1-9]\d{6,14}\b")
# A body without any of these, or of the words, is not opened: an escape may hide the others.
SUSPECT = re.compile(r"@|\\|\+[1-9]\d{6}")
WORD = re.compile(r"\w+")
# What a sealed field looks like: a nonce, a tag and at least two bytes, in URL-safe base64.
BOX = re.compile(r"[A-Za-z0-9_-]{40,}={0,2}")
# Where the name of a message may stand, which looks like an address (RFC 5322, 3.6.4).
MESSAGE_NAMES = frozenset({"provider_id"})


class Canaries:
    """Words that must not be told. They are looked up by their first word, whatever the case."""

    def __init__(self, words: Collection[str]) -> None:
        self._by_first: dict[str, list[str]] = defaultdict(list)
        for word in map(str.casefold, words):
            if first := WORD.search(word):
                self._by_first[first[0]].append(word)

    def sing(self, text: str) -> bool:
        """Whether one of them stands in this text."""
        if not self._by_first:
            return False
        folded = text.casefold()
        starts = self._by_first.keys() & WORD.findall(folded)
        return any(word in folded for start in starts for word in self._by_first[start])


def personal_words_are_sealed(case: Case) -> Iterator[Finding]:
    canaries = Canaries(case.words)
    for event in case.recorded.events:
        body = case.recorded.bodies[event.id].decode(errors="replace")
        suspect = SUSPECT.search(body) or canaries.sing(body)
        if not suspect or isinstance(event, CampaignChanged):
            continue
        closed = {text for text in _sealed_in(event) if BOX.fullmatch(text)}
        for name, text in _strings_in(from_json(body)):
            if text not in closed and (what := _personal(name, text, canaries)):
                sentence = f"The field `{name}` of {event.topic} holds {what} that is not sealed."
                yield Finding(event.subject, (event.id,), sentence)


def _personal(name: str, text: str, canaries: Canaries) -> str:
    """What of a person stands in this text; empty for nothing."""
    if NUMBER.search(text):
        return "a phone number"
    if name not in MESSAGE_NAMES and MAILBOX.search(text):
        return "an e-mail address"
    return "a name or an address of a customer" if canaries.sing(text) else ""


def _sealed_in(value: object) -> Iterator[str]:
    """The texts of all sealed fields of an event."""
    if isinstance(value, Sealed):
        yield value.text
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _sealed_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for its in value.values():
            yield from _sealed_in(its)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for its in value:
            yield from _sealed_in(its)


def _strings_in(value: Any, name: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401  any JSON
    """All strings of a JSON value, each with the name of the field that holds it; keys, too."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, its in value.items():
            yield name, key
            yield from _strings_in(its, key)
    elif isinstance(value, list):
        for its in value:
            yield from _strings_in(its, name)
