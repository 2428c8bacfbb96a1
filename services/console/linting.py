"""What the contact rules find in a line, in plain sentences. Pure.

A line is written in a language, and may be read wherever that is spoken. What it lacks in each of
these countries it lacks for good; what it may not say in one of them it may not say. An answer is
part of a conversation, and may leave out what first words must show.
"""

from collections.abc import Iterator
from datetime import datetime

from shared.events import Line
from shared.rules.case import MARKETING, SERVICE
from shared.rules.duties import Policy
from shared.rules.facts import Facts
from shared.rules.linting import Lint, Text, lint
from shared.rules.loading import Rules
from shared.words import SERVICE_PURPOSES, Channel, Purpose

UNASKED = frozenset({Purpose.OPENER, Purpose.CALLBACK})
FOOT = "\n{postal_address}\nUnsubscribe"  # as each mail has it
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
    found = [_read(line, place, at, rules) for place in _countries(line, rules)]
    if line.purpose in UNASKED:
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


def _read(line: Line, country: str, at: datetime, rules: Rules) -> Lint:
    first = line.purpose is Purpose.OPENER
    serves = line.purpose in SERVICE_PURPOSES
    text = Text(
        body=line.text + (FOOT if line.channel is Channel.EMAIL else ""),
        subject=line.subject,
        first_message=first,
        thread_exists=not first,
        list_unsubscribe=True,
        list_unsubscribe_post=True,
    )
    facts = Facts(
        country=country, channel=line.channel.value, purpose=SERVICE if serves else MARKETING
    )
    return lint(text, facts, at, rules)


def _in_all(lists: list[tuple[str, ...]]) -> list[str]:
    return [one for one in lists[0] if all(one in its for its in lists)]
