"""E-mail addresses: which are worth writing to, by their form alone.

The form is that of RFC 5321 without what nobody uses: quoted names, addresses of machines, letters
beyond ASCII before the @. A domain beyond ASCII is written as it goes over the wire (RFC 3490).
"""

import re

LOCAL_CHARS_MAX = 64
ADDRESS_CHARS_MAX = 254
CELL_CHARS_MAX = 2_000

_PARTS = re.compile(r"[\s;,|<>()]+|mailto:", re.IGNORECASE)
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE)
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?=[a-z]|xn--)[a-z0-9-]{{2,63}}(?<!-)")
# They name no place on the internet, or are a slip that names none.
_NOWHERE = frozenset({"invalid", "localhost", "local", "internal", "con", "cmo", "ocm", "comm"})


def read_mailbox(text: str) -> str | None:
    """The first valid address of a cell, its domain in lower case."""
    for part in _PARTS.split(text[:CELL_CHARS_MAX]):
        if "@" in part and (address := _valid(part.strip(".:'\"[]"))):
            return address
    return None


def _valid(part: str) -> str | None:
    local, _, domain = part.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            return None
    domain = domain.lower()
    fits = len(local) <= LOCAL_CHARS_MAX and len(local) + len(domain) < ADDRESS_CHARS_MAX
    if not (fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        return None
    return None if domain.rpartition(".")[2] in _NOWHERE else f"{local}@{domain}"
