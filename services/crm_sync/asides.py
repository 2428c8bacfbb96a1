"""Rows of a list that are no customers: totals below the table, and remarks of whoever made it."""

import re
from collections.abc import Sequence

from services.crm_sync.cells import VOCABULARY, folded, word_pattern

TOTAL = "is a total, not a customer"
REMARK = "is a remark about the list, not a customer"

_TOTALS = frozenset(VOCABULARY["asides"]["totals"])
_REMARK = word_pattern(VOCABULARY["asides"]["remarks"])
_QUANTITY = re.compile(r"[\d.,'\s€$£%-]*\d[\d.,'\s€$£%-]*")
COLUMNS_MIN = 3  # of a table in which a row of one cell stands out
REMARK_WORDS_MIN = 3


def aside_of(cells: Sequence[str]) -> str:
    """What is wrong with a row without an address; empty where it may be a customer."""
    said = [text for cell in cells if (text := cell.strip())]
    head, *others = said or [""]
    if folded(head) in _TOTALS and all(map(_QUANTITY.fullmatch, others)):
        return TOTAL
    alone = not others and len(cells) >= COLUMNS_MIN
    is_prose = len(head.split()) >= REMARK_WORDS_MIN or head.startswith("#")
    words = folded(head)
    return REMARK if alone and is_prose and (head[0] == "#" or _REMARK.match(words)) else ""
