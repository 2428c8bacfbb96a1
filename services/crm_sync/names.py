"""Names to compare: how a name is spelled for good, and how else somebody may write it.

"Sparks, Mitchell", "MITCHELL SPARKS" and "Mr. Mitchell Sparks" are one spelling. "Mitchell S." and
"M. Sparks" are shorter ways to write it: enough to suspect one person, never enough to be sure.
"""

from functools import lru_cache

from services.crm_sync.cells import folded

TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "hr", "fr", "m", "mme", "mlle"}
    | {"sr", "sra", "srta", "don", "doña", "ing", "dipl"}
)
APOSTROPHES = str.maketrans("", "", "'’`´")  # noqa: RUF001  typographic ones too
SPELLINGS_KEPT = 8_192


@lru_cache(SPELLINGS_KEPT)
def spelled(name: str) -> str:
    """The name without regard to case, accents, punctuation, titles and a family name in front."""
    family, comma, given = name.partition(",")
    words = folded((f"{given} {family}" if comma else name).translate(APOSTROPHES)).split()
    while len(words) > 2 and words[0] in TITLES:  # noqa: PLR2004  a first and a last name
        words = words[1:]
    return " ".join(words)


@lru_cache(SPELLINGS_KEPT)
def shorter(spelling: str) -> tuple[str, ...]:
    """Shorter ways to write a spelled name: without middle names, with initials, the first alone.

    A name of one word has none.
    """
    first, *middle, last = spelling.split() if " " in spelling else (spelling, spelling)
    if first == last and not middle:
        return ()
    ways = (
        f"{first} {last}",
        f"{first} {last[0]}",
        f"{first[0]} {last}",
        f"{first[0]} {last[0]}",
        first,
    )
    return tuple(way for way in dict.fromkeys(ways) if way != spelling)
