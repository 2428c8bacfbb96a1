"""What a record does not tell of a person opens nothing: each that it may be must be allowed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random

import pytest

from bench.rules import AT, contact
from shared.rules.facts import Facts
from shared.rules.judging import judge, opens_at
from shared.rules.knowing import as_given, read_facts
from shared.rules.loading import load, rules_in_force
from shared.rules.product import P
from shared.rules.verdict import Weight
from shared.rules.whoever import judge_whoever, opens_for_whoever

RULES = rules_in_force()
PARTIES = RULES.terms.values.parties
NOON = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)  # in Paris a quiet hour for private persons
FRENCH = read_facts(
    {
        "country": "FR",
        "tz": "Europe/Paris",
        "channel": "sms",
        "purpose": "marketing",
        "line_type": "mobile",
        "customer_state": "active",
        "ever_paid": True,
        "offer_relation": "similar",
        "script_signed": True,
        "disclosure_first": True,
        "lia_done": True,
        "soft_optin": dict.fromkeys(
            ("details_from_sale", "optout_offered_at_collection", "optout_in_every_message"), True
        ),
    }
)


def of(party: str) -> Facts:
    return replace(FRENCH, party=party)


def test_a_person_who_is_known_is_judged_as_that_one():
    for party in PARTIES:
        assert judge_whoever(of(party), NOON, RULES) == judge(of(party), NOON, RULES)


def test_the_heaviest_verdict_counts_with_all_that_led_to_it():
    assert judge(of("business"), NOON, RULES).verdict is Weight.ALLOW
    assert judge(of("consumer"), NOON, RULES).verdict is Weight.DEFER
    its = judge_whoever(FRENCH, NOON, RULES)
    assert its.verdict is Weight.DEFER
    assert "CH-FR" in its.rules
    without = replace(FRENCH, soft_optin=frozenset())
    assert judge(replace(without, party="business"), NOON, RULES).verdict is Weight.ALLOW
    assert judge_whoever(without, NOON, RULES).verdict is Weight.BLOCK
    assert "CR-FR-MSG" in judge_whoever(without, NOON, RULES).rules


def test_a_state_that_is_not_known_may_be_any():
    unknown = replace(of("consumer"), customer_state=None)
    assert judge_whoever(unknown, NOON, RULES).verdict is Weight.DEFER
    long_ago = replace(unknown, contract_ended=datetime(2024, 1, 1, tzinfo=UTC).date())
    assert judge_whoever(long_ago, NOON, RULES).verdict is Weight.BLOCK


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_it_is_deferred_until_every_reading_is_open(hour):
    at = datetime(2026, 12, 24, hour, 10, tzinfo=UTC)
    its = judge_whoever(FRENCH, at, RULES)
    opens = its.next_allowed or at
    readings = [judge(of(party), opens, RULES).verdict for party in PARTIES]
    assert readings == [Weight.ALLOW] * len(PARTIES)
    assert opens_for_whoever(FRENCH, at, RULES) == opens
    assert opens >= max(opens_at(of(party), at, RULES) or at for party in PARTIES)


def test_it_is_the_same_as_judging_every_party_and_state():
    """Though of parties for which the same rows bind only one is judged."""
    draw, weights = Random(7), set()
    for _ in range(150):
        known = contact(draw)
        for channel in ("whatsapp", "sms", "email", "voice"):
            its = replace(known, channel=channel, call_kind="ai_voice")
            unknown = replace(its, party=None)
            found = judge_whoever(unknown, AT, RULES).verdict
            every = [judge(replace(its, party=party), AT, RULES).verdict for party in PARTIES]
            assert found is max(every, key=lambda one: one.rank)
            weights.add(found)
    assert weights == set(Weight)


def test_where_no_moment_suits_all_waiting_is_no_answer():
    apart = replace(of("consumer"), tz=("Europe/Paris", "Pacific/Apia"))
    assert judge_whoever(replace(apart, party=None), NOON, RULES).verdict is Weight.BLOCK
    assert opens_for_whoever(apart, NOON, RULES) is None


def test_facts_are_written_as_they_are_read():
    given = as_given(FRENCH)
    assert read_facts(given) == FRENCH
    assert "party" not in given


def test_where_no_zone_is_known_it_is_each_day_that_it_is_somewhere():
    """However the moment is written, and whoever was judged before."""
    nowhere = replace(FRENCH, country="ZZ", tz=(), channel="email", party="consumer")
    lapsed = replace(nowhere, customer_state="lapsed", last_transaction=date(2025, 5, 24))
    for offset in (-12, 0, 14):
        at = NOON.astimezone(timezone(timedelta(hours=offset)))
        verdict = judge(lapsed, at, load())
        assert P.ENDED in verdict.rules, "in the Pacific it is 18 months and a day ago"
    assert P.ENDED not in judge(lapsed, NOON - timedelta(hours=4), RULES).rules
