"""Which characters the bytes of a file stand for.

A byte order mark decides, then zeros at every other place (UTF-16), then UTF-8 by its own strict
form, then the code page in which most words are words of one of its languages. A file that is UTF-8
except for some broken rows stays UTF-8.
"""

import codecs
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

Opener = Callable[[], io.BufferedReader]

HEAD_BYTES = 4_096
LINES_MAX = 1_000  # that are not plain ASCII
LINE_BYTES_MAX = 65_536  # of a line that is looked at
FITTING_MIN = 0.8  # share of the words beyond ASCII that a code page must explain
FREQUENT_BONUS = 0.1  # decides where several code pages explain as much
SCRIPT_WORDS_MIN = 3
ZEROS_MIN = 0.3  # share of the bytes at one half of the places of UTF-16 that are zero

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


# Code page → for each of its languages the letters beyond ASCII, the most frequent ones first.
CODE_PAGES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "cp1252": (
            "üäöß", "éèàêçâîôûùëïœüæ", "óíáéñúüªº", "ãçáéíóêúâôõàü", "àèòùéìîóú", "ëéïöóüíáèú",
            "äåöéü", "øåæéö", "áíðóéöúþýæ", "àéèíóçòúïü", "äõüöšž",
        ),
        "cp1250": ("łęążśóćńź", "áíéěřčšžýůúťďňóľôäĺŕ", "áéöóőüíúű", "ăşţîâ", "ćšžčđ"),
        "cp1257": ("ėšžųįąūčę", "āīšēūņļģžčķŗō", "łęążśóćńź"),
        "cp1254": ("ıüşöçğİâîû",),
        "cp1251": ("оаеинтсрвлкмдпуяыьгзбчйхжшюцщэфіїєґўъёђјљњћџ",),
        "cp1253": ("αοιετσνηυρκλςπμωόίάέήγδθώχύφβξζψϊϋ",),
        "cp1255": ("יוהלאמרבתנשחקכפםטעדןסצגזךףץ",),
        "cp1256": ("الينموردبتةعكفقسحجشصىأطخضءغذزئثظإآؤپچژگ",),
    }
)  # fmt: skip
LATIN_MAX = "\u024f"
TYPOGRAPHY = "€‚„…“”•™ §©«®°±²³´·»¿¡¢£¥№"  # noqa: RUF001  these very characters
# Words: letters and whatever is beyond ASCII, up to an apostrophe or a dash.
_WORD = re.compile(r"[^\x00-\x40\[-`{-\x7f‘’–—]+")  # noqa: RUF001  these very characters


def encoding_of(content: Opener) -> str:
    """The name of the encoding, as Python knows it."""
    with content() as file:
        head = file.read(HEAD_BYTES)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    if wide := _wide(head):
        return wide
    fine, odd = 0, []
    for line in _beyond_ascii(content):
        try:
            line.decode("utf-8")
            fine += 1
        except UnicodeDecodeError:
            odd.append(line)
    return "utf-8" if fine >= len(odd) else _code_page(b"".join(odd)) or "utf-8"


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: of plain letters, one byte of two is zero."""
    zeros = [part.count(0) / max(len(part), 1) for part in (head[::2], head[1::2])]
    if max(zeros) < ZEROS_MIN or min(zeros) * 4 > max(zeros):
        return ""
    return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"


def _beyond_ascii(content: Opener) -> Iterator[bytes]:
    """The first lines that are not plain ASCII. Parts of overlong lines are not looked at."""
    found = 0
    with content() as file:
        inside = False
        while found < LINES_MAX and (line := file.readline(LINE_BYTES_MAX)):
            whole = not inside and (line.endswith(b"\n") or len(line) < LINE_BYTES_MAX)
            inside = not line.endswith(b"\n")
            if whole and not line.isascii():
                found += 1
                yield line


def _code_page(sample: bytes) -> str | None:
    """The code page that explains these bytes best; None when none does."""
    scores = {name: _fitting(sample.decode(name, "replace"), name) for name in CODE_PAGES}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= FITTING_MIN else None


def _fitting(text: str, name: str) -> float:
    """The share of the words beyond ASCII that belong to a language of the code page.

    A word of frequent letters counts a little more than one of rare ones.
    """
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    if CODE_PAGES[name][0][0] > LATIN_MAX and len(words) < SCRIPT_WORDS_MIN:
        return 0.0  # two stray bytes are a word of some script
    return sum(_fits(word, name) for word in words) / max(len(words), 1)


def _fits(word: str, name: str) -> float:
    """More than 0 where one language has all its letters.

    A capital inside a word is a sign of broken text, such as UTF-8 read as something else, and so
    is a Latin letter among those of another script.
    """
    core = word.strip(TYPOGRAPHY)
    if any(c.isupper() and before.islower() for before, c in pairwise(core)):
        return 0.0
    odd = [c if c == "İ" else c.lower() for c in core if c > "\x7f"]
    latin = any(c.isascii() for c in core)
    fitting = (
        letters
        for letters in CODE_PAGES[name]
        if all(c in letters for c in odd) and not (latin and letters[0] > LATIN_MAX)
    )
    return max((_frequency(odd, letters) for letters in fitting), default=0.0)


def _frequency(odd: Sequence[str], letters: str) -> float:
    """From 1 for the rarest of these letters to a little more."""
    places = sum(1 - letters.index(c) / len(letters) for c in odd)
    return 1 + FREQUENT_BONUS * places / max(len(odd), 1)
