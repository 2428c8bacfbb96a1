"""What a template or script lacks, and which rules it breaks.

Each duty to say something asks for components that the words must show; `data/reading/lint.toml`
says which, and by what they are recognised. Every marketing text also shows a way out, whether or
not a law of the place asks for one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shared.rules.case import SERVICE
from shared.rules.duties import Disclosure, Policy
from shared.rules.facts import Facts
from shared.rules.lint_terms import LintTerms, PolicyLint
from shared.rules.loading import Rules
from shared.rules.places import locate
from shared.rules.product import P
from shared.rules.wording import sentences

WAY_OUT, AI_NOTICE = "way_out", "ai_notice"
EVERY = "every"
GREETING_WORDS = 2  # "Hi Ana!" is no sentence of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A template or script. What is absent is taken strictly: a first message, no headers."""

    body: str = ""
    subject: str = ""
    opening: str = ""
    template_category: str | None = None
    first_message: bool = True
    thread_exists: bool = False
    list_unsubscribe: str | bool = False
    list_unsubscribe_post: str | bool = False

    @property
    def words(self) -> str:
        return f"{self.opening}\n{self.body}".strip()


@dataclass(frozen=True, slots=True)
class Lint:
    """What is missing and which rules are broken; it passes when there is neither."""

    missing: tuple[str, ...]
    findings: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.missing and not self.findings


def lint(text: Text, facts: Facts, day: date, rules: Rules) -> Lint:
    """What a template or script lacks on its channel and in its place."""
    return _Reader(text, facts, day, rules, rules.lint).lint()


@dataclass(frozen=True, slots=True)
class _Reader:
    text: Text
    facts: Facts
    day: date
    rules: Rules
    terms: LintTerms

    def lint(self) -> Lint:
        missing: list[str] = []
        findings: list[str] = []
        if not self.text.words or not self.facts.channel:
            findings.append(P.FAIL_CLOSED)
        for rule, components in self.wanted():
            lacking = [one for one in components if not self.shows(one)]
            missing += lacking
            if lacking and rule:
                findings.append(rule)
        findings += (its.id for its in self.policies() if self.breaks(its))
        return Lint(tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(findings)))

    def wanted(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Which components are wanted, each with the rule that wants them, if one does."""
        first = self.text.first_message
        if first:
            yield P.DISCLOSE_FIRST, self.without_notice(self.terms.first_words)
        channel = self.facts.channel or ""
        if first and self.marketing and channel in self.terms.way_out:
            yield "", (self.terms.way_out[channel],)
        for row in self.disclosures():
            if first or EVERY in row.when:
                yield row.id, self.without_notice(self.components(row))
        for policy in self.policies():
            its = self.terms.policies.get(policy.id)
            if its and self.marketing and (first or not its.first_only):
                yield policy.id, its.needs

    def without_notice(self, components: tuple[str, ...]) -> tuple[str, ...]:
        """A person who speaks does not say that it is an AI."""
        if self.facts.call_kind in self.terms.spoken_by_people:
            return tuple(one for one in components if one != AI_NOTICE)
        return components

    def components(self, row: Disclosure) -> tuple[str, ...]:
        named = (self.terms.content[one] for one in row.content)
        out = self.terms.way_out.get(self.facts.channel or "", "optout_mechanism")
        return tuple(out if one == WAY_OUT else one for one in named if one)

    def disclosures(self) -> Iterator[Disclosure]:
        person = self.facts.call_kind in self.terms.spoken_by_people
        for place in self.scopes():
            for row in self.rules.disclosures.get(place, ()):
                automated = row.id in self.terms.automated_only
                if (
                    self.facts.channel in row.channels
                    and row.in_force(self.day, self.day)
                    and row.trigger not in self.terms.when_asked
                    and not (person and automated)
                ):
                    yield row

    def policies(self) -> Iterator[Policy]:
        scopes = frozenset(self.scopes())
        for row in self.rules.policies:
            here = row.channel == self.facts.channel and row.scope in scopes
            if here and row.in_force(self.day, self.day):
                yield row

    def scopes(self) -> tuple[str, ...]:
        location = locate(self.facts, self.rules)
        above = (code for its in location.countries for code in self.rules.lineage(its))
        return (self.rules.terms.places.everywhere, *above, *location.clock_states)

    def shows(self, component: str) -> bool:
        if component in self.terms.headers:
            header = getattr(self.text, component)
            return header is True or _found((self.terms.headers[component],), str(header))
        words = self.text.words
        if component == AI_NOTICE and self.facts.channel in self.terms.in_first_sentence:
            words = _first_sentence(words)
        return _found(self.terms.shows[component], words)

    def breaks(self, policy: Policy) -> bool:
        if policy.engine_action == "lint_category":
            return bool(self.filed_as_service and self.persuades)
        its: PolicyLint | None = self.terms.policies.get(policy.id)
        if its is None or (its.unless and getattr(self.text, its.unless)):
            return False
        return _found(its.finds, self.text.words) or _found(its.finds_in_subject, self.text.subject)

    @property
    def persuades(self) -> bool:
        return _found(self.terms.persuasion, self.text.words)

    @property
    def filed_as_service(self) -> bool:
        """Filed under a category for messages that sell nothing."""
        category = self.text.template_category
        return category is not None and category != "marketing"

    @property
    def marketing(self) -> bool:
        if self.persuades:
            return True
        return not self.filed_as_service and self.facts.purpose != SERVICE


def _found(expressions: tuple[re.Pattern[str], ...], text: str) -> bool:
    return any(one.search(text) for one in expressions)


def _first_sentence(text: str) -> str:
    """The first sentence, together with a greeting that stands before it."""
    parts = sentences(text)
    for number, part in enumerate(parts, 1):
        if len(part.split()) > GREETING_WORDS:
            return " ".join(parts[:number])
    return text
