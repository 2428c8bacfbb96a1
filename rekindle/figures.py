"""The figures of a recorded stream: what the demo prints and the report shows. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from rekindle.recorded import Recorded
from shared.events import ContactTriaged, DecisionMade, ReplyUnderstood
from shared.outcomes import Outcome
from shared.words import Channel, Intent, Reason, Verdict

W = TypeVar("W", bound=StrEnum)
CALL_BACK = "call_back"  # the verdict of a decision that promises a day


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows count once, under their decisive reason, as they stood when the pool was frozen.

    `touches` are messages that left or may have, `outcomes` the current ones, `suppressed` counts
    persons and `callbacks` the days that were promised.
    """

    rows: int
    admitted: int
    pool: int
    waiting: int
    held: dict[str, int]
    excluded: dict[str, int]
    duplicates: int
    touches: dict[str, int]
    replies: dict[str, int]
    outcomes: dict[str, int]
    booked: int
    suppressed: int
    callbacks: int
    events: int


def figures(recorded: Recorded) -> Figures:
    """Count it all."""
    verdicts = list(recorded.verdicts.values())
    admitted = sum(its.verdict is Verdict.ADMITTED for its in verdicts)
    outcomes = _tally(Outcome, (its.code for its in recorded.outcomes.values()))
    return Figures(
        rows=len(recorded.imported),
        admitted=admitted,
        pool=len(recorded.pool),
        waiting=admitted - len(recorded.pool),
        held=_tally(Reason, _decisive(verdicts, Verdict.HELD)),
        excluded=_tally(Reason, _decisive(verdicts, Verdict.EXCLUDED)),
        duplicates=sum(its.verdict is Verdict.DUPLICATE for its in verdicts),
        touches=_tally(Channel, (touch.channel for touch in recorded.sent)),
        replies=_tally(Intent, (reading.intent for reading in recorded.of(ReplyUnderstood))),
        outcomes=outcomes,
        booked=outcomes.get(Outcome.BOOKED, 0),
        suppressed=len({recorded.person_of(contact) for contact in recorded.suppressions}),
        callbacks=sum(its.verdict == CALL_BACK for its in recorded.of(DecisionMade)),
        events=len(recorded.events),
    )


def _decisive(verdicts: Iterable[ContactTriaged], verdict: Verdict) -> Iterator[Reason]:
    """The reason that decided each verdict of this kind."""
    for its in verdicts:
        if its.verdict is verdict:
            yield from its.reasons[:1]


def _tally(kind: type[W], words: Iterable[W]) -> dict[str, int]:
    """How often each word stands there, in the order in which the words are defined."""
    counts = Counter(words)
    return {str(word): counts[word] for word in kind if word in counts}
