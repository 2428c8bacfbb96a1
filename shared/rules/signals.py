"""What a provider's event means for us: its error codes, and what a person did on its screens."""

from dataclasses import dataclass
from datetime import date

from shared.rules.answers import Answers
from shared.rules.loading import Rules
from shared.rules.product import P


@dataclass(frozen=True, slots=True)
class Signal:
    """The actions that follow, a set without order, and the rules that say so."""

    actions: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """An error code, or a webhook with a value. What is absent is not known."""

    provider: str = ""
    code: str = ""
    webhook: str = ""
    value: str = ""


def answer_event(event: ProviderEvent, on: date, rules: Rules) -> Signal:
    """What is done about an event. One that nobody knows is not repeated, and somebody is told."""
    answers: Answers = rules.answers
    row = rules.errors.get((event.provider, event.code))
    if row and row.in_force(on, on):
        return Signal((row.engine_action, answers.retry[row.retry]), (row.id,))
    for its in answers.webhooks:
        given = (event.provider, event.webhook, event.value)
        policy = rules.rows.get(its.policy)
        known = policy is not None and policy.in_force(on, on)
        if known and given == (its.provider, its.webhook, its.value):
            return Signal(its.actions, (its.policy,))
    return Signal(answers.unknown_event, (P.FAIL_CLOSED,))
