"""What is odd about a record: it was made up, or its addresses are nobody's, or everybody's.

Everything here is a function of what was read; the lists are in `oddities.toml`.
"""

import re
from collections.abc import Iterator

from services.crm_sync.cells import folded, table
from services.crm_sync.phones import Number
from shared.words import Oddity

_LISTS = table("oddities.toml")
_NAMES, _BOXES = _LISTS["names"], _LISTS["mailboxes"]
_MADE_UP, _NEUTRAL = frozenset(_NAMES["made_up"]), frozenset(_NAMES["neutral"])
_ROLES, _UNREAD = frozenset(_BOXES["role"]), frozenset(_BOXES["unread"])
_MADE_UP_DOMAINS, _DISPOSABLE = frozenset(_BOXES["made_up"]), frozenset(_BOXES["disposable"])
_FICTIONAL = re.compile("|".join(_LISTS["numbers"]["fictional"]))
_TEST_BOX = re.compile(r"(test|tester|testing|asdf|qwerty)[\d._-]*")
_TEST_TAG = re.compile(r"test\d*")


def is_unread(mailbox: str) -> bool:
    """Nobody reads what is sent to it, as with noreply@… and the like."""
    return _squeezed(mailbox) in _UNREAD


def is_role(mailbox: str) -> bool:
    """Many may read it, such as info@… and the like."""
    return _squeezed(mailbox) in _ROLES


def oddities(
    spelling: str, mailbox: str | None, number: Number | None, country: str
) -> Iterator[Oddity]:
    """What is odd, in the order of `Oddity`.

    `spelling` is the name as `names.spelled` gives it, `country` the one that the record names;
    empty for none.
    """
    local, _, domain = (mailbox or "").lower().rpartition("@")
    if _made_up(spelling) or _test_box(local, domain):
        yield Oddity.TEST_DATA
    if mailbox and is_role(mailbox):
        yield Oddity.ROLE_MAILBOX
    if domain in _DISPOSABLE:
        yield Oddity.DISPOSABLE_MAILBOX
    if number and _FICTIONAL.fullmatch(number.e164):
        yield Oddity.FICTIONAL_NUMBER
    if number and country and number.region != country:
        yield Oddity.NUMBER_ELSEWHERE


def _made_up(spelling: str) -> bool:
    words = set(spelling.split())
    return bool(words & _MADE_UP) and words <= _MADE_UP | _NEUTRAL


def _test_box(local: str, domain: str) -> bool:
    if domain in _MADE_UP_DOMAINS or domain.endswith(".test"):
        return True
    name, _, tag = local.partition("+")
    return bool(_TEST_BOX.fullmatch(name) or _TEST_TAG.fullmatch(tag))


def _squeezed(mailbox: str) -> str:
    """The name of a mailbox without its tag and punctuation."""
    return folded(mailbox.rpartition("@")[0].partition("+")[0]).replace(" ", "")
