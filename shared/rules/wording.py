"""How words are compared: without regard to case, accents, apostrophes and what cannot be seen.

`plain` is what every rule about words sees, and what the rules themselves are brought to, so that
"Don't  CALL", "dont call" and a "don't call" with something invisible in it are the same.
"""

import re
from unicodedata import category, normalize

# Latin letters with a stroke have no accent to take off.
_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "\u0131": "i"})
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u00b4`\uff07", "'"))
_ELIDED = re.compile(
    r"\b(l|d|m|n|j|c|s|t|qu|un|dell|all|dall|nell|sull|quest|jusqu|aujourd)'(?=\w)"
)
_WORD = re.compile(r"[^\W_]+")
_SPELLED = re.compile(r"\b[^\W\d_](?: [^\W\d_]){2,}\b")
_SENTENCE_END = re.compile(r"[.!?;\n\r…]+")
_NOT_SEEN = frozenset({"Mn", "Me", "Cf"})  # accents, enclosing marks, zero-width characters


def plain(text: str) -> str:
    """The text as rules see it: folded, one blank between what blanks separate.

    An elided article or pronoun stands alone ("l'oubli" is "l oubli"), any other apostrophe goes
    ("don't" is "dont"). Doing it twice changes nothing.
    """
    folded = _without_marks(_without_marks(text).casefold()).translate(_STROKES)
    elided = _ELIDED.sub(r"\1 ", folded.translate(_APOSTROPHES)).replace("'", "")
    return " ".join(elided.split())


def words(text: str) -> tuple[str, ...]:
    """The plain words of a text: runs of letters and digits. "S T O P" is "stop"."""
    return tuple(_SPELLED.sub(_joined, " ".join(_WORD.findall(plain(text)))).split())


def sentences(text: str) -> tuple[str, ...]:
    """The text cut at full stops, question and exclamation marks, semicolons and new lines."""
    return tuple(part.strip() for part in _SENTENCE_END.split(text) if part.strip())


def _joined(spelled: re.Match[str]) -> str:
    return spelled.group().replace(" ", "")


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    return "".join(one for one in normalize("NFKD", text) if category(one) not in _NOT_SEEN)
