"""What somebody wrote in a mail, without what they quote and without signatures.

Our own words stand in nearly every reply, and they say how to opt out: read as the customer's they
would be an opt-out that nobody asked for. So the cut is made at our own address first, which stands
in the line that introduces a quote whatever the language; known introductions come second.
"""

import re
from collections.abc import Collection, Sequence

QUOTED = re.compile(r"^\s*>")
INTRODUCTION = re.compile(
    r"^\s*(?:On|Am|Le|El|Il|Em|Op|Den|Dnia|W dniu) .{3,200}"
    r"(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev|napisał\(a\)|napisał)"
    r".{0,100}:\s*$"
    r"|^\s*\d{4}.{3,200}(?:rašė|raše|parašė|wrote).{0,100}:\s*$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"^\s*[-_]{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine|"
    r"mensaje original|originalus laiškas|messaggio originale|reply message|"
    r"forwarded message|weitergeleitete nachricht|message transféré)\s*[-_]{2,}\s*$",
    re.IGNORECASE,
)
FROM = re.compile(r"^\s*\*?(?:From|Von|De|Nuo|Da|Van|Od)\s?:\*?\s", re.IGNORECASE)
SENT = re.compile(
    r"^\s*\*?(?:Sent|Date|Gesendet|Datum|Envoyé(?: le)?|Enviado(?: el)?|Fecha|Išsiųsta|Data|"
    r"Inviato|Verzonden|Wysłano)\s?:\*?\s",
    re.IGNORECASE,
)
RULE = re.compile(r"^\s*[_*=-]{5,}\s*$")
SIGNATURE = re.compile(r"^--\s?$")
DEVICE = re.compile(
    r"^\s*(?:sent from|sent with|get outlook|von meinem|gesendet von|gesendet mit|"
    r"envoyé depuis|envoyé de|envoyé à partir de|obtenez outlook|enviado desde|obtener outlook|"
    r"išsiųsta iš|inviato da|verzonden vanaf|wysłano z)\b",
    re.IGNORECASE,
)
INTRODUCTION_LINES_MAX = 4  # mail programs wrap them
HEADER_LINES_MAX = 4


def own_words(text: str, ours: Collection[str]) -> str:
    """The writer's own words; the whole text when nothing else is left. `ours`: our addresses."""
    lines = text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")
    kept = _without_quotes(lines, [address.lower() for address in ours])
    words = "\n".join(_without_signature(kept)).strip()
    return words or text.strip()


def _without_quotes(lines: Sequence[str], ours: Collection[str]) -> list[str]:
    """An introduction with quoted lines below goes with them; any other ends the mail."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        length = _introduction(lines, at, ours)
        if length and not _quotes_below(lines, at + length):
            break
        if not length and not QUOTED.match(lines[at]):
            kept.append(lines[at])
        at += length or 1
    return kept


def _introduction(lines: Sequence[str], at: int, ours: Collection[str]) -> int:
    """How many lines from here on introduce a quote; 0 when this is not the start of one."""
    if QUOTED.match(lines[at]) or not lines[at].strip():
        return 0
    if FORWARDED.match(lines[at]) or _is_header(lines, at):
        return 1
    paragraph = _paragraph(lines, at)[:INTRODUCTION_LINES_MAX]
    for length in range(1, len(paragraph) + 1):
        joined = " ".join(line.strip() for line in paragraph[:length])
        if INTRODUCTION.match(joined):
            return length
    return len(paragraph) if _introduces_us(paragraph, ours) else 0


def _introduces_us(paragraph: Sequence[str], ours: Collection[str]) -> bool:
    """Our address in angle brackets, or in a line that ends with a colon; not in plain talk."""
    first = paragraph[0].lower()
    introducing = paragraph[-1].rstrip().endswith(":")
    return any(f"<{one}>" in first or (one in first and introducing) for one in ours)


def _is_header(lines: Sequence[str], at: int) -> bool:
    """From and Sent under one another, as Outlook writes them, perhaps with a rule above."""
    if RULE.match(lines[at]):
        following = next((n for n in range(at + 1, len(lines)) if lines[n].strip()), at)
        return following > at and _is_header(lines, following)
    below = lines[at + 1 : at + 1 + HEADER_LINES_MAX]
    return bool(FROM.match(lines[at])) and any(SENT.match(line) for line in below)


def _paragraph(lines: Sequence[str], at: int) -> list[str]:
    """The lines from here to the next blank or quoted one."""
    ends = (n for n in range(at, len(lines)) if not lines[n].strip() or QUOTED.match(lines[n]))
    return list(lines[at : next(ends, len(lines))])


def _quotes_below(lines: Sequence[str], at: int) -> bool:
    following = next((line for line in lines[at:] if line.strip()), "")
    return bool(QUOTED.match(following))


def _without_signature(lines: Sequence[str]) -> list[str]:
    ends = (n for n, line in enumerate(lines) if SIGNATURE.match(line))
    kept = list(lines[: next(ends, len(lines))])
    while kept and (not kept[-1].strip() or RULE.match(kept[-1]) or DEVICE.match(kept[-1])):
        kept.pop()
    return kept
