"""What a verdict depends on beside its record: others' records, suppressions, the script."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

import sqlalchemy as sa

from services.triage import store
from services.triage.campaigns import Spoken, spoken
from services.triage.claims import Claim, claim_of
from services.triage.judging import Suppressed
from services.triage.listing import bound
from services.triage.standings import Standing, standings
from services.triage.store import Contact, Neighbour
from services.triage.suppressions import suppressed


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Of the contacts at hand. `neighbours` are the others that are linked to them."""

    claims: Mapping[UUID, Claim]
    neighbours: Mapping[UUID, Neighbour]
    standing: Mapping[UUID, Standing]
    suppressed: Mapping[UUID, Suppressed]
    spoken: Mapping[UUID, Spoken]

    @property
    def contested(self) -> set[UUID]:
        """Those at hand that have an address or a CRM id in common with somebody."""
        others = (its.claim for its in self.neighbours.values())
        count = Counter(chain.from_iterable(c.hashes for c in (*self.claims.values(), *others)))
        return {who for who, its in self.claims.items() if any(count[h] > 1 for h in its.hashes)}

    @property
    def moved(self) -> Iterable[tuple[UUID, Neighbour]]:
        """The others that no longer stand where they stood when they were last judged."""
        for who, its in self.neighbours.items():
            if str(self.standing[who]) != its.standing:
                yield who, its


def look_around(
    tx: sa.Connection,
    known: Mapping[UUID, Contact],
    contacts: Mapping[UUID, Contact],
    changing: Collection[UUID],
) -> Surroundings:
    """The surroundings of `contacts`; `known` is how the same contacts stood before.

    What those that are `changing` claim, and claimed before, is locked until the transaction ends,
    so that of two who claim the same hash at one moment the second sees the first. Links that lie
    further away are not locked: who is contested has to look again after this transaction.
    """
    on_list = suppressed(tx, (contact.record for contact in contacts.values()))
    claims = {who: _claim(its, on_list.get(who)) for who, its in contacts.items()}
    before = {who: _claim(its, None) for who, its in known.items()}
    store.lock_claims(
        tx, _hashes(its[who] for its in (claims, before) for who in changing if who in its)
    )
    hashes = _hashes(chain(claims.values(), before.values()))
    neighbours = store.neighbours(tx, contacts.keys(), hashes)
    others = (its.claim for its in neighbours.values())
    return Surroundings(
        claims=claims,
        neighbours=neighbours,
        standing=standings(chain(claims.values(), others)),
        suppressed=on_list,
        spoken=spoken(tx, {its.record.workspace_id for its in contacts.values()}),
    )


def _claim(contact: Contact, on_list: Suppressed | None) -> Claim:
    record = contact.record
    claim = claim_of(record, record.subject, contact.since, contact.first_row, record.id)
    return bound(claim, on_list) if on_list else claim


def _hashes(claims: Iterable[Claim]) -> set[str]:
    return set(chain.from_iterable(claim.hashes for claim in claims))
