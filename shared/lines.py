"""What the contact rules find in a line of a script, for somebody in a place. Pure.

An answer is part of a conversation, and may leave out what words that nobody asked for must show.
"""

from dataclasses import replace
from datetime import date

from shared.events.campaign import Line
from shared.rules.case import MARKETING, SERVICE
from shared.rules.facts import Facts
from shared.rules.linting import Lint, Text, lint
from shared.rules.loading import Rules
from shared.words import SERVICE_PURPOSES, Channel, Purpose

UNASKED = frozenset({Purpose.OPENER, Purpose.CALLBACK})
FOOT = "\n{postal_address}\nUnsubscribe"  # as each mail has it


def lint_line(line: Line, whom: Facts, day: date, rules: Rules) -> Lint:
    """What a line lacks where these people are, and the rules that it breaks there.

    Nothing is lacking in an answer.
    """
    first = line.purpose is Purpose.OPENER
    text = Text(
        body=line.text + (FOOT if line.channel is Channel.EMAIL else ""),
        subject=line.subject,
        first_message=first,
        thread_exists=not first,
        list_unsubscribe=True,
        list_unsubscribe_post=True,
    )
    purpose = SERVICE if line.purpose in SERVICE_PURPOSES else MARKETING
    found = lint(text, replace(whom, channel=line.channel.value, purpose=purpose), day, rules)
    return found if line.purpose in UNASKED else replace(found, missing=())
