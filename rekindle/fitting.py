"""Should this founder run a campaign at all? Four disqualifications, and the perimeter. Pure.

What the list can tell is counted in it; what only the founder knows is asked. A question that
nobody answered is not answered for them.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from rekindle.offline import Judged
from services.triage.segments import is_customer
from shared.words import Reason, Status

PAID_MIN = 1_000
ARR_MIN, ARR_SAFE = 50_000, 100_000  # a year, in the currency in which it is told
NOBODY_ELSE = frozenset({Reason.DUPLICATE, Reason.TEST_DATA})
PHONES_PERCENT_SAFE = 25  # of the paid customers; below it the campaign is one of e-mails


class Answer(StrEnum):
    """`warning`: it can be done, and less will come of it."""

    YES = "yes"
    WARNING = "warning"
    NO = "no"
    UNKNOWN = "unknown"


class Question(NamedTuple):
    """One question, its answer, and what to do instead. `rows` are those that were counted."""

    name: str
    answer: Answer
    sentence: str
    advice: str = ""
    rows: Sequence[int] = ()


def fits(questions: Iterable[Question]) -> bool | None:
    """Whether all is well; None while a question is open."""
    answers = {its.answer for its in questions}
    if Answer.NO in answers:
        return False
    return None if Answer.UNKNOWN in answers else True


def paid_customers(judged: Iterable[Judged]) -> list[Judged]:
    """The rows of paid customers, past and present, each person once."""
    return [
        (row, its)
        for row, its in judged
        if is_customer(row.facts.account) and NOBODY_ELSE.isdisjoint(its.reasons)
    ]


def questions(
    judged: Sequence[Judged], arr: float | None, *, offer_works: bool | None
) -> list[Question]:
    """The questions in their order. `arr` is the revenue a year, where the founder tells it."""
    paid = paid_customers(judged)
    return [
        _relation(judged, paid),
        _enough(paid),
        _revenue(arr if arr is not None else revenue(paid)),
        _phones(paid),
        _offer(works=offer_works),
    ]


def revenue(paid: Iterable[Judged]) -> float | None:
    """What the active customers of the list are worth a year; None where it does not say.

    Nothing is added up across currencies.
    """
    worths = [
        row.facts.account.worth
        for row, _ in paid
        if row.facts.account.worth and row.facts.account.status is Status.ACTIVE
    ]
    one_currency = len({its.currency for its in worths}) == 1
    return sum(its.amount for its in worths) if one_currency else None


def _relation(judged: Sequence[Judged], paid: Sequence[Judged]) -> Question:
    name = "Are these your own customers?"
    rows = _rows(paid)
    if rows or any(row.facts.consents for row, _ in judged):
        return Question(name, Answer.YES, f"{len(rows):,} rows have a paid relation.", "", rows)
    return Question(
        name,
        Answer.NO,
        "No row has a paid relation or a consent.",
        "A list without either is one for cold outreach, and this product does not do that: a "
        "cold-outbound provider does. If they are customers, add a column that says who paid.",
    )


def _enough(paid: Sequence[Judged]) -> Question:
    name, rows = "Are there 1,000 paid customers?", _rows(paid)
    sentence = f"The list has {len(rows):,} paid customers."
    if len(rows) >= PAID_MIN:
        return Question(name, Answer.YES, sentence, "", rows)
    advice = "Call them yourself, once a quarter: at this size nothing beats the personal touch."
    return Question(name, Answer.NO, sentence, advice, rows)


def _revenue(arr: float | None) -> Question:
    name = "Is there revenue to expand?"
    if arr is None:
        return Question(
            name, Answer.UNKNOWN, "The list does not say what it earns.", "Say it with --arr."
        )
    sentence = f"The yearly revenue is {arr:,.0f}."
    if arr < ARR_MIN:
        advice = "Win new customers first: below 50,000 a year there is little to recover yet."
        return Question(name, Answer.NO, sentence, advice)
    if arr < ARR_SAFE:
        advice = "Below 100,000 a year a pilot may not earn its fee: look at rekindle roi first."
        return Question(name, Answer.WARNING, sentence, advice)
    return Question(name, Answer.YES, sentence)


def _phones(paid: Sequence[Judged]) -> Question:
    name = "Are there phone numbers?"
    rows = [row.row for row, _ in paid if row.phone]
    sentence = f"{len(rows):,} of {len(paid):,} paid customers have a valid number."
    if not rows:
        advice = (
            "Only e-mails can be sent, and your own e-mail tool does that as well; numbers asked "
            "for at renewal or in the product would make it a campaign of several channels."
        )
        return Question(name, Answer.WARNING, sentence, advice)
    if 100 * len(rows) < PHONES_PERCENT_SAFE * len(paid):
        advice = "Most will be reached by e-mail alone; ask for numbers where people already are."
        return Question(name, Answer.WARNING, sentence, advice, rows)
    return Question(name, Answer.YES, sentence, "", rows)


def _offer(*, works: bool | None) -> Question:
    name = "Does the offer work when you make it yourself?"
    if works is None:
        asked = "Say --offer works if customers took it from you, and --offer fails if not."
        return Question(name, Answer.UNKNOWN, "Only you know.", asked)
    if works:
        return Question(name, Answer.YES, "You said that it does.")
    advice = "Repair the offer first: volume multiplies what is there, and corrects nothing."
    return Question(name, Answer.NO, "You said that it does not.", advice)


def _rows(judged: Iterable[Judged]) -> list[int]:
    return [row.row for row, _ in judged]
