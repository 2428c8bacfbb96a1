"""Which characters the bytes of a file stand for.

A byte order mark decides, then UTF-8 by its own strict form, then the 8-bit code page whose letters
fit best. A file that is UTF-8 except for some broken rows stays UTF-8.
"""

import codecs
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

LINES_MAX = 1_000  # that are not plain ASCII
LINE_BYTES_MAX = 65_536  # of a line that is looked at
FITTING_MIN = 0.8  # share of the letters beyond ASCII that a code page must explain

DAMAGE = "\udcff"  # stands for bytes that are no characters; no text holds it by itself
ERRORS = "rekindle.damage"


def _damaged(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return DAMAGE, error.end


codecs.register_error(ERRORS, _damaged)

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The letters of the languages of western Europe and of the Baltic; the first one wins a draw.
LETTERS = MappingProxyType(
    {
        "cp1252": "àáâãäåæçèéêëìíîïñòóôõöøùúûüœšžßªº",
        "cp1257": "ąčęėįšųūžāēģīķļņōŗõäöüåéóźćńśłßø",
    }
)
TYPOGRAPHY = "€‚„…‘’“”•–—™ §©«®°±²³´·»¿¡¢£¥"  # noqa: RUF001  these very characters


def encoding_of(path: Path) -> str:
    """The name of the encoding, as Python knows it."""
    with path.open("rb") as file:
        head = file.read(4)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    fine, odd = 0, []
    for line in _beyond_ascii(path):
        try:
            line.decode("utf-8")
            fine += 1
        except UnicodeDecodeError:
            odd.append(line)
    return "utf-8" if fine >= len(odd) else _code_page(b"".join(odd)) or "utf-8"


def _beyond_ascii(path: Path) -> Iterator[bytes]:
    """The first lines that are not plain ASCII. Parts of overlong lines are not looked at."""
    found = 0
    with path.open("rb") as file:
        inside = False
        while found < LINES_MAX and (line := file.readline(LINE_BYTES_MAX)):
            whole = not inside and (line.endswith(b"\n") or len(line) < LINE_BYTES_MAX)
            inside = not line.endswith(b"\n")
            if whole and not line.isascii():
                found += 1
                yield line


def _code_page(sample: bytes) -> str | None:
    """The code page that explains these bytes best; None when none does."""
    scores = {name: _fitting(sample.decode(name, "replace"), name) for name in LETTERS}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= FITTING_MIN else None


def _fitting(text: str, name: str) -> float:
    """The share of the characters beyond ASCII that words of these languages are made of."""
    odd = [(before, c) for before, c in zip(" " + text, text, strict=False) if c > "\x7f"]
    return sum(_fits(before, c, LETTERS[name]) for before, c in odd) / max(len(odd), 1)


def _fits(before: str, character: str, letters: str) -> bool:
    """A capital inside a word is a sign of broken text, such as UTF-8 read as something else."""
    if character.isupper() and before.islower():
        return False
    return character.lower() in letters or character in TYPOGRAPHY
