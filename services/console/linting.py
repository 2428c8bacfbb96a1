"""What the contact rules find in a line, in plain sentences. Pure.

A line is written in a language, and may be read wherever that is spoken. What it lacks in each of
these countries it lacks for good; what it may not say in one of them it may not say. What only one
place asks for is looked at by the gateway, which knows whom it writes to.
"""

from collections.abc import Iterator
from datetime import datetime

from shared.events import Line
from shared.lines import lint_line
from shared.rules.duties import Policy
from shared.rules.facts import Facts
from shared.rules.loading import Rules

WANTED = {
    "ai_notice": "that an AI writes",
    "business_name": "the name of the business",
    "stop_line": "how to stop the messages",
    "unsubscribe": "how to unsubscribe",
    "help_line": "how to get help",
    "postal_address": "a postal address",
    "recording_notice": "whether it is recorded",
    "optout_mechanism": "how to opt out",
    "list_unsubscribe": "the header List-Unsubscribe",
    "list_unsubscribe_post": "the header List-Unsubscribe-Post",
}


def faults(line: Line, at: datetime, rules: Rules) -> Iterator[str]:
    """What speaks against signing a line, each as the end of a sentence about it."""
    found = [
        lint_line(line, Facts(country=its), at.date(), rules) for its in _countries(line, rules)
    ]
    for component in _in_all([its.missing for its in found]):
        yield f"does not show {WANTED.get(component, component)}"
    for id_ in dict.fromkeys(id_ for its in found for id_ in its.findings):
        row = rules.rows.get(id_)
        if isinstance(row, Policy) and id_ in rules.lint.policies:
            yield f"breaks {id_}: {row.rule}"


def _countries(line: Line, rules: Rules) -> list[str]:
    """Where the language is spoken; where nobody knows of any, the place that stands for all."""
    places, states = rules.terms.places, rules.terms.places.unknown_state
    spoken = [
        its.code
        for its in rules.places.values()
        if line.language in its.languages and its.parent not in states and its.parent
    ]
    return spoken or [places.elsewhere]


def _in_all(lists: list[tuple[str, ...]]) -> list[str]:
    return [one for one in lists[0] if all(one in its for its in lists)]
