"""Which recorded touches would be judged otherwise, were the law that of another day. Pure.

Each touch is judged twice as it was: at its own moment, from what was on record then, once by the
rows that are in force on the one day and once by those of the other.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from rekindle.lawful import Past
from rekindle.recorded import Recorded, left_at
from shared.rules.loading import Rules
from shared.rules.verdict import Verdict, Weight
from shared.rules.whoever import judge_whoever
from shared.words import SERVICE_PURPOSES, Channel


class Change(NamedTuple):
    """Another verdict on touches of a channel; `rules` decide where it is heavier."""

    channel: Channel
    before: Weight
    after: Weight
    rules: tuple[str, ...]


def changed(recorded: Recorded, first: Rules, last: Rules) -> Counter[Change]:
    """The touches that left or may have, and what their verdict would become.

    What serves the contact is left out: of it only decent hours are asked.
    """
    past = Past(recorded)
    found: Counter[Change] = Counter()
    for touch in recorded.sent:
        known = recorded.verdict_of(touch)
        if known is None or touch.purpose in SERVICE_PURPOSES:
            continue
        facts = past.facts(touch, known)
        before, after = (judge_whoever(facts, left_at(touch), its) for its in (first, last))
        if before.verdict is not after.verdict:
            decided = _heavier(before, after).rules
            found[Change(touch.channel, before.verdict, after.verdict, decided)] += 1
    return found


def _heavier(one: Verdict, other: Verdict) -> Verdict:
    return max(one, other, key=lambda its: its.verdict.rank)


def changes_of(
    recorded: Recorded, first: date, last: date, of_first: Rules, of_last: Rules
) -> Iterator[str]:
    """The same in sentences, the most frequent first."""
    found = changed(recorded, of_first, of_last)
    for its, touches in found.most_common():
        yield (
            f"{touches:,} by {its.channel}: {its.before} by the law of {first}, {its.after} "
            f"by that of {last} ({', '.join(its.rules)})"
        )
    yield f"{found.total():,} of {len(recorded.sent):,} recorded touches would be judged otherwise"
