"""The notation of the rules: short phrases that claim the words they fit.

    stop|quit … <contact>     either word, then up to four others, then any word of a group
    text*                     any ending            really?    may be missing
    or|as_well                an alternative of two words
    ^  $                      the beginning, the end of a sentence

A text is its plain words with `.` between sentences, `?` after questions, and `:yes:` or `:no:` for
thumbs and their like. Words that follow one another may have a comma between them; a gap has none.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from shared.rules.wording import plain

GAP_WORDS = 4
TEXT_LENGTH_MAX = 2_000  # characters that are read of one message
END = "."
COMMA = ","
ENDS = frozenset({".", "?"})
BREAKS = ENDS | {COMMA}
SIGNS = frozenset({"?", ":yes:", ":no:"})

_SIGNS = {
    ":yes:": re.compile("[👍👌✅✔🙌🤝]|💯"),
    ":no:": re.compile("[👎❌✖🙅]"),
    " ? ": re.compile(r"[?¿؟\uff1f]"),
    " . ": re.compile(r"[.!;\n\r…]+"),
}
_TOKEN = re.compile(r":yes:|:no:|[.?,#]|[^\W_]+")

# A wish to be left alone or forgotten yields only to what says that it is none.
FIRM = frozenset({"opt_out", "erasure_request"})
SOFTENING = frozenset({"nothing", "limited"})

Groups = Mapping[str, Collection[str]]  # their words, each as `form` makes it


def read(text: str, fillers: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The words of a text, between two ends of sentence."""
    signed = text[:TEXT_LENGTH_MAX]
    for sign, looks in _SIGNS.items():
        signed = looks.sub(f" {sign} ", signed)
    found = (one for one in _TOKEN.findall(plain(signed)) if one not in fillers)
    return (END, *found, END)


@dataclass(frozen=True, slots=True)
class Step:
    """One word of a phrase. `gap`: others may come before it."""

    exact: frozenset[str]
    stems: tuple[str, ...]
    gap: bool = False
    optional: bool = False

    def fits(self, word: str) -> bool:
        return word in self.exact or (bool(self.stems) and word.startswith(self.stems))


@dataclass(frozen=True, slots=True)
class Phrase:
    """A rule that fits some words. `section` says of what, `sure` whether it decides alone."""

    section: str
    sure: bool
    steps: tuple[Step, ...]
    opens: bool  # only at the beginning of a sentence
    closes: bool  # only at its end

    @property
    def weight(self) -> int:
        """How many words it names: the more, the more it means."""
        return sum(not step.optional for step in self.steps) + self.opens * self.closes

    def end(self, words: Sequence[str], at: int) -> int | None:
        """Where it ends when it begins at this word; None when it does not fit there."""
        if self.opens and words[at - 1] not in BREAKS:
            return None
        end = _end(self.steps, words, at)
        return None if end is None or (self.closes and words[end] not in ENDS) else end


def _end(steps: Sequence[Step], words: Sequence[str], at: int) -> int | None:
    if not steps:
        return at
    step, rest = steps[0], steps[1:]
    here = at + (words[at] == COMMA)
    for place in range(here, min(here + GAP_WORDS * step.gap, len(words) - 1) + 1):
        if step.fits(words[place]) and (end := _end(rest, words, place + 1)) is not None:
            return end
        if words[place] in BREAKS:
            break
    return _end(rest, words, at) if step.optional else None


@dataclass(frozen=True, slots=True)
class Claim:
    """A phrase fits the words from `start` up to `end`."""

    phrase: Phrase
    start: int
    end: int

    def beaten_by(self, other: "Claim") -> bool:
        """Whether a claim of another section to some of these words names more of them."""
        mine, its = self.phrase, other.phrase
        overlap = self.start < other.end and other.start < self.end
        yields = mine.section not in FIRM or its.section in SOFTENING
        return overlap and mine.section != its.section and its.weight > mine.weight and yields


@dataclass(slots=True)
class Phrases:
    """Many phrases, found by the word with which they begin."""

    by_word: dict[str, list[Phrase]] = field(default_factory=lambda: defaultdict(list))
    by_stem: dict[str, list[Phrase]] = field(default_factory=lambda: defaultdict(list))

    def add(self, phrase: Phrase) -> None:
        for step in phrase.steps:
            for word in step.exact:
                self.by_word[word].append(phrase)
            for stem in step.stems:
                self.by_stem[stem].append(phrase)
            if not step.optional:
                break

    def claims(self, words: Sequence[str]) -> list[Claim]:
        """Every claim that no weightier one of another section beats, in order of the words."""
        made = list(self._made(words))
        return [one for one in made if not any(one.beaten_by(other) for other in made)]

    def _made(self, words: Sequence[str]) -> Iterator[Claim]:
        for at in range(1, len(words) - 1):
            for phrase in self._beginning(words[at]):
                end = phrase.end(words, at)
                if end is not None:
                    yield Claim(phrase, at, end)

    def _beginning(self, word: str) -> Iterator[Phrase]:
        yield from self.by_word.get(word, ())
        for length in range(2, len(word) + 1):
            yield from self.by_stem.get(word[:length], ())


def parse(section: str, *, sure: bool, line: str, groups: Groups) -> list[Phrase]:
    """The phrases of one line. Raises ValueError when it names no word, or one that is none."""
    return [_phrase(section, sure=sure, line=one, groups=groups) for one in variants(line)]


def variants(line: str) -> list[str]:
    """The line with each of its `two_words` in their own phrase."""
    pieces = line.split()
    for at, piece in enumerate(pieces):
        if "_" in piece:
            forms = piece.split("|")
            single = "|".join(one for one in forms if "_" not in one)
            choices = [*(one.replace("_", " ") for one in forms if "_" in one), single]
            lines = (" ".join([*pieces[:at], one, *pieces[at + 1 :]]) for one in choices if one)
            return [variant for one in lines for variant in variants(one)]
    return [line]


def _phrase(section: str, *, sure: bool, line: str, groups: Groups) -> Phrase:
    pieces = line.replace("^", "^ ").split()
    steps: list[Step] = []
    gap = False
    for piece in pieces:
        if piece == "…":
            gap = True
        elif piece not in ("^", "$"):
            steps.append(_step(piece, groups, gap=gap))
            gap = False
    if not steps:
        raise ValueError(f"The phrase {line!r} in [{section}] names no word.")
    return Phrase(section, sure, tuple(steps), opens="^" in pieces, closes="$" in pieces)


def _step(piece: str, groups: Groups, *, gap: bool) -> Step:
    optional = len(piece) > 1 and piece.endswith("?")
    forms = set(_forms((piece[:-1] if optional else piece).split("|"), groups))
    return Step(
        exact=frozenset(one for one in forms if not one.endswith("*")),
        stems=tuple(sorted(one[:-1] for one in forms if one.endswith("*"))),
        gap=gap,
        optional=optional,
    )


def _forms(alternatives: Iterable[str], groups: Groups) -> Iterator[str]:
    for one in alternatives:
        if one.startswith("<"):
            yield from groups[one.strip("<>")]
        else:
            yield form(one)


@cache
def form(text: str) -> str:
    """One word of a phrase as texts have it. Raises ValueError when it is not one word."""
    word = text if text in SIGNS else plain(text)
    if not (word in SIGNS or word.removesuffix("*").isalnum()):
        raise ValueError(f"{text!r} is not one word.")
    return word
