"""Which of the offered slots a reply chooses. What comes out is one of them, or none.

A slot is chosen by its day or time when only one of those offered fits, by its place in the list
("2", "the second one", "the last one"), by "any of them" (the first), or by a yes when only one was
offered.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from services.agent.clocks import Clock, clock_named
from services.agent.days import WEEKDAYS, Days, Said, days_named
from services.agent.phrases import read
from services.agent.rulebook import rulebook
from services.agent.times import time_words

NOON = 12
UNKNOWN_WORDS_MAX = 3  # around a number that stands for a slot: "I will take 2"


def slot_chosen(
    text: str,
    offered: Sequence[datetime],
    *,
    now: datetime,
    zone: str,
    languages: Sequence[str],
    month_first: bool = False,
) -> datetime | None:
    """The offered slot that the text chooses; None when it chooses none of them."""
    said = answers(text, languages)
    if not offered or "none_of_them" in said:
        return None
    local = [slot.astimezone(ZoneInfo(zone)) for slot in offered]
    words = time_words(text, languages, month_first=month_first)
    place = None
    if "all" not in words:
        place = _by_place(words, local)
        if place is None:
            place = _by_time(words, local, now.astimezone(ZoneInfo(zone)))
    if place is None and not _names_a_time(words, now) and _takes_the_first(said, len(offered)):
        place = 0
    return None if place is None else offered[place]


def answers(text: str, languages: Sequence[str]) -> frozenset[str]:
    """What a text says to an appointment: yes, no, cancelling, none_of_them, any_of_them."""
    books = [rulebook(one) for one in languages]
    claims = (claim for book in books for claim in book.arranging.claims(read(text, book.fillers)))
    return frozenset(claim.phrase.section for claim in claims)


def _takes_the_first(said: frozenset[str], offered: int) -> bool:
    """Any will do, or it is the only one and the answer is yes."""
    return "any_of_them" in said or (offered == 1 and "yes" in said and "no" not in said)


def _by_place(words: Sequence[str], local: Sequence[datetime]) -> int | None:
    """By its number in the list, said by itself or as a number of something."""
    if "final" in words:
        return len(local) - 1
    if "earliest" in words:
        return 0
    for at, word in enumerate(words):
        number = int(word[1:]) if word[:1] in "#@~" and word[1:].isdigit() else 0
        if 1 <= number <= len(local) and _is_place(words, at, local):
            return number - 1
    return None


def _is_place(words: Sequence[str], at: int, local: Sequence[datetime]) -> bool:
    """Whether a small number means a place in the list, and not a day, an hour or a count."""
    before = words[at - 1] if at else ""
    behind = words[at + 1] if at + 1 < len(words) else ""
    if before == "option":
        return True
    if words[at][0] == "~":  # "the second", but not "the second of March"
        return behind in ("", ".", "_", "a", "option", *WEEKDAYS)
    if words[at][0] == "@" and any(slot.day == int(words[at][1:]) for slot in local):
        return False
    known = [one for one in words if one not in ("_", ".", "a")]
    return known == [words[at]] and len(words) - len(known) <= UNKNOWN_WORDS_MAX


def _by_time(words: Sequence[str], local: Sequence[datetime], now: datetime) -> int | None:
    """By the day and the time of day that are named, when exactly one slot fits them."""
    named, rest = days_named(words, now.date())
    days, clock = [one for one in named if one.said is Said.ON], clock_named(rest)
    if not days and clock is None:
        return _by_hour(words, local)
    if "pivot" in words:
        days = days[-1:]
    fitting = [
        at
        for at, slot in enumerate(local)
        if (not days or any(_on(slot, day) for day in days)) and _within(slot, clock)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _by_hour(words: Sequence[str], local: Sequence[datetime]) -> int | None:
    """By a bare number that can only be the hour of one slot."""
    hours = {int(word[1:]) for word in words if word[0] == "#" and word[1:].isdigit()}
    fitting = [at for at, slot in enumerate(local) if {slot.hour, slot.hour % NOON} & hours]
    return fitting[0] if len(fitting) == 1 else None


def _on(slot: datetime, days: Days) -> bool:
    if days.weekday:
        return slot.weekday() == days.first.weekday()
    return days.first <= slot.date() <= days.last


def _within(slot: datetime, clock: Clock | None) -> bool:
    if clock is None:
        return True
    if not clock.exact:
        return clock.start <= slot.time() <= clock.end
    same_hour = slot.hour % NOON == clock.start.hour % NOON
    return same_hour and slot.minute == clock.start.minute


def _names_a_time(words: Sequence[str], now: datetime) -> bool:
    days, rest = days_named(words, now.date())
    return bool(days) or clock_named(rest) is not None
