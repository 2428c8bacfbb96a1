"""Words that mix alphabets to pass unread: "stop" with a Cyrillic first letter is still "stop"."""

import re

_CYRILLIC = dict(
    zip("авсеһіјкмнорԛѕтухԝьАВСЕНІЈКМОРЅТУХ", "abcehijkmhopqstyxwbABCEHIJKMOPSTYX", strict=True)
)
_GREEK = dict(zip("αβεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abeiknoptuxABEZHIKMNOPTYX", strict=True))
_LATIN = str.maketrans({**_CYRILLIC, **_GREEK})
_WORD = re.compile(r"\w+")
_LATIN_LETTER = re.compile("[A-Za-z]")
_OTHER_LETTER = re.compile("[\u0370-\u03ff\u0400-\u052f]")


def unmasked(text: str) -> str:
    """The text with Latin letters for their lookalikes, in words that mix alphabets."""
    return _WORD.sub(lambda found: _latin(found.group()), text)


def _latin(word: str) -> str:
    mixed = _LATIN_LETTER.search(word) and _OTHER_LETTER.search(word)
    return word.translate(_LATIN) if mixed else word
