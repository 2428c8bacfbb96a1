"""The verdicts, judged again: triage's rules over what its decisions say it knew. Pure.

A decision names the contact's record first, then what it rests on beside it: others' records, the
suppression list's entries, and the campaigns whose languages are spoken.
"""

from collections.abc import Iterator
from itertools import count, islice
from typing import TypeVar

from rekindle.case import Case, Finding
from rekindle.recorded import Recorded
from rekindle.replaying.comparing import (
    Derived,
    Engine,
    UnderivableError,
    derived_from,
    differences,
)
from services.triage import journal
from services.triage.claims import Claim, claim_of
from services.triage.journal import decision, inputs_of, triaged
from services.triage.judging import Suppressed, judge
from services.triage.listing import bound, by_key, entries_of, listed
from services.triage.standings import standings
from shared.events import (
    CampaignChanged,
    ContactImported,
    ContactSuppressed,
    ContactTriaged,
    DecisionMade,
    Event,
)

TRIAGE = Engine(journal.BY, journal.ENGINE, journal.RULES)
E = TypeVar("E", bound=Event)


def verdicts_come_out_the_same(case: Case) -> Iterator[Finding]:
    """Those that are all of this engine and these rules; of each contact the first difference."""
    for its in TRIAGE.stories(case.recorded, (ContactTriaged,)):
        retrial = Retrial(case.recorded)
        yield from islice(differences(case, its, retrial.again), 1)


class Retrial:
    """One contact's verdicts, as far as they were judged again."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._revisions = count(1)

    def again(self, made: DecisionMade) -> list[Derived]:
        """What was said when this was decided. Raises UnderivableError."""
        records = {its.subject: its for its in self._named(made, ContactImported)}
        if made.subject not in records:
            raise UnderivableError("names no record of its contact")
        record, now = records[made.subject], made.decided_at
        entries = by_key(entries_of(self._named(made, ContactSuppressed)).values())
        on_list = {who: listed(its, entries) for who, its in records.items()}
        standing = standings(self._claim(its, on_list[who]) for who, its in records.items())
        campaigns = self._named(made, CampaignChanged)
        languages = {word for its in campaigns for word in its.languages} if campaigns else None
        its = standing[made.subject], on_list[made.subject]
        judgement = judge(record, *its, languages, made.set_up, now)
        inputs = inputs_of(record, *its, sorted(campaign.id for campaign in campaigns))
        said = triaged(record, next(self._revisions), judgement)
        return derived_from(
            made.cause_id, TRIAGE.by, (said, decision(record, judgement, inputs, made.set_up, now))
        )

    def _named(self, made: DecisionMade, kind: type[E]) -> list[E]:
        """The inputs of this kind, in the order in which they happened."""
        places, known = self._recorded.places, self._recorded.by_id
        named = sorted((id_ for id_ in made.inputs if id_ in places), key=places.__getitem__)
        return [event for event in map(known.__getitem__, named) if isinstance(event, kind)]

    def _claim(self, record: ContactImported, on_list: Suppressed) -> Claim:
        first = self._recorded.imported[record.subject][0]
        claim = claim_of(record, record.subject, first.time, first.row, record.id)
        return bound(claim, on_list)
