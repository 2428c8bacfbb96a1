"""An easier reading beside today's rules: what it would open, and what would earn the rest."""

from datetime import date

import pytest

from rekindle.earning import Difference, remedy, would_open
from services.triage.permission import facts_of, permissions
from shared.rules.knowing import as_given
from shared.rules.loading import rules_in_force
from shared.words import Basis, Channel, LineType, Party, Reason, Verdict
from tests.examples import a_contact_triaged
from tests.triage_records import SET_UP, ANumber, a_record, consent
from tests.unit.test_triage_permission import AFTERNOON, LEFT, NEW_YORK, NOON

RULES, TODAY = rules_in_force(), date(2026, 11, 23)
E_MAIL, SMS, WHATSAPP = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP
AMERICAN = ANumber(region="US", line=LineType.UNKNOWN)


def judged(*reasons, now=NOON, set_up=SET_UP, **facts):
    """A contact as triage says it."""
    record = a_record(**{"phone": ANumber(region=facts.get("country", "LT")), **facts})
    its = facts_of(record, (), None, set_up)
    return a_contact_triaged(
        verdict=Verdict.EXCLUDED if reasons else Verdict.ADMITTED,
        reasons=reasons,
        channels=permissions(record, its, {}, now),
        facts=as_given(its),
    )


def test_a_paid_relation_is_enough_for_the_easier_reading_and_not_for_todays_rules():
    its = judged(Reason.NO_LAWFUL_CHANNEL, country="DE", consents=())
    found = Difference([its], TODAY, RULES)
    assert (found.easier(), found.today()) == ([its], [])
    assert {one.channel for one in found.earnings} == {E_MAIL, SMS, WHATSAPP}
    assert all(one.remedy.startswith("An opt-in") for one in found.earnings)


def test_a_relation_that_ended_more_than_18_months_ago_is_none():
    old = LEFT.model_copy(update={"churned_on": date(2025, 5, 22)})
    for account, opens in [(LEFT, True), (old, False)]:
        its = judged(country="DE", consents=(), account=account)
        assert would_open(its, SMS, TODAY) is opens
    boundary = old.model_copy(update={"churned_on": date(2025, 5, 23)})
    assert would_open(judged(country="DE", consents=(), account=boundary), SMS, TODAY)


def test_in_britain_the_easier_reading_wants_a_refusal_offered_from_the_start():
    place = {"country": "GB", "party": Party.CONSUMER}
    assert not would_open(judged(consents=(), **place), SMS, TODAY)
    assert would_open(judged(consents=(consent(Basis.SOFT_OPT_IN),), **place), SMS, TODAY)
    assert would_open(judged(consents=(consent(),), **place), SMS, TODAY)


def test_no_reading_opens_what_somebody_refused_or_what_cannot_be_used():
    landline = judged(phone=ANumber(line=LineType.LANDLINE))
    assert not would_open(landline, SMS, TODAY)
    assert not would_open(judged(phone=None), SMS, TODAY)
    assert would_open(landline, E_MAIL, TODAY)


def test_whoever_is_kept_out_for_another_reason_is_not_compared():
    found = Difference([judged(Reason.NEVER_PAID), judged(Reason.DUPLICATE)], TODAY, RULES)
    assert found.easier() == found.today() == found.earnings == []


@pytest.mark.parametrize(
    ("channel", "changes", "way"),
    [
        (SMS, {}, "A written agreement to automated marketing texts"),
        (SMS, {"consents": (consent(Basis.WRITTEN_CONSENT),), "set_up": ()}, "brand and campaign"),
        (WHATSAPP, {"phone": ANumber(region="US")}, "Another channel has to do"),
    ],
)
def test_each_closed_channel_says_what_would_open_it(channel, changes, way):
    written = {"consents": (consent(Basis.WRITTEN_CONSENT),)} if channel is WHATSAPP else {}
    its = judged(
        now=AFTERNOON, **{"phone": AMERICAN, "consents": (), **NEW_YORK, **written, **changes}
    )
    assert way in remedy(its.channels[channel], its.facts, RULES)


def test_the_most_rewarding_way_comes_first():
    germans = [judged(Reason.NO_LAWFUL_CHANNEL, country="DE", consents=()) for _ in range(3)]
    poles = [judged(Reason.NO_LAWFUL_CHANNEL, country="PL", consents=())]
    counts = [len(one.whom) for one in Difference([*poles, *germans], TODAY, RULES).earnings]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == 4 * 3
