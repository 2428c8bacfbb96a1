"""Words that ask not to be contacted any more: one reading for import, gateways and agent.

The lists are data (`data/optout_keywords.toml`): hard words, which count when they are the whole
message; phrases and erasure wishes, which count wherever they stand between word boundaries.
`data/optout_context.toml` says what surrounds them: politeness, times, an appointment.

A list knows words, not meaning. Where a phrase is softened ("don't call before ten") or refuses
something that it does not name, the wish is unsure, and whoever asks must not send before somebody
has understood the message.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from shared.rules.wording import plain, words
from shared.words import Channel, Purpose

LIMIT_REACH_WORDS = 4  # how soon after a phrase a time must come to soften it
REACTION = re.compile(r"(liked|loved|laughed at|emphasi[sz]ed|disliked|questioned) [\"“”]")


class Asked(StrEnum):
    """What our last touch was, in the eyes of whoever answers it."""

    OPENER = "opener"
    SLOTS = "slots"
    CONFIRM = "confirm"
    BOOKED = "booked"


class Wish(StrEnum):
    """What the words ask for. Unsure: perhaps to stop; a meaning has to be found first."""

    STOP = "stop"
    FORGET = "forget"
    UNSURE = "unsure"


def asked_by(purpose: Purpose, slots_offered: int) -> Asked | None:
    """What a touch asked; None when it asked nothing, so that what was asked before still holds."""
    if purpose is Purpose.CONFIRM_BOOKING:
        return Asked.BOOKED
    if slots_offered:
        return Asked.CONFIRM if slots_offered == 1 else Asked.SLOTS
    if purpose in (Purpose.OPENER, Purpose.CALLBACK, Purpose.CONFIRM_CANCELLED):
        return Asked.OPENER
    return None


def opts_out(
    text: str, channel: Channel, languages: Collection[str], asked: Asked = Asked.OPENER
) -> bool:
    """Whether the words are a known wish to be left alone or forgotten."""
    return wishes(text, channel, languages, asked) in (Wish.STOP, Wish.FORGET)


def wishes(
    text: str, channel: Channel, languages: Collection[str], asked: Asked = Asked.OPENER
) -> Wish | None:
    """What the lists say of a message; None when they say nothing.

    `languages` are those of our message and of the contact (ISO 639-1); English is always read
    too. On SMS a bare carrier keyword is always an opt-out. Elsewhere words such as CANCEL and END
    are none while an appointment is being arranged.
    """
    if is_reaction(text):
        return None
    return known_words().wish(text, channel, languages, arranging=asked is not Asked.OPENER)


def is_reaction(text: str) -> bool:
    """Whether the message is a phone's account of a reaction: `Liked “…”` quotes our own words."""
    return REACTION.match(plain(text)) is not None


@dataclass(frozen=True, slots=True)
class Lists:
    """One language's words, in plain form."""

    hard: frozenset[str]
    phrases: tuple[str, ...]
    erase: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """All lists by language, and what they mean where they stand."""

    lists: dict[str, Lists]
    carrier: frozenset[str]
    polite: frozenset[str]
    signs: frozenset[str]
    arranging: frozenset[str]
    open_ended: frozenset[str]
    firm: frozenset[str]
    limits: tuple[str, ...]
    keys: frozenset[str]  # the longest word of each phrase: without one of them there is no phrase

    def wish(
        self, text: str, channel: Channel, languages: Collection[str], *, arranging: bool
    ) -> Wish | None:
        """See `wishes`."""
        said = words(text)
        bare = self.bare(said)
        if not bare:
            return Wish.STOP if any(sign in text for sign in self.signs) else None
        if channel is Channel.SMS and bare in self.carrier:
            return Wish.STOP
        read = [self.lists[one] for one in {"en", *languages} if one in self.lists]
        if any(bare in its.hard for its in read):
            return None if arranging and bare in self.arranging else Wish.STOP
        if self.keys.isdisjoint(said):
            return None
        sentence = f" {' '.join(said)} "
        if any(f" {one} " in sentence for its in read for one in its.erase):
            return Wish.FORGET
        found = {self.weight(one, sentence) for its in read for one in its.phrases}
        return Wish.STOP if Wish.STOP in found else Wish.UNSURE if Wish.UNSURE in found else None

    def bare(self, said: Sequence[str]) -> str:
        """The message without polite words around it; a word that is only repeated counts once."""
        first, last = 0, len(said)
        while first < last and said[first] in self.polite:
            first += 1
        while last > first and said[last - 1] in self.polite:
            last -= 1
        kept = said[first:last]
        return kept[0] if kept and len(set(kept)) == 1 else " ".join(kept)

    def weight(self, phrase: str, sentence: str) -> Wish | None:
        """How sure a phrase is in this sentence; None when it is not there."""
        _, found, after = sentence.partition(f" {phrase} ")
        if not found:
            return None
        if phrase in self.open_ended:
            return Wish.UNSURE
        soon = f" {' '.join(after.split()[:LIMIT_REACH_WORDS])} "
        limited = any(f" {one} " in soon for one in self.limits)
        return Wish.UNSURE if limited and phrase.partition(" ")[0] not in self.firm else Wish.STOP


@cache
def known_words() -> Words:
    """The lists, read once."""
    keywords, context = _table("optout_keywords.toml"), _table("optout_context.toml")
    given = (*keywords["provider"], *keywords["legal_minimum"])
    carrier = (word for row in given for word in row.get("opt_out", row.get("words", ())))
    lists = {row["language"]: _lists(row) for row in keywords["language"]}
    phrases = (one for its in lists.values() for one in (*its.phrases, *its.erase))
    return Words(
        lists=lists,
        keys=frozenset(max(one.split(), key=len) for one in phrases),
        carrier=frozenset(_joined(carrier)),
        polite=frozenset(word for one in _joined(context["polite"]) for word in one.split()),
        signs=frozenset(context["signs"]),
        arranging=frozenset(_joined(context["arranging"])),
        open_ended=frozenset(_joined(context["open_ended"])),
        firm=frozenset(_joined(context["firm"])),
        limits=tuple(_joined(context["limits"])),
    )


def _lists(row: dict[str, Any]) -> Lists:
    return Lists(
        hard=frozenset(_joined(row["hard"])),
        phrases=tuple(_joined(row["phrase"])),
        erase=tuple(_joined(row["erase"])),
    )


def _joined(listed: Iterable[str]) -> list[str]:
    return [" ".join(words(one)) for one in listed]


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((files("shared.rules") / "data" / name).read_text("utf-8"))
