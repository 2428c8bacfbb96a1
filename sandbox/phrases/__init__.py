"""What simulated customers say: one file of phrasings per language, grouped by what is meant.

The files also hold how a language writes weekdays, dates and ordinals, so that a customer can
name a day and recognise one in a message.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "de", "fr", "es", "lt")


class Situation(StrEnum):
    """What a customer means by an answer."""

    INTERESTED = "interested"
    PICK_SLOT = "pick_slot"
    NO_SLOT = "no_slot"
    BUSY = "busy"
    NOT_INTERESTED = "not_interested"
    ANGRY = "angry"
    OPT_OUT = "opt_out"
    OUT_OF_OFFICE = "out_of_office"
    WRONG_PERSON = "wrong_person"
    QUESTION_PRICE = "question_price"
    QUESTION_PRODUCT = "question_product"
    QUESTION_HOW = "question_how"
    BOT = "bot"
    HUMAN = "human"
    THANKS = "thanks"
    ANSWER_AFTER_QUESTION = "answer_after_question"
    ANSWER_AFTER_BOT = "answer_after_bot"
    CANCEL_BOOKING = "cancel_booking"


class PutOff(StrEnum):
    """What a busy customer names instead of now."""

    NEXT_WEEK = "next_week"
    TWO_WEEKS = "two_weeks"
    NEXT_MONTH = "next_month"
    WEEKDAY = "weekday"
    DATE = "date"


@dataclass(frozen=True)
class Phrasebook:
    """One language: its phrasings, and its words for days and places in a list.

    `weekdays` (Monday first) are as a customer writes them, `weekday_forms` all the ways to read
    one, in lower case and without a full stop. A phrasing may hold `{weekday}`, `{time}`,
    `{ordinal}`, `{date}` or `{return_date}`.
    """

    weekdays: tuple[str, ...]
    weekday_forms: tuple[frozenset[str], ...]
    months: tuple[str, ...]
    date_pattern: str
    ordinals: tuple[str, ...]
    phrasings: Mapping[Situation, tuple[str, ...]]
    busy: Mapping[PutOff, tuple[str, ...]]

    def written(self, day: date) -> str:
        """Return the day as people write it, without the year: `5 December`."""
        return self.date_pattern.format(day=day.day, month=self.months[day.month - 1])


@cache
def phrasebook(language: str) -> Phrasebook:
    """Return the phrasebook of one of `LANGUAGES`; raise ValueError for any other."""
    if language not in LANGUAGES:
        raise ValueError(f"No customer speaks {language!r}; choose one of {', '.join(LANGUAGES)}.")
    book = tomllib.loads(files(__name__).joinpath(f"{language}.toml").read_text("utf-8"))
    words = book["words"]
    busy = {PutOff(kind): tuple(texts) for kind, texts in book["busy"].items()}
    phrasings = {Situation(name): tuple(texts) for name, texts in book["phrasings"].items()}
    return Phrasebook(
        weekdays=tuple(words["weekdays"]),
        weekday_forms=tuple(frozenset(forms) for forms in words["weekday_forms"]),
        months=tuple(words["months"]),
        date_pattern=words["date"],
        ordinals=tuple(words["ordinals"]),
        phrasings=phrasings
        | {Situation.BUSY: tuple(text for texts in busy.values() for text in texts)},
        busy=busy,
    )
